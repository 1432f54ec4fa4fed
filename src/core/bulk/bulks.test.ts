import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { AppError } from '../../shared/domain/errors.ts';
import { startableActions } from '../../shared/domain/unions.ts';
import type { Action, ActionJob, ActionOutcome, Actions } from '../actions/types.ts';
import { createRunner, type Runner } from '../jobs/index.ts';
import { reportHandlers } from '../reports/index.ts';
import { insertMachine, testContext } from '../testing/context.ts';
import { createBulks, type BulkRequest, type Bulks } from './bulks.ts';
import * as store from './store.ts';

/** An action whose runs end when the test says so, by machine. */
function controlled() {
  const started: string[] = [];
  const enders = new Map<string, (outcome: ActionOutcome) => void>();
  const work = (job: ActionJob) =>
    new Promise<ActionOutcome>((resolve, reject) => {
      started.push(job.machineId);
      enders.set(job.machineId, resolve);
      job.signal.addEventListener('abort', () => reject(new AppError('cancelled', 'given up')));
    });
  const action: Action = {
    idempotent: false,
    lockKind: 'apt',
    validate: (_machineId, options) => options,
    run: work,
    resume: work,
  };
  return {
    action,
    started,
    end: (id: string, outcome: ActionOutcome = { status: 'ok' }) => enders.get(id)?.(outcome),
  };
}

const open: { runner: Runner; bulks: Bulks }[] = [];
async function closeAll(): Promise<void> {
  for (const { runner, bulks } of open.splice(0)) {
    await bulks.close();
    await runner.close();
  }
}
afterEach(closeAll);

function setUp(context = testContext(), isReady = () => true) {
  const upgrade = controlled();
  const actions = Object.fromEntries(startableActions.map((name) => [name, upgrade.action])) as Actions;
  const runner = createRunner(context, actions, 50);
  const bulks = createBulks(context, runner, isReady);
  open.push({ runner, bulks });
  const started = (names: Record<string, string>) =>
    upgrade.started.map((id) => Object.entries(names).find(([, one]) => one === id)?.[0]);
  return { context, upgrade, runner, bulks, started };
}

function machinesOf(context: ReturnType<typeof testContext>, ...names: string[]): Record<string, string> {
  return Object.fromEntries(names.map((name) => [name, insertMachine(context, name)]));
}

const request = (machineIds: string[], more: Partial<BulkRequest> = {}): BulkRequest => ({
  action: 'apt_full_upgrade',
  machineIds,
  options: {},
  wave: { sizes: [1, 2] },
  concurrency: 10,
  onFailure: 'stop',
  ...more,
});

const failure: ActionOutcome = {
  status: 'error',
  error: new AppError('apt_package_failed', 'tb-fail failed'),
};

