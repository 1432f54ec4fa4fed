import { getTableColumns, getTableName } from 'drizzle-orm';
import type { SQLiteColumn, SQLiteTable } from 'drizzle-orm/sqlite-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Database } from './open.ts';
import * as schema from './schema/index.ts';
import { openMemoryDatabase } from './testing.ts';

/** The indexes that the data model promises; ` desc` marks a descending column. */
const promisedIndexes = `
machines(hostname, port)
machines(status)
machines(os_family, machine_kind)
machines(hardware_profile)
snapshots(machine_id, kind, created_at desc)
snapshots(kind, status, created_at desc)
executions(machine_id, started_at desc)
executions(action, status, started_at desc)
executions(job_id)
machine_events(machine_id, created_at desc)
machine_events(event_type, created_at desc)
machine_hardware(updated_at desc)
machine_metrics_latest(collected_at desc)
machine_metrics_latest(root_used_percent)
apt_planned_packages(dedup_key)
apt_planned_packages(machine_id, name)
apt_applied_packages(dedup_key)
apt_applied_packages(execution_id)
docker_compose_stacks(machine_id, status)
docker_stack_services(stack_id, status)
jobs(status, created_at)
jobs(machine_id, status)
schedules(enabled, next_run_at)
action_requests(status, created_at)
reports(machine_id, created_at desc)
reports(kind, created_at desc)
important_messages(machine_id, severity, last_seen_at desc)
important_messages(category, acknowledged, last_seen_at desc)
important_messages(package_name)
raw_artifacts(machine_id, created_at desc)
raw_artifacts(expires_at)
ssh_terminal_sessions(machine_id, opened_at desc)
ssh_terminal_sessions(status)
hermes_runs(session_id, started_at desc)
hermes_usage(run_id)
api_clients(status, client_kind)
jobs(partition_key, status, created_at)
cascades(status)
dependencies(child_type, child_id)
stack_versions(stack_id, version desc)
operation_logs(timestamp desc)
`
  .trim()
  .split('\n');

/** A full-text index and the tables in which FTS5 keeps it (https://sqlite.org/fts5.html, section 9). */
const fullTextTables = (name: string): string[] => [
  name,
  ...['data', 'idx', 'docsize', 'config'].map((part) => `${name}_${part}`),
];

const tables: readonly SQLiteTable[] = Object.values(schema);
const columnsOf = (table: SQLiteTable): SQLiteColumn[] => Object.values<SQLiteColumn>(getTableColumns(table));

let database: Database;
beforeAll(() => {
  database = openMemoryDatabase();
});
afterAll(() => {
  database.close();
});

/** Some value that a column accepts. */
function sample(column: SQLiteColumn): unknown {
  if (column.enumValues?.length) return column.enumValues[0];
  return column.getSQLType() === 'text' ? 'x' : 0;
}

/** Inserts one row with every required column filled and `changes` on top, then takes it back. */
function tryRow(table: SQLiteTable, changes: Record<string, unknown>): void {
  const row = new Map<string, unknown>();
  for (const column of columnsOf(table)) if (column.notNull) row.set(column.name, sample(column));
  for (const [name, value] of Object.entries(changes)) row.set(name, value);
  const names = [...row.keys()].map((name) => `"${name}"`).join(', ');
  const marks = [...row.keys()].map(() => '?').join(', ');
  database.raw.pragma('foreign_keys = OFF');
  database.raw.exec('begin');
  try {
    database.raw
      .prepare(`insert into ${getTableName(table)} (${names}) values (${marks})`)
      .run(...row.values());
  } finally {
    database.raw.exec('rollback');
    database.raw.pragma('foreign_keys = ON');
  }
}

interface IndexColumn {
  readonly name: string | null;
  readonly desc: 0 | 1;
  readonly key: 0 | 1;
}
function indexesOf(table: string): string[][] {
  const list = database.raw.pragma(`index_list(${table})`) as { name: string }[];
  return list.map(({ name }) =>
    (database.raw.pragma(`index_xinfo(${name})`) as IndexColumn[])
      .filter((column) => column.key === 1)
      .map((column) => `${column.name}${column.desc ? ' desc' : ''}`),
  );
}

