import { describe, expect, it } from 'vitest';
import type { HomeportHandlers } from '../shared/contract/index.ts';
import type { CallContext } from '../shared/contract/define.ts';
import type { ScheduleScope } from '../shared/contract/schedules.ts';
import type { CoreContext } from './context.ts';
import { newId } from './db/ids.ts';
import { executions } from './db/schema/index.ts';
import { explain } from './db/explain.ts';
import { bulkHandlers } from './bulk/index.ts';
import type { Bulks } from './bulk/index.ts';
import { eventHandlers } from './events/index.ts';
import { executionHandlers } from './executions/index.ts';
import { fleetHandlers } from './fleet/index.ts';
import { hardwareHandlers } from './hardware/index.ts';
import { jobHandlers, createRunner } from './jobs/index.ts';
import { insertJob } from './jobs/store.ts';
import { messageHandlers } from './messages/index.ts';
import { preferenceHandlers } from './preferences/index.ts';
import { createOutward, outwardHandlers } from './outward/index.ts';
import { createRequests, requestHandlers } from './requests/index.ts';
import { reportHandlers } from './reports/index.ts';
import { scheduleHandlers, type Schedules } from './schedules/index.ts';
import { runPlanOf } from './schedules/model.ts';
import { insertRun, scheduleById } from './schedules/store.ts';
import { putSchedule } from './schedules/testing/fake-fleet.ts';
import { snapshotHandlers } from './snapshots/index.ts';
import { updateHandlers } from './updates/index.ts';
import { createVault } from './vault/vault.ts';
import { insertMachine, testContext } from './testing/context.ts';
import type { ActionDeps } from './actions/index.ts';
import type { Actions } from './actions/types.ts';

/** Tables that grow with time: none of them may be read from end to end for a screen. */
const growing = [
  'snapshots',
  'machine_metrics_history',
  'executions',
  'machine_events',
  'important_messages',
  'reports',
  'report_texts',
  'jobs',
  'job_logs',
  'raw_artifacts',
  'apt_planned_packages',
  'apt_applied_packages',
  'bulk_runs',
  'bulk_run_machines',
  'action_requests',
  'action_request_machines',
  'outward_messages',
  'schedule_runs',
  'schedule_run_machines',
  'schedule_run_steps',
  'armed_runs',
];

/** Every statement that `work` prepares on the database. */
async function statementsOf(context: CoreContext, work: () => unknown): Promise<string[]> {
  const { raw } = context.database;
  const prepare = raw.prepare.bind(raw);
  const seen: string[] = [];
  raw.prepare = (sql: string) => {
    seen.push(sql);
    return prepare(sql);
  };
  try {
    await work();
  } finally {
    raw.prepare = prepare;
  }
  return seen;
}

const caller: CallContext = { surface: 'ui', signal: new AbortController().signal };
type Calls = { [N in keyof HomeportHandlers]?: Parameters<HomeportHandlers[N]>[0] };

const context = testContext();
const machineId = insertMachine(context, 'nas');
const executionId = newId();
context.database.db
  .insert(executions)
  .values({
    id: executionId,
    machineId,
    action: 'apt_upgrade',
    mode: 'manual',
    status: 'ok',
    startedAt: '2026-01-01T00:00:00.000Z',
  })
  .run();
const page = { limit: 100 };
const at = '2026-01-01T00:00:00.000Z';
const before = { before: new Date().toISOString(), limit: 100 };
const runner = createRunner(context, {} as Actions, 1);
runner.pause(null);
const loggedJob = insertJob(context, { action: 'machine_probe', machineId, payload: {}, maxAttempts: 1 });
const requests = createRequests(context, {} as Actions, runner, {} as Bulks);
const vault = createVault({ database: context.database, wrappers: [] });
const outward = createOutward(context, vault);
const scheduleId = putSchedule(context, {});
const runId =
  insertRun(context, {
    scheduleId,
    dueAt: at,
    trigger: 'due',
    status: 'ok',
    skipReason: null,
    missed: 0,
    missedSince: null,
    windowEndsAt: null,
    plan: runPlanOf(scheduleById(context, scheduleId)),
  }) ?? '';
