import { afterEach, describe, expect, it, vi } from 'vitest';
import { AppError } from '../../shared/domain/errors.ts';
import { startableActions } from '../../shared/domain/unions.ts';
import type { Action, ActionJob, ActionOutcome, Actions } from '../actions/types.ts';
import { machineLocks } from '../db/schema/index.ts';
import { insertMachine, testContext } from '../testing/context.ts';
import { lockMachine, renewLocks } from './locks.ts';
import { jobLog } from './log.ts';
import { createRunner, type Runner } from './runner.ts';
import * as store from './store.ts';

type Context = ReturnType<typeof testContext>;
interface Started {
  readonly job: ActionJob;
  end(outcome?: ActionOutcome): void;
}

const open: Runner[] = [];
afterEach(async () => {
  vi.useRealTimers();
  await Promise.all(open.splice(0).map((runner) => runner.close()));
});

function setUp(options: { concurrency?: number; context?: Context; vaultMachines?: Set<string> } = {}) {
  const context = options.context ?? testContext();
  const started: Started[] = [];
  const work = (job: ActionJob) =>
    new Promise<ActionOutcome>((resolve, reject) => {
      started.push({ job, end: (outcome = { status: 'ok' }) => resolve(outcome) });
      job.signal.addEventListener('abort', () => reject(new AppError('cancelled', 'given up')));
    });
  const base = { lockKind: 'apt', validate: (_id: string, given: object) => given, run: work } as const;
  const change: Action = { ...base, idempotent: false, resume: work };
  const read: Action = { ...base, idempotent: true };
  const others = Object.fromEntries(startableActions.map((name) => [name, change]));
  const actions = { ...others, apt_update_analyze: read, machine_probe: read } as Actions;
  const { vaultMachines = new Set<string>() } = options;
  const runner = createRunner(context, actions, options.concurrency ?? 10, () => vaultMachines);
  open.push(runner);
  const add = (machineId: string, action: 'apt_update_analyze' | 'apt_upgrade' = 'apt_update_analyze') =>
    runner.enqueue(action, [machineId], {})[0]?.jobId ?? '';
  const statusOf = (id: string) => store.jobById(context, id).status;
  return { context, runner, started, add, statusOf, vaultMachines };
}
const unreachable = { status: 'error', error: new AppError('ssh_unreachable', 'no route') } as const;

/** Only timers of the queue are fake; the clock of the context is set by hand. */
function withClock() {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  let nowMs = Date.parse('2026-03-01T12:00:00.000Z');
  const context: Context = { ...testContext(), now: () => new Date(nowMs) };
  return {
    context,
    pass: async (ms: number) => {
      nowMs += ms;
      await vi.advanceTimersByTimeAsync(ms + 1);
    },
  };
}
/** Lets everything that is due in this turn happen. */
const settled = () => new Promise<void>((resolve) => setImmediate(() => setImmediate(resolve)));

