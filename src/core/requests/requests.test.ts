import { afterEach, describe, expect, it, vi } from 'vitest';
import { AppError } from '../../shared/domain/errors.ts';
import type { AptPackage } from '../../shared/domain/snapshot.ts';
import { startableActions } from '../../shared/domain/unions.ts';
import type { Action, ActionJob, ActionOutcome, Actions } from '../actions/types.ts';
import { createBulks } from '../bulk/index.ts';
import { explain } from '../db/explain.ts';
import { newId } from '../db/ids.ts';
import { createRunner } from '../jobs/index.ts';
import { findPlan, storePlan, type StoredPlan } from '../plans/index.ts';
import { insertSnapshot } from '../snapshots/index.ts';
import { insertMachine, testContext } from '../testing/context.ts';
import { createRequests, requestHandlers } from './index.ts';
import type { NewRequest } from './model.ts';
import { awaitsOthers, waitingFor } from './store.ts';

const item = (name: string, to: string, more: Partial<AptPackage> = {}): AptPackage => ({
  name,
  arch: 'amd64',
  currentVersion: '1',
  targetVersion: to,
  origin: 'Debian:13/stable',
  operation: 'upgrade',
  ...more,
});
const plan = (hash: string, ...planned: AptPackage[]): StoredPlan => ({
  mode: 'upgrade',
  planHash: hash.padEnd(64, '0'),
  words: [],
  planned,
});

const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

function setUp() {
  let nowMs = Date.parse('2026-03-01T08:00:00.000Z');
  const context = { ...testContext(), now: () => new Date(nowMs) };
  /** The newest plan of each machine. */
  const newest = new Map<string, StoredPlan>();
  const runs: ActionJob[] = [];
  const ends: ((outcome: ActionOutcome) => void)[] = [];
  const run = (job: ActionJob) =>
    new Promise<ActionOutcome>((resolve, reject) => {
      runs.push(job);
      ends.push(resolve);
      job.signal.addEventListener('abort', () => reject(new AppError('cancelled', 'given up')));
    });
  const planOf = (machineId: string, planHash: string | undefined): StoredPlan => {
    const stored = planHash === undefined ? undefined : findPlan(context, machineId, planHash, ['upgrade']);
    if (stored) return stored;
    const now = newest.get(machineId);
    if (!now) throw new AppError('conflict', 'no plan', { machineId });
    if (planHash !== undefined && planHash !== now.planHash)
      throw new AppError('apt_plan_changed', 'changed');
    return now;
  };
  const upgrade: Action = {
    idempotent: false,
    lockKind: 'apt',
    validate: (machineId, options) => {
      const now = planOf(machineId, options.planHash);
      if (now.planned.length === 0) throw new AppError('conflict', 'nothing', { nothingToDo: true });
      return { ...options, planHash: now.planHash };
    },
    plan: (machineId, { planHash }) => planOf(machineId, planHash),
    run,
    resume: run,
  };
  const other: Action = {
    idempotent: false,
    lockKind: 'reboot',
    validate: (_id, options) => options,
    run,
    resume: run,
  };
  const actions = {
    ...Object.fromEntries(startableActions.map((name) => [name, other])),
    apt_upgrade: upgrade,
  } as Actions;
  const runner = createRunner(context, actions, 10);
  const bulks = createBulks(context, runner, () => true);
  const requests = createRequests(context, actions, runner, bulks);
  closers.push(async () => {
    requests.close();
    await bulks.close();
    await runner.close();
  });
  const analysed = (machineId: string, now: StoredPlan): void => {
    newest.set(machineId, now);
    nowMs += 1_000;
    insertSnapshot(context, {
      id: newId(),
      machineId,
      kind: 'apt_update_analyze',
      status: 'ok',
      schemaVersion: 1,
      payloadJson: '{}',
      createdAt: context.now().toISOString(),
    });
    nowMs += 1_000;
  };
  const create = (machineIds: string[], more: Partial<NewRequest> = {}) =>
    requests.create({
      action: 'apt_upgrade',
      machineIds,
      options: {},
      wave: 'all',
      concurrency: 4,
      onFailure: 'stop',
      requestedBy: 'user',
      requestedFrom: 'ui',
      expiresInHours: 24,
      ...more,
    });
  const events = () =>
    context.database.raw
      .prepare(`select event_type from machine_events where event_type like 'request.%' order by id`)
      .pluck()
      .all();
  const counts = () => ({
    jobs: context.database.raw.prepare('select count(*) from jobs').pluck().get(),
    notices: context.database.raw
      .prepare(`select count(*) from notifications where kind = 'request' and resolved_at is null`)
      .pluck()
      .get(),
  });
  return {
    context,
    requests,
    runner,
    actions,
    analysed,
    create,
    events,
    counts,
    runs,
    ends,
    pass: (ms: number) => (nowMs += ms),
  };
}

