import BetterSqlite3 from 'better-sqlite3';
import { describe, expect, it } from 'vitest';
import { explain } from './explain.ts';
import { applyMigrations, readMigrations } from './migrations.ts';
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
  // Also after a later migration: one that rebuilds a table drops its triggers.
  '0001_fleet_updates': ({ raw }) => {
    expect(
      raw
        .prepare(
          "select name from sqlite_schema where type = 'trigger' and name like 'fleet_updates_%' order by name",
        )
        .pluck()
        .all(),
    ).toEqual([
      'fleet_updates_machine_purged',
      'fleet_updates_machine_removed',
      'fleet_updates_machine_restored',
      'fleet_updates_planned_in',
      'fleet_updates_planned_kept',
      'fleet_updates_planned_out',
    ]);
  },
  // The same.
  '0011_message_matters': ({ raw }) => {
    expect(
      raw
        .prepare(
          "select name from sqlite_schema where type = 'trigger' and name like 'message_matters_%' order by name",
        )
        .pluck()
        .all(),
    ).toEqual([
      'message_matters_changed',
      'message_matters_gone',
      'message_matters_machine_purged',
      'message_matters_machine_removed',
      'message_matters_machine_restored',
      'message_matters_told',
    ]);
    const plan = (sql: string) => explain(raw, sql, ['x']).join('\n');
    expect(
      plan(
        'select * from message_matters where acknowledged = 1 order by last_seen_at desc, dedup_key limit ?',
      ),
    ).toBe('SEARCH message_matters USING INDEX message_matters_acknowledged_last_seen_at (acknowledged=?)');
  },
  '0002_machine_descriptions': ({ raw }) => {
    raw.exec(`insert into machines (id, name, hostname, os_family, username, status, created_at, updated_at)
      values ('a', 'a', 'a', 'debian', 'u', 'online', 't', 't')`);
    const insert = raw.prepare(
      "insert into machine_descriptions (machine_id, chosen_kind, updated_at) values ('a', ?, 't')",
    );
    expect(() => insert.run('toaster')).toThrow(/CHECK/);
    insert.run('lxc');
    raw.exec("delete from machines where id = 'a'");
    expect(raw.prepare('select count(*) from machine_descriptions').pluck().get()).toBe(0);
  },
  '0003_machine_metrics_history': ({ raw }) => {
    const plan = (sql: string) => explain(raw, sql, ['m']).join('\n');
    expect(plan('select * from machine_metrics_history where machine_id = ? order by collected_at')).toMatch(
      /^SEARCH machine_metrics_history USING INDEX sqlite_autoindex_machine_metrics_history_1/,
    );
    expect(
      explain(raw, 'select id from bulk_runs order by created_at desc limit 100', []).join('\n'),
    ).toMatch(/^SCAN bulk_runs USING (COVERING )?INDEX bulk_runs_created_at/);
    raw.exec(`
      insert into bulk_runs (id, action, status, on_failure, concurrency, created_at, updated_at) values
        ('b', 'machine_probe', 'running', 'stop', 1, '', '');
    `);
    expect(raw.prepare('select hardware_warnings_json from machine_state').all()).toEqual([]);
  },
  '0004_notifications': ({ raw }) => {
    const plan = (sql: string) => explain(raw, sql, []).join('\n');
    expect(plan('select * from notifications order by last_at desc limit 100')).toBe(
      'SCAN notifications USING INDEX notifications_last_at',
    );
    expect(plan('select count(*) from notifications where read_at is null')).toMatch(
      /^SEARCH notifications USING COVERING INDEX notifications_read_at_last_at/,
    );
    expect(
      plan("select id from machine_events where severity = 'error' order by created_at desc limit 100"),
    ).toMatch(/^SEARCH machine_events USING (COVERING )?INDEX machine_events_severity_created_at/);
    const insert = raw.prepare(
      "insert into notifications (id, kind, severity, created_at, last_at, dedup_key) values (?, ?, 'info', 't', 't', 'k')",
    );
    expect(() => insert.run('a', 'shouting')).toThrow(/CHECK/);
    insert.run('a', 'run_ended');
    expect(raw.prepare('select occurrences, read_at from notifications').get()).toEqual({
      occurrences: 1,
      read_at: null,
    });
  },
  '0008_port_forwards': ({ raw }) => {
    raw.exec(`
      insert into machines (id, name, hostname, os_family, username, status, created_at, updated_at) values
        ('m', 'm', 'm', 'debian', 'u', 'online', '', '');
      insert into port_forwards (id, machine_id, kind, bind_port, target_host, target_port, created_at, updated_at)
        values ('f', 'm', 'local', 8080, 'localhost', 80, 't', 't');
    `);
    expect(raw.prepare('select bind_address, starts_with_app from port_forwards').get()).toEqual({
      bind_address: '127.0.0.1',
      starts_with_app: 0,
    });
    expect(() => raw.exec("update port_forwards set kind = 'dynamic'")).toThrow(/CHECK/);
    expect(explain(raw, 'select id from port_forwards where machine_id = ?', ['m']).join('\n')).toMatch(
      /^SEARCH port_forwards USING .*INDEX port_forwards_machine_id/,
    );
    expect(
      explain(
        raw,
        "select id from raw_artifacts where kind = 'recording' and deleted_at is null order by created_at desc limit 500",
      ).join('\n'),
    ).toBe('SEARCH raw_artifacts USING INDEX raw_artifacts_kind_created_at (kind=?)');
    raw.exec("delete from machines where id = 'm'");
    expect(raw.prepare('select count(*) from port_forwards').pluck().get()).toBe(0);
  },
  '0006_job_queue': ({ raw }) => {
    raw.exec(`
      insert into machines (id, name, hostname, os_family, username, status, created_at, updated_at) values
        ('held', 'held', 'held', 'debian', 'u', 'online', '', '');
      insert into queue_pauses (machine_id, paused_at) values ('held', 't');
      insert into jobs (id, kind, partition_key, status, created_at, updated_at, not_before) values
        ('waits', 'k', 'p', 'queued', 't', 't', 't2');
      insert into job_logs (id, job_id, seq, at, level, message, code, data_json) values
        ('l', 'waits', 1, 't', 'info', 'm', 'started', '{}');
    `);
    expect(() => raw.exec("update job_logs set code = 'of a later version'")).toThrow(/CHECK/);
    raw.exec("delete from machines where id = 'held'; delete from jobs where id = 'waits'");
    expect(raw.prepare('select count(*) from queue_pauses').pluck().get()).toBe(0);
    expect(raw.prepare('select count(*) from job_logs').pluck().get()).toBe(0);
  },
  '0007_terminals': ({ raw }) => {
    raw.exec(`
      insert into machines (id, name, hostname, os_family, username, status, created_at, updated_at) values
        ('shown', 'shown', 'shown', 'debian', 'u', 'online', '', '');
      insert into terminal_screens (id, window_id, machine_id, enc_screen, updated_at) values
        ('p', 'w', 'shown', 'v1:', 't');
      insert into terminal_snippets (id, name, name_key, body, created_at, updated_at) values
        ('s', 'Logs', 'logs', 'journalctl', 't', 't');
      delete from machines where id = 'shown';
    `);
    expect(raw.prepare('select count(*) from terminal_screens').pluck().get()).toBe(0);
    expect(() =>
      raw.exec(
        "insert into terminal_snippets (id, name, name_key, body, created_at, updated_at) values ('s2', 'LOGS', 'logs', 'x', 't', 't')",
      ),
    ).toThrow(/UNIQUE/);
  },
  '0009_requests_outward': ({ raw }) => {
    raw.exec(`
      insert into machines (id, name, hostname, os_family, username, status, created_at, updated_at) values
        ('asked', 'asked', 'asked', 'debian', 'u', 'online', '', '');
      insert into action_requests (id, requested_by_type, action, status, created_at, binding, job_id) values
        ('r', 'user', 'reboot', 'pending', 't', 'b', null);
      insert into action_request_machines (request_id, machine_id, position, options_json) values ('r', 'asked', 0, '{}');
      insert into outward_channels (id, kind, name, config_json, filter_json, created_at, updated_at) values
        ('c', 'ntfy', 'phone', '{}', '{}', 't', 't');
      insert into outward_messages (id, channel_id, status, created_at, expires_at, content_json, dedup_key) values
        ('m', 'c', 'waiting', 't', 't', '{}', 'k');
      insert into notifications (id, kind, severity, created_at, last_at, dedup_key) values
        ('n', 'request', 'info', 't', 't', 'request:r');
    `);
    expect(() => raw.exec("update outward_channels set kind = 'pigeon'")).toThrow(/CHECK/);
    raw.exec("delete from action_requests where id = 'r'; delete from outward_channels where id = 'c'");
    raw.exec("delete from machines where id = 'asked'; delete from notifications where id = 'n'");
    expect(raw.prepare('select count(*) from action_request_machines').pluck().get()).toBe(0);
    expect(raw.prepare('select count(*) from outward_messages').pluck().get()).toBe(0);
  },
  '0010_schedules': ({ raw }) => {
    const plan = (sql: string) => explain(raw, sql, []).join('\n');
    raw.exec(`
      insert into machines (id, name, hostname, os_family, username, status, created_at, updated_at) values
        ('m', 'm', 'm', 'debian', 'u', 'online', '', '');
      insert into schedules (id, name, cron, timezone, scope_json, actions_json, catch_up, created_at, updated_at)
        values ('s', 'n', 'c', 'z', '{}', '[]', 'ask', 't', 't');
      insert into schedule_runs (id, schedule_id, due_at, trigger, status, plan_json, created_at, updated_at)
        values ('r', 's', 't', 'due', 'running', '{}', 't', 't');
      insert into schedule_run_machines (run_id, machine_id, position, wave, state) values ('r', 'm', 0, 0, 'waiting');
      insert into schedule_run_steps (run_id, machine_id, step, state) values ('r', 'm', 0, 'job');
    `);
    // A due moment has one run, a step is taken once, a machine is armed once for a moment.
    expect(() =>
      raw.exec(`insert into schedule_runs (id, schedule_id, due_at, trigger, status, plan_json, created_at, updated_at)
        values ('r2', 's', 't', 'catch_up', 'skipped', '{}', 't', 't')`),
    ).toThrow(/UNIQUE/);
    expect(() =>
      raw.exec(
        "insert into schedule_run_steps (run_id, machine_id, step, state) values ('r', 'm', 0, 'job')",
      ),
    ).toThrow(/UNIQUE/);
    const arm = raw.prepare(
      `insert into armed_runs (id, schedule_id, machine_id, action, status, due_at, expires_at, begin_json, packages,
         created_at, updated_at) values (?, 's', 'm', 'apt_upgrade', ?, 't', 't', '{}', 1, 't', 't')`,
    );
    arm.run('a', 'revoked');
    arm.run('b', 'armed');
    expect(() => arm.run('c', 'arming')).toThrow(/UNIQUE/);
    expect(plan("select * from schedule_runs where schedule_id = 's' order by due_at desc limit 50")).toMatch(
      /^SEARCH schedule_runs USING INDEX schedule_runs_schedule_id_due_at/,
    );
    expect(
      plan("select * from armed_runs where machine_id = 'm' and status in ('arming', 'armed', 'revoking')"),
    ).toMatch(/^SEARCH armed_runs USING INDEX armed_runs_machine_id_status/);
    expect(plan('select * from notifications order by last_at desc limit 100')).toBe(
      'SCAN notifications USING INDEX notifications_last_at',
    );
    raw.exec("delete from schedules where id = 's'");
    for (const table of ['schedule_runs', 'schedule_run_machines', 'schedule_run_steps', 'armed_runs']) {
      expect(raw.prepare(`select count(*) from ${table}`).pluck().get()).toBe(0);
    }
  },
  '0012_schedule_approvals': ({ raw }) => {
    const plan = (sql: string) => explain(raw, sql, []).join('\n');
    // The tables that were made anew still have what their queries go by.
    expect(plan("select * from action_requests where status = 'pending' order by created_at")).toBe(
      'SEARCH action_requests USING INDEX action_requests_status_created_at (status=?)',
    );
    expect(plan("select * from action_requests where job_id = 'j'")).toMatch(
      /^SEARCH action_requests USING INDEX action_requests_job_id/,
    );
    expect(plan("select * from schedule_runs where status = 'running'")).toMatch(
      /^SEARCH schedule_runs USING INDEX schedule_runs_status/,
    );
    expect(plan('select id from schedule_runs where report_due = 1 order by finished_at')).toMatch(
      /^SCAN schedule_runs USING (COVERING )?INDEX schedule_runs_report_due$/,
    );
    expect(plan("select * from armed_runs where ask_at <= 'now'")).toBe(
      'SEARCH armed_runs USING INDEX armed_runs_ask_at (ask_at<?)',
    );
  },
  '0005_report_search': ({ raw }) => {
    raw.exec(`
      insert into reports (id, kind, title, path, created_at, pinned) values
        ('r', 'machine', 'Réparation : nas', 'p', 't', 0), ('kept', 'machine', 'Kept', 'p', 't', 1);
      insert into report_texts (id, report_id, title, body, facets) values
        (7, 'r', 'Réparation : nas', 'linux-image-6.1 upgraded', 'p0'), (8, 'kept', 'Kept', 'bash', 'p1');
    `);
    const found = (words: string) =>
      raw.prepare('select rowid from report_search where report_search match ?').pluck().all(words);
    expect(found('"reparation" "linux-im"*')).toEqual([7]);
    raw.exec("update report_texts set body = 'curl' where id = 7");
    expect(found('linux')).toEqual([]);
    expect(found('curl AND facets: p0')).toEqual([7]);
    raw.exec("delete from reports where id = 'r'");
    expect(found('curl')).toEqual([]);
    raw.exec("insert into report_search (report_search, rank) values ('integrity-check', 1)");
    expect(() => raw.exec('delete from reports')).toThrow(/pinned/);
    raw.exec('update reports set pinned = 0; delete from reports');
    expect(raw.prepare('select count(*) from report_texts').pluck().get()).toBe(0);
    const plan = (sql: string) => explain(raw, sql, ['x']).join('\n');
    expect(plan('select * from reports where pinned = ? order by created_at desc, id desc')).toBe(
      'SEARCH reports USING INDEX reports_pinned_created_at (pinned=?)',
    );
  },
};