describe('attempts', () => {
  it('tries a read again after a failure that may pass, later each time, and gives up in the end', async () => {
    const { context, pass } = withClock();
    const { runner, started, add, statusOf } = setUp({ context });
    const a = insertMachine(context, 'a');
    const id = add(a);
    await settled();
    for (const [attempt, waitMs] of [
      [1, 5_000],
      [2, 20_000],
    ] as const) {
      started.at(-1)?.end(unreachable);
      await settled();
      expect(statusOf(id)).toBe('queued');
      const until = new Date(context.now().getTime() + waitMs).toISOString();
      expect(runner.reasons().get(id)).toEqual({
        code: 'backoff',
        until,
        attempt,
        maxAttempts: 3,
        errorKind: 'ssh_unreachable',
      });
      await pass(waitMs - 10);
      expect(started).toHaveLength(attempt);
      await pass(10);
      await settled();
      expect(started).toHaveLength(attempt + 1);
    }
    started.at(-1)?.end(unreachable);
    await settled();
    expect(store.jobById(context, id)).toMatchObject({
      status: 'error',
      attempt: 3,
      errorKind: 'ssh_unreachable',
    });
    expect(jobLog(context, id).map(({ code, level }) => [code, level])).toEqual([
      ['queued', 'info'],
      ['started', 'info'],
      ['attempt_failed', 'warn'],
      ['started', 'info'],
      ['attempt_failed', 'warn'],
      ['started', 'info'],
      ['ended', 'error'],
    ]);
    expect(context.database.db.select().from(machineLocks).all()).toEqual([]);
  });

  it('forgets the failure when a later attempt succeeds', async () => {
    const { context, pass } = withClock();
    const { started, add } = setUp({ context });
    const id = add(insertMachine(context, 'a'));
    await settled();
    started[0]?.end(unreachable);
    await settled();
    await pass(5_000);
    await settled();
    started[1]?.end();
    await settled();
    expect(store.jobById(context, id)).toMatchObject({
      status: 'ok',
      attempt: 2,
      errorKind: null,
      notBefore: null,
    });
  });

  it.each(['ssh_auth_failed', 'ssh_host_key_changed', 'output_unparseable', 'internal'] as const)(
    'does not try again after %s',
    async (kind) => {
      const { context, started, add, statusOf } = setUp();
      const id = add(insertMachine(context, 'a'));
      await settled();
      started[0]?.end({ status: 'error', error: new AppError(kind, 'no') });
      await settled();
      expect(statusOf(id)).toBe('error');
    },
  );

  it('never tries a change again', async () => {
    const { context, started, add, statusOf } = setUp();
    const id = add(insertMachine(context, 'a'), 'apt_upgrade');
    await settled();
    started[0]?.end(unreachable);
    await settled();
    expect(statusOf(id)).toBe('error');
    expect(started).toHaveLength(1);
  });

  it('keeps what stands behind a job that is tried again behind it, and cancels it while it waits', async () => {
    const { context, pass } = withClock();
    const { runner, started, add, statusOf } = setUp({ context });
    const a = insertMachine(context, 'a');
    const [first, second] = [add(a), add(a)];
    await settled();
    started[0]?.end(unreachable);
    await settled();
    expect(runner.reasons().get(second)).toEqual({ code: 'behind_job', jobId: first, ahead: 1 });
    expect(await runner.cancel(first)).toBe('cancelled');
    await settled();
    expect(statusOf(second)).toBe('running');
    await pass(60_000);
    expect(statusOf(first)).toBe('cancelled');
  });

  it('does not count an attempt that the closing of the application broke off', async () => {
    const { context, runner, add } = setUp();
    const id = add(insertMachine(context, 'a'));
    await settled();
    await runner.close();
    expect(store.jobById(context, id)).toMatchObject({ status: 'queued', attempt: 0 });
  });

  it('stores the end of a job when the database can be written again', async () => {
    const { context, pass } = withClock();
    const { started, add, statusOf } = setUp({ context });
    const id = add(insertMachine(context, 'a'), 'apt_upgrade');
    await settled();
    const { tx } = context.database;
    Object.assign(context.database, {
      tx: () => {
        throw new AppError('local_disk_full', 'no space');
      },
    });
    started[0]?.end();
    await settled();
    expect(statusOf(id)).toBe('running');
    Object.assign(context.database, { tx });
    await pass(5_000);
    await settled();
    expect(statusOf(id)).toBe('ok');
  });
});