const handlers = {
  ...fleetHandlers(context),
  ...jobHandlers(context, runner),
  ...snapshotHandlers(context),
  ...hardwareHandlers(context),
  ...executionHandlers(context),
  ...reportHandlers(context),
  ...eventHandlers(context),
  ...messageHandlers(context),
  ...updateHandlers(context),
  ...bulkHandlers(context, {} as Bulks),
  ...scheduleHandlers(context, {} as Schedules, {} as ActionDeps),
  ...preferenceHandlers(context),
  ...requestHandlers(context, requests),
  ...outwardHandlers(context, outward),
} as unknown as Record<string, (input: unknown, context: CallContext) => unknown>;

const screens: [string, Calls][] = [
  ['the fleet', { 'fleet.snapshot': {} }],
  ['jobs', { 'jobs.list': page }],
  ['jobs of a machine', { 'jobs.list': { machineId, ...before } }],
  [
    'ended jobs',
    { 'jobs.list': { statuses: ['ok', 'warning', 'error', 'cancelled'], beforeId: machineId, ...before } },
  ],
  ['the log of a job', { 'jobs.log': { id: loggedJob } }],
  ['the hardware of a machine', { 'hardware.get': { machineId } }],
  ['the updates of a machine', { 'snapshots.latest': { machineId } }],
  ['runs', { 'executions.list': before }],
  ['runs of a machine', { 'executions.list': { machineId, ...page } }],
  ['reports', { 'reports.list': page }],
  ['older reports', { 'reports.list': { cursor: '0|2026-01-01T00:00:00.000Z|x', ...page } }],
  ['reports of a machine', { 'reports.list': { machineId, ...page } }],
  ['reports by kind', { 'reports.list': { kind: 'global', ...page } }],
  ['failed reports of a time', { 'reports.list': { outcome: 'error', from: at, to: at, ...page } }],
  ['pinned reports', { 'reports.list': { pinned: true, ...page } }],
  ['reports with a word', { 'reports.list': { text: 'linux', ...page } }],
  [
    'older reports with a word',
    { 'reports.list': { text: 'linux', cursor: '0|2026-01-01T00:00:00.000Z|x', from: at, ...page } },
  ],
  ['failed reports with a word', { 'reports.list': { text: 'linux', outcome: 'error', ...page } }],
  ['reports of a machine with a word', { 'reports.list': { text: 'linux', machineId, ...page } }],
  ['pinned reports with a word', { 'reports.list': { text: 'linux', pinned: true, ...page } }],
  ['the timeline', { 'timeline.list': { withAudit: false, ...before } }],
  ['the timeline of a machine', { 'timeline.list': { withAudit: true, machineId, ...page } }],
  ['important messages', { 'messages.list': { acknowledged: false, ...page } }],
  ['requests', { 'requests.list': { statuses: ['approved', 'rejected'], ...before } }],
  ['bulk runs', { 'bulk.list': page }],
  ['important messages while a run was at work', { 'messages.ofRun': { executionId } }],
  ['schedules', { 'schedules.list': {} }],
  ['a schedule', { 'schedules.get': { id: scheduleId } }],
  ['a run of a schedule', { 'schedules.run': { id: runId } }],
  ['what is due', { 'schedules.upcoming': { days: 7 } }],
  ['what is armed on a machine', { 'schedules.armedOn': { machineId } }],
  ['important messages of a machine', { 'messages.list': { machineId, acknowledged: false, ...page } }],
];

