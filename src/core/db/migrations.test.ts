import { describe, expect, it } from 'vitest';
import { explain } from './explain.ts';
import { readMigrations } from './migrations.ts';
import type { Database } from './open.ts';
import { migrationsDir, openMemoryDatabase } from './testing.ts';

/** What each migration promises, asserted on a database that has it. A migration without an entry fails below. */
const promises: Record<string, (database: Database) => void> = {
  '0000_initial': ({ raw }) => {
    const plan = (sql: string, ...params: unknown[]) => explain(raw, sql, params).join('\n');
    expect(
      plan('select id from machine_events where machine_id = ? order by created_at desc limit 50', 'm'),
    ).toMatch(/^SEARCH machine_events USING (COVERING )?INDEX machine_events_machine_id_created_at/);
    expect(
      plan("select id from jobs where partition_key = ? and status = 'queued' order by created_at", 'm'),
    ).toMatch(/^SEARCH jobs USING (COVERING )?INDEX jobs_partition_key_status_created_at/);
    expect(
      plan('select * from stack_versions where stack_id = ? order by version desc limit 1', 's'),
    ).toMatch(/^SEARCH stack_versions USING INDEX stack_versions_stack_id_version/);
    expect(plan('select * from operation_logs order by timestamp desc limit 100')).toBe(
      'SCAN operation_logs USING INDEX operation_logs_timestamp',
    );
    expect(plan('select * from raw_artifacts where expires_at < ?', 'now')).toMatch(
      /^SEARCH raw_artifacts USING INDEX raw_artifacts_expires_at/,
    );
  },
};

describe('each migration keeps its promise', () => {
  it.each(readMigrations(migrationsDir).map(({ tag }) => tag))('%s', (tag) => {
    const database = openMemoryDatabase();
    expect(database.raw.prepare('select tag from schema_migrations').pluck().all()).toContain(tag);
    expect(promises[tag], `write down what ${tag} promises`).toBeDefined();
    promises[tag]?.(database);
    database.close();
  });
});