describe('holding the queue', () => {
  it('starts nothing while paused, also after a new start, and goes on when resumed', async () => {
    const first = setUp();
    const { context } = first;
    const a = insertMachine(context, 'a');
    const running = first.add(a, 'apt_upgrade');
    await settled();
    first.runner.pause(null);
    const held = first.add(insertMachine(context, 'b'));
    await settled();
    expect(first.statusOf(held)).toBe('queued');
    expect(first.statusOf(running)).toBe('running');
    await first.runner.close();

    const second = setUp({ context });
    second.runner.start();
    await settled();
    expect(second.statusOf(held)).toBe('queued');
    expect(second.runner.reasons().get(held)).toMatchObject({ code: 'paused' });
    second.runner.resume(null);
    await settled();
    expect(second.statusOf(held)).toBe('running');
  });

  it('holds one machine and leaves the others alone', async () => {
    const { context, runner, add, statusOf } = setUp();
    const [a, b] = [insertMachine(context, 'a'), insertMachine(context, 'b')];
    runner.pause(a);
    const [held, free] = [add(a), add(b)];
    await settled();
    expect([statusOf(held), statusOf(free)]).toEqual(['queued', 'running']);
    expect(runner.reasons().get(held)).toMatchObject({ code: 'machine_paused' });
    runner.resume(a);
    await settled();
    expect(statusOf(held)).toBe('running');
  });

  it('waits for the vault where a secret is needed', async () => {
    const { context, runner, vaultMachines, add, statusOf } = setUp();
    const [a, b] = [insertMachine(context, 'a'), insertMachine(context, 'b')];
    vaultMachines.add(a);
    const [held, free] = [add(a), add(b)];
    await settled();
    expect([statusOf(held), statusOf(free)]).toEqual(['queued', 'running']);
    expect(runner.reasons().get(held)).toEqual({ code: 'vault_locked' });
    vaultMachines.clear();
    context.bus.publish('vault.changed', {});
    await settled();
    expect(statusOf(held)).toBe('running');
  });

  it('follows the concurrency as it is set, and keeps it', async () => {
    const { context, runner, started, add } = setUp({ concurrency: 1 });
    const ids = ['a', 'b', 'c', 'd'].map((name) => add(insertMachine(context, name)));
    await settled();
    expect(started).toHaveLength(1);
    expect(runner.reasons().get(ids[1] ?? '')).toEqual({ code: 'concurrency', running: 1, limit: 1 });
    runner.setConcurrency(3);
    await settled();
    expect(started).toHaveLength(3);
    expect(setUp({ context, concurrency: 1 }).runner.holds().concurrency).toBe(3);
    expect(() => runner.setConcurrency(0)).toThrow();
  });
});

describe('order', () => {
  it('moves what waits within its machine', async () => {
    const { context, runner, started, add } = setUp();
    const a = insertMachine(context, 'a');
    const running = add(a);
    const [b, c, d] = [add(a), add(a), add(a)];
    await settled();
    runner.move(d, 'first');
    runner.move(b, 'last');
    const late = add(a);
    for (let i = 0; i < 4; i++) {
      started.at(-1)?.end();
      await settled();
    }
    expect(started.map(({ job }) => job.jobId)).toEqual([running, d, c, b, late]);
    expect(() => runner.move(running, 'first')).toThrow(AppError);
    expect(() => runner.move('no such job', 'first')).toThrow(AppError);
  });

  it('moves by one place, and stays at the ends', () => {
    const { context, runner, add } = setUp();
    runner.pause(null);
    const a = insertMachine(context, 'a');
    const [b, c, d] = [add(a), add(a), add(a)];
    const order = () =>
      store
        .activeJobs(context)
        .map(({ row }) => row)
        .sort((x, y) => y.priority - x.priority || (x.id < y.id ? -1 : 1))
        .map(({ id }) => id);
    runner.move(d, 'earlier');
    expect(order()).toEqual([b, d, c]);
    runner.move(b, 'earlier');
    expect(order()).toEqual([b, d, c]);
    runner.move(b, 'later');
    expect(order()).toEqual([d, b, c]);
    runner.move(c, 'later');
    expect(order()).toEqual([d, b, c]);
  });

  it('does not let the priority of one machine hold another back', async () => {
    const { context, runner, started } = setUp({ concurrency: 1 });
    const [a, b] = [insertMachine(context, 'a'), insertMachine(context, 'b')];
    for (let i = 0; i < 3; i++) runner.enqueue('apt_update_analyze', [a], {}, undefined, 100);
    runner.enqueue('apt_update_analyze', [b], {});
    for (let i = 0; i < 4; i++) {
      await settled();
      started.at(-1)?.end();
    }
    await settled();
    expect(started.map(({ job }) => job.machineId)).toEqual([a, b, a, a]);
  });
});