describe('a bulk', () => {
  it('runs its waves in order, each when the former has ended, and ends with one report', async () => {
    const { context, upgrade, bulks, started } = setUp();
    const ids = machinesOf(context, 'a', 'b', 'c', 'd');
    const { a = '', b = '', c = '', d = '' } = ids;
    const bulkId = bulks.startBulk(request([a, b, c, d]));
    await vi.waitFor(() => expect(started(ids)).toEqual(['a']));
    expect(store.bulkDetail(context, bulkId)).toMatchObject({ status: 'running', waves: 3, currentWave: 0 });
    upgrade.end(a);
    await vi.waitFor(() => expect(started(ids)).toEqual(['a', 'b', 'c']));
    upgrade.end(c, { status: 'warning' });
    await vi.waitFor(() => expect(store.bulkDetail(context, bulkId).counts.warning).toBe(1));
    // One of the wave still runs: nothing of the next has started.
    expect(started(ids)).toEqual(['a', 'b', 'c']);
    upgrade.end(b);
    await vi.waitFor(() => expect(started(ids)).toEqual(['a', 'b', 'c', 'd']));
    upgrade.end(d);
    await vi.waitFor(() => expect(store.bulkDetail(context, bulkId).status).toBe('warning'));
    const detail = store.bulkDetail(context, bulkId);
    expect(detail).toMatchObject({ currentWave: null, counts: { ok: 3, warning: 1 } });
    const { reports } = (await reportHandlers(context)['reports.list'](
      { limit: 10 },
      { surface: 'ui', signal: new AbortController().signal },
    )) as { reports: { id: string; machineId: string | null }[] };
    expect(reports).toMatchObject([{ id: detail.reportId, machineId: null }]);
    const markdown = readFileSync(join(context.dataDir, 'reports', `${bulkId}.md`), 'utf8');
    expect(markdown).toMatch(/Wave 3|Vague 3/);
    expect(store.listBulks(context, { limit: 10 })).toEqual([
      Object.fromEntries(Object.entries(detail).filter(([key]) => key !== 'members')),
    ]);
  });

  it('keeps to its own concurrency within a wave', async () => {
    const { context, upgrade, bulks } = setUp();
    const ids = Object.values(machinesOf(context, 'a', 'b', 'c', 'd'));
    bulks.startBulk(request(ids, { wave: 'all', concurrency: 2 }));
    await vi.waitFor(() => expect(upgrade.started).toHaveLength(2));
    upgrade.end(ids[0] ?? '');
    await vi.waitFor(() => expect(upgrade.started).toHaveLength(3));
    expect(upgrade.started[2]).toBe(ids[2]);
  });

  it('stops at the first failure: what runs goes on, nothing more is started', async () => {
    const { context, upgrade, bulks } = setUp();
    const ids = Object.values(machinesOf(context, 'a', 'b', 'c', 'd'));
    const [a = '', b = ''] = ids;
    const bulkId = bulks.startBulk(request(ids, { wave: { sizes: [3, 1] }, concurrency: 2 }));
    await vi.waitFor(() => expect(upgrade.started).toEqual([a, b]));
    upgrade.end(a, failure);
    await vi.waitFor(() => expect(store.bulkDetail(context, bulkId).counts.skipped).toBe(2));
    expect(store.bulkDetail(context, bulkId)).toMatchObject({ status: 'running', counts: { running: 1 } });
    upgrade.end(b);
    await vi.waitFor(() => expect(store.bulkDetail(context, bulkId).status).toBe('stopped'));
    expect(upgrade.started).toEqual([a, b]);
    expect(store.bulkDetail(context, bulkId).members.map(({ status }) => status)).toEqual([
      'error',
      'ok',
      'skipped',
      'skipped',
    ]);
  });

  it('carries on after a failure where that was asked', async () => {
    const { context, upgrade, bulks } = setUp();
    const ids = Object.values(machinesOf(context, 'a', 'b'));
    const [a = '', b = ''] = ids;
    const bulkId = bulks.startBulk(request(ids, { wave: { sizes: [1] }, onFailure: 'continue' }));
    await vi.waitFor(() => expect(upgrade.started).toEqual([a]));
    upgrade.end(a, failure);
    await vi.waitFor(() => expect(upgrade.started).toEqual([a, b]));
    upgrade.end(b);
    await vi.waitFor(() => expect(store.bulkDetail(context, bulkId).status).toBe('error'));
    const markdown = readFileSync(join(context.dataDir, 'reports', `${bulkId}.md`), 'utf8');
    expect(markdown).toContain('apt\\_package\\_failed');
  });

  it('leaves out what has nothing to do and counts a refusal when its wave comes', async () => {
    const { context, upgrade, bulks } = setUp();
    const ids = Object.values(machinesOf(context, 'a', 'idle', 'refused', 'late'));
    const [a = '', idle = '', refused = '', late = ''] = ids;
    upgrade.action.validate = (machineId, options) => {
      if (machineId === idle) throw new AppError('conflict', 'nothing', { nothingToDo: true });
      if (machineId === refused) throw new AppError('sudo_not_allowed', 'no sudo');
      return options;
    };
    const bulkId = bulks.startBulk(request([a, idle, refused, late], { wave: { sizes: [2, 1, 1] } }));
    await vi.waitFor(() => expect(upgrade.started).toEqual([a]));
    upgrade.end(a);
    await vi.waitFor(() => expect(store.bulkDetail(context, bulkId).status).toBe('stopped'));
    expect(store.bulkDetail(context, bulkId).members).toMatchObject([
      { status: 'ok' },
      { status: 'skipped', error: { data: { nothingToDo: true } } },
      { status: 'refused', error: { kind: 'sudo_not_allowed' } },
      { status: 'skipped' },
    ]);
  });

  it('gives each machine the plan that was its newest when the bulk was started', async () => {
    const { context, upgrade, bulks } = setUp();
    const ids = Object.values(machinesOf(context, 'a', 'b'));
    let plan = 'first';
    const given: (string | undefined)[] = [];
    upgrade.action.validate = (_id, options) => ({ ...options, planHash: options.planHash ?? plan });
    const run = upgrade.action.run.bind(upgrade.action);
    upgrade.action.run = (job) => {
      given.push(job.options.planHash);
      return run(job);
    };
    bulks.startBulk(request(ids, { wave: { sizes: [1] } }));
    plan = 'second';
    await vi.waitFor(() => expect(given).toEqual(['first']));
    upgrade.end(ids[0] ?? '');
    await vi.waitFor(() => expect(given).toEqual(['first', 'first']));
  });

  it('is cancelled: nothing more starts, running jobs only on request', async () => {
    const { context, upgrade, bulks } = setUp();
    const ids = Object.values(machinesOf(context, 'a', 'b'));
    const bulkId = bulks.startBulk(request(ids, { wave: { sizes: [1] } }));
    await vi.waitFor(() => expect(upgrade.started).toHaveLength(1));
    expect(bulks.cancel(bulkId, false)).toBe('cancelled');
    await vi.waitFor(() => expect(store.bulkDetail(context, bulkId).counts.skipped).toBe(1));
    expect(store.bulkDetail(context, bulkId).members[0]?.status).toBe('running');
    bulks.cancel(bulkId, true);
    await vi.waitFor(() => expect(store.bulkDetail(context, bulkId).status).toBe('cancelled'));
    expect(bulks.cancel(bulkId, false)).toBe('already_ended');
    expect(upgrade.started).toHaveLength(1);
  });

  it('starts nothing while secrets cannot be used', async () => {
    let ready = false;
    const { context, upgrade, bulks } = setUp(testContext(), () => ready);
    const [a = ''] = Object.values(machinesOf(context, 'a'));
    const bulkId = bulks.startBulk(request([a]));
    context.bus.publish('vault.changed', {});
    await Promise.resolve();
    await Promise.resolve();
    expect(upgrade.started).toEqual([]);
    ready = true;
    context.bus.publish('vault.changed', {});
    await vi.waitFor(() => expect(upgrade.started).toEqual([a]));
    expect(store.bulkDetail(context, bulkId).status).toBe('running');
  });
});