/** What migration 0001 counts, counted from the plans. */
const recount = `
  select dedup_key as key, count(distinct machine_id) as machines,
    count(distinct case when security = 1 then machine_id end) as security
  from apt_planned_packages
  where mode = 'dist_upgrade' and machine_id in (select id from machines where deleted_at is null)
  group by dedup_key order by dedup_key`;
const counted = `
  select dedup_key as key, machine_count as machines, security_count as security from fleet_updates order by dedup_key`;

describe('migration 0001 on a database with data', () => {
  it('counts the plans that are there, and only those of the fleet', () => {
    const [initial, second] = readMigrations(migrationsDir);
    if (!initial || !second) throw new Error('two migrations are expected');
    const raw = new BetterSqlite3(':memory:');
    applyMigrations(raw, [initial], ':memory:', new Date(0));
    raw.exec(`
      insert into machines (id, name, hostname, os_family, username, status, created_at, updated_at, deleted_at) values
        ('a', 'a', 'a', 'debian', 'u', 'online', 't', 't', null),
        ('b', 'b', 'b', 'debian', 'u', 'online', 't', 't', null),
        ('gone', 'gone', 'gone', 'debian', 'u', 'online', 't', 't', 't');
      insert into machine_state (machine_id, status, apt_status, updated_at) values ('a', 'online', 'warning', 't');
      insert into snapshots (id, machine_id, kind, created_at, status, payload_json)
        select id, id, 'apt_update_analyze', 't', 'ok', '{}' from machines;
      insert into apt_planned_packages
        (id, snapshot_id, machine_id, mode, name, current_version, target_version, operation, security, dedup_key) values
        ('1', 'a', 'a', 'dist_upgrade', 'bash', '1', '2', 'upgrade', 1, 'k|bash'),
        ('2', 'b', 'b', 'dist_upgrade', 'bash', '1', '2', 'upgrade', 0, 'k|bash'),
        ('3', 'b', 'b', 'dist_upgrade', 'bash', '1', '2', 'upgrade', 0, 'k|bash'),
        ('4', 'b', 'b', 'upgrade', 'curl', '1', '2', 'upgrade', 0, 'k|curl'),
        ('5', 'gone', 'gone', 'dist_upgrade', 'curl', '1', '2', 'upgrade', 0, 'k|curl');
    `);
    raw.pragma('foreign_keys = ON');
    applyMigrations(raw, [second], ':memory:', new Date(0));
    expect(raw.prepare(counted).all()).toEqual([{ key: 'k|bash', machines: 2, security: 1 }]);
    expect(raw.prepare('select name, current_version, target_version from fleet_updates').get()).toEqual({
      name: 'bash',
      current_version: '1',
      target_version: '2',
    });
    expect(raw.prepare('select apt_status, apt_attention_json from machine_state').get()).toEqual({
      apt_status: 'warning',
      apt_attention_json: null,
    });
    raw.exec("update machines set deleted_at = null where id = 'gone'");
    expect(raw.prepare(counted).all()).toHaveLength(2);
    expect(raw.prepare(counted).all()).toEqual(raw.prepare(recount).all());
    raw.close();
  });
});