describe('a request', () => {
  it('of one run of a schedule is told once with the others, until the last of them is decided', () => {
    const { analysed, create, requests, counts, context } = setUp();
    const schedule = { id: newId(), runId: newId(), allowRemovals: false, further: [] };
    const asked = ['one', 'two', 'three'].map((name) => {
      const id = insertMachine(context, name);
      analysed(id, plan(name, item('bash', '2')));
      return create([id], { requestedBy: 'schedule', requestedFrom: 'Nightly', schedule });
    });
    const notice = () =>
      context.database.raw
        .prepare(
          `select occurrences, machine_id as machineId, json_extract(data_json, '$.name') as name
           from notifications where kind = 'request'`,
        )
        .all();
    expect(notice()).toEqual([{ occurrences: 3, machineId: null, name: 'Nightly' }]);
    const [first = '', second = '', third = ''] = asked;
    requests.reject(first, 'ui');
    requests.approve(second, requests.detail(second).binding, 'ui');
    expect(counts().notices).toBe(1);
    requests.withdraw(third);
    expect(counts().notices).toBe(0);
  });

  it('does nothing until it is approved, then runs exactly what was shown, and says how that ended', async () => {
    const { analysed, create, requests, counts, events, runs, ends, context } = setUp();
    const id = insertMachine(context, 'nas');
    const shown = plan('a', item('bash', '2'), item('old', '', { operation: 'remove' }));
    analysed(id, shown);
    const request = create([id], { note: 'before Friday', options: { conffiles: 'keep' } });
    expect(counts()).toEqual({ jobs: 0, notices: 1 });
    const detail = requests.detail(request);
    expect(detail).toMatchObject({
      status: 'pending',
      risk: 'destructive',
      note: 'before Friday',
      changes: { upgrades: 1, removals: 1, installs: 0, security: 0 },
      reboot: 'no',
      machineCount: 1,
      plans: [{ name: 'nas', planHash: shown.planHash, change: null }],
    });
    const answer = requests.approve(request, detail.binding, 'web', 'fine');
    expect(answer.outcome).toBe('approved');
    await vi.waitFor(() => expect(runs).toHaveLength(1));
    expect(runs[0]?.options).toEqual({ conffiles: 'keep', planHash: shown.planHash });
    expect(requests.detail(request)).toMatchObject({
      status: 'approved',
      decidedBy: 'web',
      outcome: 'running',
    });
    expect(counts().notices).toBe(0);
    expect(() => requests.approve(request, detail.binding, 'ui')).toThrow(/decided already/);
    ends[0]?.({ status: 'warning' });
    await vi.waitFor(() => expect(requests.detail(request).status).toBe('executed'));
    expect(requests.detail(request).outcome).toBe('warning');
    expect(events()).toEqual(['request.created', 'request.approved', 'request.executed']);
  });

  it('does not run when its plan has changed: says what differs, and waits; renewed, it is another one', async () => {
    const { analysed, create, requests, counts, context, events } = setUp();
    const id = insertMachine(context, 'nas');
    analysed(id, plan('a', item('bash', '2'), item('curl', '2')));
    const request = create([id]);
    const { binding } = requests.detail(request);
    analysed(id, plan('b', item('bash', '3'), item('zsh', '1')));
    const answer = requests.approve(request, binding, 'ui');
    expect(answer).toMatchObject({
      outcome: 'plan_changed',
      machines: [
        {
          name: 'nas',
          change: {
            added: [{ name: 'zsh' }],
            gone: [{ name: 'curl' }],
            different: [{ before: { targetVersion: '2' }, now: { targetVersion: '3' } }],
          },
        },
      ],
    });
    expect(counts()).toEqual({ jobs: 0, notices: 1 });
    await requests.renew(request);
    const renewed = requests.detail(request);
    expect(renewed.binding).not.toBe(binding);
    expect(renewed.plans[0]).toMatchObject({ change: null, planned: [{ name: 'bash' }, { name: 'zsh' }] });
    // Who saw the former plan approves nothing.
    expect(() => requests.approve(request, binding, 'ui')).toThrow(/as it was shown/);
    expect(requests.approve(request, renewed.binding, 'ui').outcome).toBe('approved');
    expect(events()).toEqual([
      'request.created',
      'request.plan_changed',
      'request.renewed',
      'request.approved',
    ]);
  });

  it('keeps its plan when the machine has forgotten it, and is not moved by a look that changed nothing', () => {
    const { analysed, create, requests, context } = setUp();
    const id = insertMachine(context, 'nas');
    const shown = plan('a', item('bash', '2'));
    storePlan(context, id, shown);
    analysed(id, plan('b', item('bash', '2')));
    const request = create([id], { options: { planHash: shown.planHash } });
    for (let i = 0; i < 25; i++) storePlan(context, id, plan(`c${i}`, item('x', String(i))));
    const { binding, plans } = requests.detail(request);
    expect(plans[0]?.change).toBeNull();
    expect(requests.approve(request, binding, 'ui').outcome).toBe('approved');
  });

  it('of several machines becomes one run in waves, each machine with the plan that was shown for it', async () => {
    const { analysed, create, requests, context, runs } = setUp();
    const [a, b, c] = ['a', 'b', 'c'].map((name) => insertMachine(context, name)) as [string, string, string];
    analysed(a, plan('1', item('bash', '2')));
    analysed(b, plan('2', item('bash', '3', { severityHint: 'security' })));
    analysed(c, plan('3'));
    const request = create([a, b, c]);
    const detail = requests.detail(request);
    // What has nothing to do is not asked for.
    expect(detail).toMatchObject({ machineCount: 2, changes: { upgrades: 2, security: 1 } });
    const answer = requests.approve(request, detail.binding, 'ui');
    expect(answer).toMatchObject({ outcome: 'approved', jobId: null });
    await vi.waitFor(() => expect(runs).toHaveLength(2));
    expect(new Map(runs.map(({ machineId, options }) => [machineId, options.planHash?.[0]]))).toEqual(
      new Map([
        [a, '1'],
        [b, '2'],
      ]),
    );
  });

  it('expires by itself, and at the approval when the timer has not come yet', () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    try {
      const { analysed, create, requests, context, pass, counts, events } = setUp();
      const id = insertMachine(context, 'nas');
      analysed(id, plan('a', item('bash', '2')));
      const [first, second] = [create([id], { expiresInHours: 1 }), create([id], { expiresInHours: 2 })];
      const { binding } = requests.detail(first);
      pass(3_600_000);
      expect(requests.approve(first, binding, 'ui')).toEqual({ outcome: 'expired' });
      pass(3_600_000);
      vi.advanceTimersByTime(60_001);
      expect(requests.detail(second).status).toBe('expired');
      expect(counts()).toEqual({ jobs: 0, notices: 0 });
      expect(events()).toEqual(['request.created', 'request.created', 'request.expired', 'request.expired']);
    } finally {
      vi.useRealTimers();
    }
  });

  it('ends with its machine, in the same transaction, and comes back never; of several it goes on without that one', () => {
    const { analysed, create, requests, counts, events, context, actions, runner } = setUp();
    const [a, b, c] = ['a', 'b', 'c'].map((name) => insertMachine(context, name)) as [string, string, string];
    for (const id of [a, b, c]) analysed(id, plan(id.at(-1) ?? '', item('bash', '2'), item(`of-${id}`, '1')));
    const [alone, together] = [create([a]), create([a, b, c])];
    const { binding } = requests.detail(together);
    const rejected = create([a], { action: 'reboot' });
    requests.reject(rejected, 'ui');
    const remove = (id: string, work?: () => void) =>
      context.database.tx(() => {
        context.database.raw
          .prepare('update machines set deleted_at = ? where id = ?')
          .run(context.now().toISOString(), id);
        requests.leaveMachine(id);
        work?.();
      });
    // Not removed after all: nothing has happened.
    const fails = (): void => {
      throw new Error('the disk is full');
    };
    expect(() => remove(a, fails)).toThrow('the disk is full');
    expect([requests.detail(alone).status, requests.detail(together).machineCount]).toEqual(['pending', 3]);

    remove(a);
    expect(requests.detail(alone)).toMatchObject({
      status: 'expired',
      decidedBy: 'machine_removed',
      decidedAt: context.now().toISOString(),
    });
    expect(requests.detail(rejected)).toMatchObject({ status: 'rejected', decidedBy: 'ui' });
    const rest = requests.detail(together);
    expect(rest).toMatchObject({ status: 'pending', machineCount: 2, changes: { upgrades: 4 } });
    expect(rest.plans.map(({ name }) => name)).toEqual(['b', 'c']);
    expect(() => requests.approve(together, binding, 'ui')).toThrow(/as it was shown/);
    expect(events().slice(-2)).toEqual(['request.expired', 'request.narrowed']);

    context.database.raw.prepare('update machines set deleted_at = null').run();
    expect(() => requests.approve(alone, requests.detail(alone).binding, 'ui')).toThrow(/decided already/);
    expect([requests.detail(alone).status, requests.detail(together).machineCount]).toEqual(['expired', 2]);
    remove(b);
    // One is left: it becomes a job of its own, not a run in waves.
    const last = requests.detail(together);
    expect(requests.approve(together, last.binding, 'ui')).toMatchObject({
      outcome: 'approved',
      bulkRunId: null,
      jobId: expect.any(String) as string,
    });
    expect(counts().notices).toBe(0);

    // Left waiting by a former version: ended at the next start.
    const stale = create([c], { action: 'reboot' });
    context.database.raw.prepare('update machines set deleted_at = ? where id = ?').run('2026-03-01', c);
    const next = createRequests(
      context,
      actions,
      runner,
      createBulks(context, runner, () => true),
    );
    next.start();
    expect(next.detail(stale)).toMatchObject({ status: 'expired', decidedBy: 'machine_removed' });
    next.close();
  });

  it('of a machine that is removed is found by the index of those that wait', () => {
    const { context } = setUp();
    const statements: string[] = [];
    const prepare = context.database.raw.prepare.bind(context.database.raw) as (sql: string) => unknown;
    context.database.raw.prepare = ((sql: string) => {
      statements.push(sql);
      return prepare(sql);
    }) as typeof context.database.raw.prepare;
    waitingFor(context, 'm');
    const steps = explain(context.database.raw, statements.at(-1) ?? '', ['m', 'pending']).join('\n');
    expect(steps).toContain('SEARCH action_requests USING INDEX action_requests_status_created_at');
    expect(steps).not.toContain('SCAN');
    awaitsOthers(context, 'run', 'r');
    const others = explain(context.database.raw, statements.at(-1) ?? '', ['pending', 'r', 'run', 1]);
    expect(others.join('\n')).toMatch(
      /^SEARCH action_requests USING INDEX action_requests_status_created_at/,
    );
  });

  it('is refused, rejected and left alone like the action itself', () => {
    const { analysed, create, requests, context } = setUp();
    const id = insertMachine(context, 'nas');
    expect(() => create([id])).toThrow(/no plan/);
    analysed(id, plan('a'));
    expect(() => create([id])).toThrow(/nothing/);
    expect(() =>
      create([id, insertMachine(context, 'b')], { options: { planHash: 'x'.repeat(64) } }),
    ).toThrow(/of one machine/);
    const reboot = create([id], { action: 'reboot' });
    expect(requests.detail(reboot)).toMatchObject({
      risk: 'destructive',
      reboot: 'yes',
      plans: [{ planned: [] }],
    });
    requests.reject(reboot, 'cli', 'not today');
    expect(requests.detail(reboot)).toMatchObject({
      status: 'rejected',
      decidedBy: 'cli',
      decisionNote: 'not today',
    });
    expect(() => requests.reject(reboot, 'cli')).toThrow(/decided already/);
  });

  it('when the queue cannot take it, stays as it is: approval and job are one transaction', () => {
    const { analysed, create, requests, context, runner, counts } = setUp();
    const id = insertMachine(context, 'nas');
    analysed(id, plan('a', item('bash', '2')));
    const request = create([id]);
    const { binding } = requests.detail(request);
    const enqueue = vi.spyOn(runner, 'enqueue').mockImplementation(() => {
      throw new AppError('local_disk_full', 'no space');
    });
    expect(() => requests.approve(request, binding, 'ui')).toThrow(/no space/);
    expect(requests.detail(request)).toMatchObject({ status: 'pending', jobId: null });
    expect(counts()).toEqual({ jobs: 0, notices: 1 });
    enqueue.mockRestore();
    expect(requests.approve(request, binding, 'ui').outcome).toBe('approved');
  });

  it('of an agent says so, and is found by its status', async () => {
    const { analysed, requests, context } = setUp();
    const id = insertMachine(context, 'nas');
    analysed(id, plan('a', item('linux-image-amd64', '2')));
    const handlers = requestHandlers(context, requests);
    const signal = AbortSignal.timeout(5_000);
    const made = await handlers['requests.create'](
      {
        action: 'apt_upgrade',
        machineIds: [id],
        options: {},
        wave: 'all',
        concurrency: 1,
        onFailure: 'stop',
        expiresInHours: 1,
      },
      { surface: 'mcp', signal },
    );
    const listed = await handlers['requests.list'](
      { statuses: ['pending'], limit: 10 },
      { surface: 'ui', signal },
    );
    expect(listed.requests).toMatchObject([
      { id: made.id, requestedBy: 'hermes', requestedFrom: 'mcp', reboot: 'likely', risk: 'change' },
    ]);
    for await (const now of handlers['requests.watch']({}, { surface: 'ui', signal })) {
      expect(now.count).toBe(1);
      break;
    }
  });
});
