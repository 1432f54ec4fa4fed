import type BetterSqlite3 from 'better-sqlite3';

/**
 * The steps of SQLite's plan for a query, one line each, such as `SEARCH jobs USING INDEX jobs_status_created_at
 * (status=?)`. A store's test asserts that they name its index and hold no `SCAN` of a table that grows.
 */
export function explain(
  raw: BetterSqlite3.Database,
  sql: string,
  params: readonly unknown[] | Record<string, unknown> = [],
): string[] {
  const rows = raw.prepare(`EXPLAIN QUERY PLAN ${sql}`).all(params) as { detail: string }[];
  return rows.map((row) => row.detail);
}