describe('a bulk after the application ended', () => {
  it('goes on where it was: no machine twice, no wave before its time', async () => {
    const first = setUp();
    const { context } = first;
    const ids = Object.values(machinesOf(context, 'a', 'b', 'c'));
    const [a = '', b = '', c = ''] = ids;
    const bulkId = first.bulks.startBulk(request(ids, { wave: { sizes: [1, 1, 1] } }));
    await vi.waitFor(() => expect(first.upgrade.started).toEqual([a]));
    first.upgrade.end(a);
    await vi.waitFor(() => expect(first.upgrade.started).toEqual([a, b]));
    await closeAll();
    expect(store.bulkDetail(context, bulkId)).toMatchObject({ status: 'running', currentWave: 1 });

    const second = setUp(context);
    second.runner.start();
    second.bulks.start();
    await vi.waitFor(() => expect(second.upgrade.started).toEqual([b]));
    second.upgrade.end(b);
    await vi.waitFor(() => expect(second.upgrade.started).toEqual([b, c]));
    second.upgrade.end(c);
    await vi.waitFor(() => expect(store.bulkDetail(context, bulkId).status).toBe('ok'));
    const jobs = store.bulkDetail(context, bulkId).members.map(({ jobId }) => jobId);
    expect(new Set(jobs).size).toBe(3);
  });

  it('whose last job ended just before is ended with its report', async () => {
    const first = setUp();
    const { context } = first;
    const [a = ''] = Object.values(machinesOf(context, 'a'));
    const bulkId = first.bulks.startBulk(request([a]));
    await vi.waitFor(() => expect(first.upgrade.started).toEqual([a]));
    await first.bulks.close();
    first.upgrade.end(a);
    await vi.waitFor(() => expect(store.bulkDetail(context, bulkId).counts.ok).toBe(1));
    await closeAll();
    const second = setUp(context);
    second.runner.start();
    second.bulks.start();
    await vi.waitFor(() => expect(store.bulkDetail(context, bulkId).status).toBe('ok'));
    expect(store.bulkDetail(context, bulkId).reportId).not.toBeNull();
  });
});