describe('0003_machine_metrics_history on a database that was used', () => {
  it('keeps bulk runs, their machines and their order', () => {
    const all = readMigrations(migrationsDir);
    const at = all.findIndex(({ tag }) => tag === '0003_machine_metrics_history');
    const raw = new BetterSqlite3(':memory:');
    applyMigrations(raw, all.slice(0, at), ':memory:', new Date(0));
    raw.exec(`
      insert into machines (id, name, hostname, os_family, username, status, created_at, updated_at) values
        ('m', 'm', 'm', 'debian', 'u', 'online', '', '');
      insert into bulk_runs (id, action, status, on_failure, concurrency, created_at, updated_at) values
        ('b1', 'apt_upgrade', 'ok', 'stop', 4, '2026-01-01', ''), ('b2', 'reboot', 'error', 'continue', 2, '2026-01-02', '');
      insert into bulk_run_machines (bulk_run_id, machine_id, position, wave, state, options_json) values
        ('b1', 'm', 0, 0, 'waiting', '{}');
    `);
    applyMigrations(raw, all.slice(at), ':memory:', new Date(0));
    expect(
      raw.prepare('select id, action, concurrency from bulk_runs order by created_at desc').all(),
    ).toEqual([
      { id: 'b2', action: 'reboot', concurrency: 2 },
      { id: 'b1', action: 'apt_upgrade', concurrency: 4 },
    ]);
    expect(raw.prepare('select bulk_run_id from bulk_run_machines').pluck().all()).toEqual(['b1']);
    raw.exec("delete from bulk_runs where id = 'b1'");
    expect(raw.prepare('select count(*) from bulk_run_machines').pluck().get()).toBe(0);
    raw.close();
  });
});