describe('locks of machines', () => {
  it('keep a job waiting until they are given back or run out', async () => {
    const { context, pass } = withClock();
    const { runner, add, statusOf } = setUp({ context });
    const [a, b] = [insertMachine(context, 'a'), insertMachine(context, 'b')];
    for (const id of [a, b]) lockMachine(context, id, 'other work', 'exclusive');
    const [first, second] = [add(a), add(b)];
    await settled();
    expect(runner.reasons().get(first)).toMatchObject({ code: 'machine_locked', kind: 'exclusive' });
    expect(() => lockMachine(context, a, first, 'apt')).toThrow(AppError);
    await pass(10 * 60_000);
    renewLocks(context, ['other work']);
    await pass(6 * 60_000);
    expect(statusOf(second)).toBe('queued');
    await pass(15 * 60_000);
    await settled();
    expect([statusOf(first), statusOf(second)]).toEqual(['running', 'running']);
  });

  it('left by a job that has ended are freed at the start', async () => {
    const { context, runner, add, statusOf } = setUp();
    const a = insertMachine(context, 'a');
    runner.pause(null);
    const ended = add(a);
    await runner.cancel(ended);
    lockMachine(context, a, ended, 'apt');
    const next = add(a);
    runner.resume(null);
    expect(statusOf(next)).toBe('queued');
    runner.start();
    await settled();
    expect(statusOf(next)).toBe('running');
  });
});

describe('enqueueing inside a transaction', () => {
  it('is a part of it: nothing is queued or started when it is rolled back', async () => {
    const { context, started, add } = setUp();
    const a = insertMachine(context, 'a');
    expect(() =>
      context.database.tx(() => {
        add(a);
        throw new Error('the cause failed');
      }),
    ).toThrow('the cause failed');
    await settled();
    expect(store.activeJobs(context)).toEqual([]);
    context.database.tx(() => add(a));
    await settled();
    expect(started).toHaveLength(1);
  });
});

describe('two hundred machines with three jobs each', () => {
  it('run first in first out on each machine, one at a time, within the limit, and fairly', async () => {
    const limit = 16;
    const context = testContext();
    const perMachine = new Map<string, string[]>();
    const busy = new Set<string>();
    const rounds: string[] = [];
    let most = 0;
    const run = async ({ machineId, jobId }: ActionJob): Promise<ActionOutcome> => {
      expect(busy.has(machineId)).toBe(false);
      busy.add(machineId);
      most = Math.max(most, busy.size);
      rounds.push(machineId);
      perMachine.set(machineId, [...(perMachine.get(machineId) ?? []), jobId]);
      await new Promise((resolve) => setImmediate(resolve));
      busy.delete(machineId);
      return { status: 'ok' };
    };
    const action: Action = { idempotent: true, lockKind: 'apt', validate: (_id, given) => given, run };
    const actions = Object.fromEntries(startableActions.map((name) => [name, action])) as Actions;
    const runner = createRunner(context, actions, limit);
    open.push(runner);
    const machines = Array.from({ length: 200 }, (_, i) => insertMachine(context, `m${i}`));
    const wanted = new Map<string, string[]>();
    // All of a machine at once: the worst case for those that come last.
    for (const id of machines) {
      wanted.set(
        id,
        [1, 2, 3].map(() => runner.enqueue('apt_update_analyze', [id], {})[0]?.jobId ?? ''),
      );
    }
    await vi.waitFor(() => expect(store.activeJobs(context)).toEqual([]), { timeout: 30_000 });
    expect(perMachine).toEqual(wanted);
    expect(most).toBe(limit);
    // Nobody has a third turn before everybody had a first, apart from what was at work while the rest was queued.
    const firstTurns = new Set<string>();
    const allServedAt = rounds.findIndex((id) => firstTurns.add(id).size === machines.length);
    const before = rounds.slice(0, allServedAt);
    const turnsOf = (id: string) => before.filter((other) => other === id).length;
    expect(Math.max(...machines.map(turnsOf))).toBeLessThanOrEqual(2);
    expect(context.database.db.select().from(machineLocks).all()).toEqual([]);
  }, 40_000);
});