describe.each(tables.map((table) => [getTableName(table), table] as const))('table %s', (name, table) => {
  it('has the columns of the schema, and is strict', () => {
    const inDatabase = database.raw.pragma(`table_info(${name})`) as {
      name: string;
      type: string;
      notnull: number;
    }[];
    expect(
      inDatabase.map((column) => `${column.name} ${column.type.toLowerCase()} ${column.notnull}`).sort(),
    ).toEqual(
      columnsOf(table)
        .map((column) => `${column.name} ${column.getSQLType()} ${Number(column.notNull)}`)
        .sort(),
    );
    expect(database.raw.pragma(`table_list(${name})`)).toMatchObject([{ strict: 1 }]);
  });

  it('refuses what is outside an enumeration, and a boolean other than 0 and 1', () => {
    tryRow(table, {});
    for (const column of columnsOf(table)) {
      const allowed = column.columnType === 'SQLiteBoolean' ? [0, 1] : (column.enumValues ?? []);
      const refused =
        column.columnType === 'SQLiteBoolean'
          ? [2, -1]
          : allowed.length > 0
            ? ['', 'nonsense', String(allowed[0]).toUpperCase()]
            : [];
      for (const value of allowed) tryRow(table, { [column.name]: value });
      for (const value of refused)
        expect(() => tryRow(table, { [column.name]: value }), `${name}.${column.name} = ${value}`).toThrow(
          /CHECK constraint failed/,
        );
    }
  });

  it('has an index that begins with each foreign key, so that a purge never scans it', () => {
    const keys = database.raw.pragma(`foreign_key_list(${name})`) as { from: string }[];
    const firstColumns = indexesOf(name).map(([first]) => first?.replace(' desc', ''));
    for (const { from } of keys) expect(firstColumns, `${name}.${from}`).toContain(from);
  });
});

it.each(promisedIndexes)('index %s', (line) => {
  const [, table = '', columns = ''] = /^(\w+)\((.+)\)$/.exec(line) ?? [];
  expect(indexesOf(table)).toContainEqual(columns.split(', '));
});

it('has no table that the schema does not know', () => {
  const names = database.raw
    .prepare("select name from sqlite_schema where type = 'table' and name not like 'sqlite_%'")
    .pluck()
    .all();
  expect(names.sort()).toEqual(
    [...tables.map(getTableName), 'schema_migrations', ...fullTextTables('report_search')].sort(),
  );
});

describe('rules of the data', () => {
  const at = '2026-01-01T00:00:00.000Z';
  const machine = { hostname: 'h', osFamily: 'debian', username: 'u', status: 'unknown' } as const;

  it('an unchecked machine has unknown counts, not zero', () => {
    const own = openMemoryDatabase();
    own.db
      .insert(schema.machines)
      .values({ ...machine, id: 'm', name: 'm', createdAt: at, updatedAt: at })
      .run();
    own.db.insert(schema.machineState).values({ machineId: 'm', status: 'unknown', updatedAt: at }).run();
    const state = own.db.select().from(schema.machineState).get();
    expect(state).toMatchObject({
      aptUpdatesCount: null,
      aptSecurityCount: null,
      aptRebootRequired: null,
      dockerInstalled: null,
      dockerUpdatesCount: null,
      diskWarningsCount: null,
      hardwareWarningsCount: null,
    });
    own.close();
  });

  it('purging a machine takes its rows along but leaves files to the clean-up', () => {
    const own = openMemoryDatabase();
    own.db
      .insert(schema.machines)
      .values({ ...machine, id: 'm', name: 'm', createdAt: at, updatedAt: at })
      .run();
    own.db
      .insert(schema.machineEvents)
      .values({ id: 'e', machineId: 'm', eventType: 'added', severity: 'info', createdAt: at })
      .run();
    own.db
      .insert(schema.rawArtifacts)
      .values({ id: 'a', machineId: 'm', kind: 'raw_log', path: 'p', createdAt: at })
      .run();
    own.db.delete(schema.machines).run();
    expect(own.db.select().from(schema.machineEvents).all()).toEqual([]);
    expect(own.db.select().from(schema.rawArtifacts).get()).toMatchObject({ id: 'a', machineId: null });
    own.close();
  });

  it('at most one job of a partition runs', () => {
    const own = openMemoryDatabase();
    const job = (id: string, partitionKey: string) =>
      own.db
        .insert(schema.jobs)
        .values({ id, kind: 'k', partitionKey, status: 'running', createdAt: at, updatedAt: at })
        .run();
    job('1', 'a');
    job('2', 'b');
    expect(() => job('3', 'a')).toThrow(/UNIQUE/);
    own.close();
  });
});