describe('each migration keeps its promise', () => {
  it.each(readMigrations(migrationsDir).map(({ tag }) => tag))('%s', (tag) => {
    const database = openMemoryDatabase();
    expect(database.raw.prepare('select tag from schema_migrations').pluck().all()).toContain(tag);
    expect(promises[tag], `write down what ${tag} promises`).toBeDefined();
    promises[tag]?.(database);
    database.close();
  });
});

describe('migration 0005 on a database with data', () => {
  it('keeps the reports and takes their outcome from their summary', () => {
    const all = readMigrations(migrationsDir);
    const at = all.findIndex(({ tag }) => tag === '0005_report_search');
    const raw = new BetterSqlite3(':memory:');
    applyMigrations(raw, all.slice(0, at), ':memory:', new Date(0));
    raw.exec(`
      insert into reports (id, kind, title, path, created_at, pinned, summary_json) values
        ('1', 'machine', 'One', 'a', 't1', 1, '{"status":"warning","changed":3}'),
        ('2', 'global', 'Two', 'b', 't2', 0, '{"status":"stopped"}'),
        ('3', 'hermes', 'Three', 'c', 't3', 0, '{"status":"of a later version"}'),
        ('4', 'cleanup', 'Four', 'd', 't4', 0, null),
        ('5', 'cleanup', 'Five', 'e', 't5', 0, 'not JSON');
    `);
    applyMigrations(raw, all.slice(at, at + 1), ':memory:', new Date(0));
    expect(raw.prepare('select id, pinned, outcome, path from reports order by id').all()).toEqual([
      { id: '1', pinned: 1, outcome: 'warning', path: 'a' },
      { id: '2', pinned: 0, outcome: 'stopped', path: 'b' },
      { id: '3', pinned: 0, outcome: null, path: 'c' },
      { id: '4', pinned: 0, outcome: null, path: 'd' },
      { id: '5', pinned: 0, outcome: null, path: 'e' },
    ]);
    raw.close();
  });
});