describe('queries of the screens use an index', () => {
  it.each(screens)('%s', async (_title, calls) => {
    const [[name, input] = ['', {}]] = Object.entries(calls);
    const statements = await statementsOf(context, () => handlers[name]?.(input, caller));
    expect(statements.length).toBeGreaterThan(0);
    for (const sql of statements) {
      const steps = explain(context.database.raw, sql, Array(sql.split('?').length - 1).fill(null));
      const scans = steps.filter((step) => {
        const table = /^SCAN "?(\w+)"?/.exec(step)?.[1];
        // A count that stops at a number may read that much of an index.
        const isBounded = step.includes('USING COVERING INDEX') && /limit \?/i.test(sql);
        return table !== undefined && growing.includes(table) && !step.includes('USING INDEX') && !isBounded;
      });
      expect(scans, `${sql}\n${steps.join('\n')}`).toEqual([]);
      expect(steps.join('\n'), sql).not.toContain('USE TEMP B-TREE FOR ORDER BY');
    }
  });

  it.each([
    [{}, 'fleet_updates_machine_count'],
    [{ search: 'linux' }, 'fleet_updates_machine_count'],
    [{ securityOnly: true }, 'fleet_updates_security_count'],
    [{ securityOnly: true, search: 'linux' }, 'fleet_updates_security_count'],
  ])('updates over the fleet %o are read in the order of an index', async (filter, index) => {
    const input = { securityOnly: false, offset: 0, limit: 100, ...filter };
    const statements = await statementsOf(context, () => handlers['updates.fleet']?.(input, caller));
    const [list = '', count = ''] = statements.map((sql) =>
      explain(context.database.raw, sql, Array(sql.split('?').length - 1).fill(null)).join('\n'),
    );
    expect(statements).toHaveLength(2);
    expect(list).toMatch(new RegExp(`^(SCAN|SEARCH) fleet_updates USING INDEX ${index}[^\n]*$`));
    expect(count).toMatch(/^(SCAN|SEARCH) fleet_updates USING COVERING INDEX [^\n]*$/);
  });

  it('the machines of an update are found by its key', async () => {
    const input = { key: 'debian|bash|1|2|', offset: 0, limit: 100 };
    const statements = await statementsOf(context, () => handlers['updates.machines']?.(input, caller));
    for (const sql of statements) {
      const plan = explain(context.database.raw, sql, ['k']).join('\n');
      expect(plan).toMatch(
        /SEARCH p USING COVERING INDEX apt_planned_packages_mode_dedup_key \(mode=\? AND dedup_key=\?/,
      );
      expect(plan).not.toContain('SCAN');
    }
    expect(statements.length).toBeGreaterThan(0);
  });

  it('messages over the fleet are counted already, and read in the order of an index', async () => {
    const input = { offset: 0, limit: 100 };
    for (const category of [undefined, 'deprecation'] as const) {
      const asked = { ...input, acknowledged: true, ...(category && { category }) };
      const statements = [
        ...(await statementsOf(context, () => handlers['messages.fleet']?.(asked, caller))),
        ...(await statementsOf(context, () =>
          handlers['messages.machines']?.({ ...asked, key: 'k' }, caller),
        )),
      ];
      expect(statements.length).toBeGreaterThan(2);
      for (const sql of statements) {
        const plan = explain(context.database.raw, sql, Array(sql.split('?').length - 1).fill(null)).join(
          '\n',
        );
        expect(plan, sql).not.toMatch(/^SCAN (?:important|message|i\b)/m);
        if (sql.includes('order by')) expect(plan, sql).not.toContain('TEMP B-TREE');
      }
    }
  });

  it('words and filters of reports are answered by the index of words together', async () => {
    const input = {
      text: 'linux "in use"',
      machineId,
      kind: 'machine' as const,
      outcome: 'error' as const,
      from: at,
    };
    const statements = await statementsOf(context, () =>
      handlers['reports.list']?.({ ...input, ...page }, caller),
    );
    expect(statements).toHaveLength(3);
    for (const sql of statements) {
      const plan = explain(context.database.raw, sql, Array(sql.split('?').length - 1).fill(null));
      const [first] = plan.filter((step) => /^(?:SCAN|SEARCH) \w/.test(step));
      // `M` = it has the words, `>` = and the time is asked of the index itself.
      expect(first, sql).toMatch(/^SCAN report_search VIRTUAL TABLE INDEX \d+:.*M/);
      expect(plan.join('\n')).not.toMatch(/SCAN (?:reports|report_texts|machines)/);
    }
  });

  it('the rows of some machines are found by their keys', async () => {
    const { fleetRows } = await import('./fleet/index.ts');
    const statements = await statementsOf(context, () => fleetRows(context, [machineId, newId()]));
    for (const sql of statements) {
      const steps = explain(context.database.raw, sql, Array(sql.split('?').length - 1).fill(null));
      expect(
        steps.filter((step) => step.startsWith('SCAN') && !step.includes('json_each')),
        sql,
      ).toEqual([]);
    }
  });

  it('the preview of a scope reads the fleet once, and of it what it needs by keys', async () => {
    const exceptTagIds = [newId()];
    const scopes: ScheduleScope[] = [
      { by: 'machines', machineIds: [machineId] },
      { by: 'all', exceptTagIds },
      {
        by: 'filter',
        tagIds: [newId()],
        groups: ['rack'],
        kinds: ['vm'],
        search: 'web',
        exceptTagIds,
      },
      { by: 'search', query: 'web -staging', filter: 'withSecurity', exceptTagIds },
    ];
    for (const scope of scopes) {
      const statements = await statementsOf(context, () => handlers['schedules.scope']?.({ scope }, caller));
      expect(statements.length).toBeGreaterThan(0);
      for (const sql of statements) {
        const steps = explain(context.database.raw, sql, Array(sql.split('?').length - 1).fill(null));
        const scanned = steps.flatMap((step) => /^SCAN (\w+)\b(?! VIRTUAL)/.exec(step)?.[1] ?? []);
        // The machines themselves, and small tables that belong to all of them, once each.
        const allowed = scope.by === 'machines' ? [] : ['m', 'mt', 't', 'machine_host_keys'];
        expect(
          scanned.filter((table) => !allowed.includes(table)),
          `${sql}\n${steps.join('\n')}`,
        ).toEqual([]);
        if (sql.includes('machine_tags t')) {
          expect(steps.join('\n')).toMatch(
            /SEARCH t USING COVERING INDEX \w+ \(machine_id=\? AND tag_id=\?\)/,
          );
        }
        if (scope.by === 'machines') expect(steps.join('\n')).toMatch(/SEARCH m USING INDEX \w+ \(id=\?\)/);
      }
    }
    // A view is one row more, by its key.
    const view = { by: 'view', viewId: newId(), viewName: 'v', exceptTagIds } as const;
    const [first = ''] = await statementsOf(context, async () =>
      expect(() => handlers['schedules.scope']?.({ scope: view }, caller)).toThrow('not there'),
    );
    expect(explain(context.database.raw, first, [null, null]).join()).toMatch(
      /^SEARCH user_preferences USING INDEX \w+ \(user_id=\? AND key=\?\)/,
    );
  });

  it('requests that wait, and what waits for the channels, are found by index', async () => {
    const first = async (name: 'requests.watch' | 'outward.watch') => {
      for await (const _ of handlers[name]?.({}, caller) as AsyncIterable<unknown>) return;
    };
    const statements = [
      ...(await statementsOf(context, () => first('requests.watch'))),
      ...(await statementsOf(context, () => first('outward.watch'))),
    ];
    expect(statements.length).toBeGreaterThan(3);
    for (const sql of statements) {
      const steps = explain(context.database.raw, sql, Array(sql.split('?').length - 1).fill(null));
      expect(
        steps.filter((step) => /^SCAN "?(action_requests|outward_messages)/.test(step)),
        steps.join('\n'),
      ).toEqual([]);
    }
  });

  it('the next job to start is found by index', async () => {
    const { nextStartable } = await import('./jobs/waiting.ts');
    const holds = { ...runner.holds(), pausedAt: null };
    const statements = await statementsOf(context, () => nextStartable(context, holds, new Map(), 4));
    expect(statements).toHaveLength(2);
    for (const sql of statements) {
      const steps = explain(context.database.raw, sql, Array(sql.split('?').length - 1).fill(null));
      expect(
        steps.filter((step) => /^SCAN/.test(step)),
        steps.join('\n'),
      ).toEqual([]);
    }
  });
});
