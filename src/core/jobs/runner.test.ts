import { afterEach, describe, expect, it, vi } from 'vitest';
import { AppError } from '../../shared/domain/errors.ts';
import type { Action, ActionJob, ActionOutcome, Actions } from '../actions/types.ts';
import { startableActions } from '../../shared/domain/unions.ts';
import { insertMachine, testContext } from '../testing/context.ts';
import { createRunner, type Runner } from './runner.ts';
import * as store from './store.ts';

/** An action whose runs end when the test says so. */
function controlled(idempotent: boolean) {
  const started: ActionJob[] = [];
  const enders: ((outcome: ActionOutcome) => void)[] = [];
  const work = (job: ActionJob) =>
    new Promise<ActionOutcome>((resolve, reject) => {
      started.push(job);
      enders.push(resolve);
      job.signal.addEventListener('abort', () => reject(new AppError('cancelled', 'given up')));
    });
  const action: Action = {
    idempotent,
    lockKind: 'apt',
    validate: (_machineId, options) => options,
    run: work,
    ...(!idempotent && { resume: work }),
  };
  return {
    action,
    started,
    end: (i: number, outcome: ActionOutcome = { status: 'ok' }) => enders[i]?.(outcome),
  };
}

const open: Runner[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((runner) => runner.close()));
});

function setUp(concurrency = 10, context = testContext()) {
  const refresh = controlled(true);
  const upgrade = controlled(false);
  const others = Object.fromEntries(startableActions.map((name) => [name, upgrade.action]));
  const actions = { ...others, apt_update_analyze: refresh.action } as Actions;
  const runner = createRunner(context, actions, concurrency);
  open.push(runner);
  return { context, refresh, upgrade, runner };
}
const statusOf = (context: ReturnType<typeof testContext>, id: string) => store.jobById(context, id).status;

describe('the queue', () => {
  it('runs one job of a machine at a time, first in first out, and machines side by side', async () => {
    const { context, refresh, runner } = setUp();
    const [a, b] = [insertMachine(context, 'a'), insertMachine(context, 'b')];
    const first = runner.enqueue('apt_update_analyze', [a, b], {});
    const second = runner.enqueue('apt_update_analyze', [a], {});
    await vi.waitFor(() => expect(refresh.started).toHaveLength(2));
    expect(refresh.started.map((job) => job.jobId)).toEqual(first.map((job) => job.jobId));
    refresh.end(0);
    await vi.waitFor(() => expect(refresh.started).toHaveLength(3));
    expect(refresh.started[2]?.jobId).toBe(second[0]?.jobId);
    expect(statusOf(context, first[0]?.jobId ?? '')).toBe('ok');
  });

  it('starts the queued jobs of other machines although many of one machine stand before them', async () => {
    const { context, refresh, runner } = setUp();
    const [a, b] = [insertMachine(context, 'a'), insertMachine(context, 'b')];
    for (let i = 0; i < 12; i++) runner.enqueue('apt_update_analyze', [a], {});
    runner.enqueue('apt_update_analyze', [b], {});
    await vi.waitFor(() => expect(refresh.started.map((job) => job.machineId)).toEqual([a, b]));
  });

  it('keeps what it cannot claim queued, and starts it when the database can be written again', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    try {
      const { context, refresh, runner } = setUp();
      const { tx } = context.database;
      let left = 1;
      Object.assign(context.database, {
        tx: <T>(work: () => T): T => {
          if (left-- === 0) throw new AppError('local_disk_full', 'no space');
          return tx(work);
        },
      });
      const [job] = runner.enqueue('apt_update_analyze', [insertMachine(context, 'a')], {});
      expect(statusOf(context, job?.jobId ?? '')).toBe('queued');
      expect(refresh.started).toHaveLength(0);
      await vi.advanceTimersByTimeAsync(5_000);
      expect(statusOf(context, job?.jobId ?? '')).toBe('running');
    } finally {
      vi.useRealTimers();
    }
  });

  it('keeps to the global concurrency', async () => {
    const { context, refresh, runner } = setUp(2);
    const ids = ['a', 'b', 'c', 'd'].map((name) => insertMachine(context, name));
    runner.enqueue('apt_update_analyze', ids, {});
    await vi.waitFor(() => expect(refresh.started).toHaveLength(2));
    refresh.end(1);
    await vi.waitFor(() => expect(refresh.started).toHaveLength(3));
    expect(store.activeJobs(context).filter(({ row }) => row.status === 'running')).toHaveLength(2);
  });

  it('stores nothing when one machine of the selection is refused', () => {
    const { context, upgrade, runner } = setUp();
    const [a, b] = [insertMachine(context, 'a'), insertMachine(context, 'b')];
    upgrade.action.validate = (machineId) => {
      if (machineId === b) throw new AppError('conflict', 'nothing to do');
      return {};
    };
    expect(() => runner.enqueue('apt_full_upgrade', [a, b], {})).toThrow('nothing to do');
    expect(store.activeJobs(context)).toHaveLength(0);
  });

  it('shows a failure on the tile and goes on with the next job', async () => {
    const { context, refresh, runner } = setUp();
    const a = insertMachine(context, 'a');
    const [job] = runner.enqueue('apt_update_analyze', [a], {});
    runner.enqueue('apt_update_analyze', [a], {});
    await vi.waitFor(() => expect(refresh.started).toHaveLength(1));
    refresh.end(0, { status: 'error', error: new AppError('ssh_auth_failed', 'no', { hostname: 'a' }) });
    await vi.waitFor(() => expect(refresh.started).toHaveLength(2));
    expect(store.jobById(context, job?.jobId ?? '')).toMatchObject({
      status: 'error',
      errorKind: 'ssh_auth_failed',
    });
  });

  it('tells an unexpected error to the log and calls it internal', async () => {
    const { context, refresh, runner } = setUp();
    refresh.action.run = () => Promise.reject(new Error('a bug'));
    const [job] = runner.enqueue('apt_update_analyze', [insertMachine(context, 'a')], {});
    await vi.waitFor(() => expect(statusOf(context, job?.jobId ?? '')).toBe('error'));
    expect(store.jobById(context, job?.jobId ?? '').errorKind).toBe('internal');
    expect(context.logged).toContain('An action failed unexpectedly');
  });

  it('cancels a queued job without starting it and a running one by its signal', async () => {
    const { context, refresh, runner } = setUp();
    const a = insertMachine(context, 'a');
    const [running, queued] = [1, 2].map(() => runner.enqueue('apt_update_analyze', [a], {})[0]?.jobId ?? '');
    await vi.waitFor(() => expect(refresh.started).toHaveLength(1));
    expect(await runner.cancel(queued ?? '')).toBe('cancelled');
    expect(await runner.cancel(running ?? '')).toBe('requested');
    await vi.waitFor(() => expect(statusOf(context, running ?? '')).toBe('cancelled'));
    expect(statusOf(context, queued ?? '')).toBe('cancelled');
    expect(refresh.started).toHaveLength(1);
    expect(await runner.cancel(running ?? '')).toBe('already_ended');
  });
});