describe('migration 0006 on a database with data', () => {
  it('keeps the jobs and the lines of their logs', () => {
    const all = readMigrations(migrationsDir);
    const at = all.findIndex(({ tag }) => tag === '0006_job_queue');
    const raw = new BetterSqlite3(':memory:');
    applyMigrations(raw, all.slice(0, at), ':memory:', new Date(0));
    raw.exec(`
      insert into jobs (id, kind, partition_key, status, created_at, updated_at) values
        ('j', 'reboot', 'p', 'queued', 't', 't');
      insert into job_logs (id, job_id, seq, at, level, message) values
        ('1', 'j', 1, 't', 'info', 'Started'), ('2', 'j', 2, 't', 'error', 'Ended: error');
    `);
    applyMigrations(raw, all.slice(at, at + 1), ':memory:', new Date(0));
    expect(
      raw.prepare('select seq, level, message, code, data_json from job_logs order by seq').all(),
    ).toEqual([
      { seq: 1, level: 'info', message: 'Started', code: null, data_json: null },
      { seq: 2, level: 'error', message: 'Ended: error', code: null, data_json: null },
    ]);
    expect(raw.prepare('select id, not_before from jobs').all()).toEqual([{ id: 'j', not_before: null }]);
    raw.close();
  });
});

describe('migration 0010 on a database with data', () => {
  it('keeps schedules and notifications', () => {
    const all = readMigrations(migrationsDir);
    const at = all.findIndex(({ tag }) => tag === '0010_schedules');
    const raw = new BetterSqlite3(':memory:');
    applyMigrations(raw, all.slice(0, at), ':memory:', new Date(0));
    raw.exec(`
      insert into schedules (id, name, cron, timezone, scope_json, actions_json, created_at, updated_at)
        values ('s', 'n', 'c', 'z', '{}', '[]', 't', 't');
      insert into notifications (id, kind, severity, created_at, last_at, dedup_key)
        values ('a', 'run_ended', 'info', 't', 't', 'k');
    `);
    applyMigrations(raw, all.slice(at, at + 1), ':memory:', new Date(0));
    expect(raw.prepare('select name, catch_up, wave_json, window_minutes from schedules').all()).toEqual([
      { name: 'n', catch_up: 'skip', wave_json: '"all"', window_minutes: null },
    ]);
    expect(raw.prepare('select id, kind from notifications').all()).toEqual([{ id: 'a', kind: 'run_ended' }]);
    raw.close();
  });
});

describe('migration 0012 on a database with data', () => {
  it('keeps schedules, their runs and requests, and asks hosts about what was armed before', () => {
    const all = readMigrations(migrationsDir);
    const at = all.findIndex(({ tag }) => tag === '0012_schedule_approvals');
    const raw = new BetterSqlite3(':memory:');
    applyMigrations(raw, all.slice(0, at), ':memory:', new Date(0));
    raw.exec(`
      insert into machines (id, name, hostname, os_family, username, status, created_at, updated_at) values
        ('m', 'm', 'm', 'debian', 'u', 'online', '', '');
      insert into schedules (id, name, cron, timezone, scope_json, actions_json, allow_removals, created_at, updated_at)
        values ('s', 'n', 'c', 'z', '{}', '[]', 1, 't', 't');
      insert into schedule_runs (id, schedule_id, due_at, trigger, status, plan_json, created_at, updated_at)
        values ('r', 's', 't', 'due', 'ok', '{}', 't', 't');
      insert into schedule_run_machines (run_id, machine_id, position, wave, state) values ('r', 'm', 0, 0, 'ok');
      insert into schedule_run_steps (run_id, machine_id, step, state, job_id) values ('r', 'm', 0, 'job', 'j');
      insert into apt_plans (id, machine_id, mode, plan_hash, words_json, planned_json, created_at)
        values ('p', 'm', 'selected', 'h', '[]', '[]', 't');
      insert into action_requests (id, machine_id, requested_by_type, action, status, created_at)
        values ('q', 'm', 'user', 'reboot', 'pending', 't');
      insert into action_request_machines (request_id, machine_id, position, options_json) values ('q', 'm', 0, '{}');
      insert into armed_runs (id, schedule_id, machine_id, action, status, due_at, expires_at, begin_json, packages,
        created_at, updated_at) values
        ('a', 's', 'm', 'apt_upgrade', 'armed', 'due', 't', '{}', 1, 't', 'changed'),
        ('b', 's', 'm', 'apt_upgrade', 'arming', 'due2', 't', '{}', 1, 't', 'changed'),
        ('c', 's', 'm', 'apt_upgrade', 'expired', 'due3', 't', '{}', 1, 't', 'changed');
    `);
    applyMigrations(raw, all.slice(at, at + 1), ':memory:', new Date(0));
    expect(
      raw.prepare('select name, allow_removals, asks_approval, approval_hours from schedules').all(),
    ).toEqual([{ name: 'n', allow_removals: 1, asks_approval: 0, approval_hours: 24 }]);
    expect(raw.prepare('select status, report_id, report_due from schedule_runs').all()).toEqual([
      { status: 'ok', report_id: null, report_due: 0 },
    ]);
    expect(raw.prepare('select job_id, request_id from schedule_run_steps').all()).toEqual([
      { job_id: 'j', request_id: null },
    ]);
    expect(raw.prepare('select id, asks, ask_at from armed_runs order by id').all()).toEqual([
      { id: 'a', asks: 0, ask_at: 'due' },
      { id: 'b', asks: 0, ask_at: 'changed' },
      { id: 'c', asks: 0, ask_at: null },
    ]);
    expect(raw.prepare('select plan_hash, selection from apt_plans').all()).toEqual([
      { plan_hash: 'h', selection: null },
    ]);
    // Their children still belong to them.
    raw.pragma('foreign_keys = ON');
    raw.exec("delete from schedules; delete from action_requests where id = 'q'");
    for (const table of [
      'schedule_run_machines',
      'schedule_run_steps',
      'armed_runs',
      'action_request_machines',
    ]) {
      expect(raw.prepare(`select count(*) from ${table}`).pluck().get()).toBe(0);
    }
    raw.close();
  });
});