describe('after the application ended', () => {
  it('takes up a change and queues a read again', async () => {
    const first = setUp();
    const { context } = first;
    const [a, b] = [insertMachine(context, 'a'), insertMachine(context, 'b')];
    const change = first.runner.enqueue('apt_full_upgrade', [a], {})[0]?.jobId ?? '';
    const read = first.runner.enqueue('apt_update_analyze', [b], {})[0]?.jobId ?? '';
    await vi.waitFor(() => expect(first.upgrade.started).toHaveLength(1));
    await first.runner.close();
    expect(statusOf(context, change)).toBe('running');
    expect(statusOf(context, read)).toBe('queued');

    const second = setUp(10, context);
    second.runner.start();
    await vi.waitFor(() => expect(second.upgrade.started).toHaveLength(1));
    await vi.waitFor(() => expect(second.refresh.started).toHaveLength(1));
    expect(second.upgrade.started[0]?.jobId).toBe(change);
    second.upgrade.end(0);
    await vi.waitFor(() => expect(statusOf(context, change)).toBe('ok'));
  });

  it('gives up a read that never gets to its end', () => {
    const { context, runner } = setUp();
    const a = insertMachine(context, 'a');
    const id = store.insertJob(context, {
      action: 'apt_update_analyze',
      machineId: a,
      payload: {},
      maxAttempts: 1,
    });
    store.moveJob(context, id, 'start', { attempt: 1 });
    runner.start();
    expect(store.jobById(context, id)).toMatchObject({ status: 'error', errorKind: 'execution_interrupted' });
  });
});

describe('moves in the database', () => {
  it('refuses a move that the table does not allow', () => {
    const { context } = setUp();
    const machineId = insertMachine(context, 'a');
    const id = store.insertJob(context, {
      action: 'apt_full_upgrade',
      machineId,
      payload: {},
      maxAttempts: 1,
    });
    expect(() => store.moveJob(context, id, 'succeed')).toThrow(AppError);
    store.moveJob(context, id, 'start');
    expect(() => store.moveJob(context, id, 'start')).toThrow(AppError);
    expect(statusOf(context, id)).toBe('running');
  });
});
