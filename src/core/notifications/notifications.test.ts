import { describe, expect, it, vi } from 'vitest';
import { recordEvent, type NewEvent } from '../events/index.ts';
import { insertJob } from '../jobs/store.ts';
import { insertMachine, testContext } from '../testing/context.ts';
import { createDesktopNotices, notificationHandlers, type DesktopNotice } from './index.ts';
import { notificationState } from './handlers.ts';
import { watchVaultWaits } from './vault-wait.ts';

const caller = { surface: 'ui', signal: new AbortController().signal } as const;

function setUp() {
  const context = testContext();
  const machineId = insertMachine(context, 'nas');
  const handlers = notificationHandlers(context);
  const record = (event: Partial<NewEvent> & Pick<NewEvent, 'eventType'>) => {
    recordEvent(context, { machineId, severity: 'info', actorType: 'system', message: '', ...event });
  };
  const state = () => notificationState(context);
  const kinds = () => state().items.map(({ kind, occurrences }) => `${kind} ${occurrences}`);
  return { context, machineId, handlers, record, state, kinds };
}

const ended = (status: string, jobId = 'j1') => ({
  eventType: 'run.finished',
  executionId: `run of ${jobId}`,
  jobId,
  data: { action: 'apt_upgrade', status },
});
const failed = (kind: string, jobId: string) => ({
  eventType: 'job.failed',
  severity: 'error' as const,
  jobId,
  data: { action: 'apt_update_analyze', kind },
});

describe('what a person is told', () => {
  it('a run that ended, once, with its machine and its run', () => {
    const { record, state, machineId } = setUp();
    record(ended('ok'));
    expect(state()).toMatchObject({
      unread: 1,
      items: [
        { kind: 'run_ended', severity: 'info', machineId, machineName: 'nas', executionId: 'run of j1' },
      ],
    });
  });

  it('a failed run and the failure of its job are one matter, and keep the way to the run', () => {
    const { record, state } = setUp();
    record(ended('error'));
    record(failed('apt_conffile_prompt', 'j1'));
    expect(state().items).toMatchObject([
      { kind: 'conffile', occurrences: 1, executionId: 'run of j1', data: { kind: 'apt_conffile_prompt' } },
    ]);
  });

  it('nothing of what a person cancelled, nor of a job that is part of a bulk run', () => {
    const { context, machineId, record, kinds } = setUp();
    record(ended('cancelled'));
    record(failed('cancelled', 'j2'));
    const jobId = insertJob(context, {
      action: 'apt_upgrade',
      machineId,
      payload: {},
      maxAttempts: 1,
      bulkRunId: 'b',
    });
    record(ended('ok', jobId));
    record(failed('ssh_timeout', jobId));
    expect(kinds()).toEqual([]);
    record({ eventType: 'bulk.finished', machineId: null, data: { bulkId: 'b', machines: 30 } });
    expect(kinds()).toEqual(['bulk_ended 1']);
  });

  it('the same failure again counts up while it is unread, and is told anew once it was read', async () => {
    const { record, kinds, state, handlers } = setUp();
    record(failed('ssh_unreachable', 'j1'));
    record(failed('ssh_unreachable', 'j2'));
    record(failed('ssh_auth_failed', 'j3'));
    expect(kinds().sort()).toEqual(['run_failed 1', 'run_failed 2']);
    await handlers['notifications.mark']({ all: true, read: true }, caller);
    expect(state().unread).toBe(0);
    record(failed('ssh_unreachable', 'j4'));
    expect(state()).toMatchObject({ unread: 1, items: { length: 3 } });
  });

  it('a changed host key waits until it is decided; the failure that it causes is the same matter', () => {
    const { record, kinds, state } = setUp();
    record({ eventType: 'host_key.changed', severity: 'error' });
    record(failed('ssh_host_key_changed', 'j1'));
    expect(kinds()).toEqual(['host_key 2']);
    record({ eventType: 'host_key.approved' });
    expect(state()).toMatchObject({ unread: 0, items: [{ resolvedAt: expect.any(String) as string }] });
  });

  it('another run on the machine answers a changed plan', () => {
    const { record, state } = setUp();
    record(failed('apt_plan_changed', 'j1'));
    record({ eventType: 'run.started' });
    expect(state().unread).toBe(0);
  });

  it('nothing of a kind that is switched off, also where it replaces what was told of the same job', async () => {
    const { record, kinds, handlers } = setUp();
    await handlers['notifications.set']({ ways: { conffile: 'off', run_ended: 'off' } }, caller);
    record(ended('ok'));
    record(ended('error', 'j2'));
    record(failed('apt_conffile_prompt', 'j2'));
    record({ eventType: 'apt.changed_by_others', data: { who: 'root' } });
    expect(kinds()).toEqual([]);
  });

  it('that jobs wait for the vault, once until it was unlocked', () => {
    const { context, record, kinds, state } = setUp();
    let locked = true;
    const steps: Record<string, string> = { j1: 'waiting_for_vault', j2: 'waiting_for_vault', j3: 'install' };
    const stop = watchVaultWaits(
      context,
      () => locked,
      (id) => steps[id],
    );
    for (const jobId of ['j3', 'j1', 'j2', 'j1']) context.bus.publish('job.changed', { jobId });
    expect(kinds()).toEqual(['vault_locked 1']);
    locked = false;
    record({ eventType: 'vault.unlocked', machineId: null });
    context.bus.publish('vault.changed', {});
    expect(state().unread).toBe(0);
    locked = true;
    context.bus.publish('job.changed', { jobId: 'j1' });
    expect(state()).toMatchObject({ unread: 1, items: { length: 2 } });
    stop();
  });

  it('nothing when the transaction of the event is undone', () => {
    const { context, record, kinds } = setUp();
    expect(() =>
      context.database.tx(() => {
        record(ended('ok'));
        throw new Error('undone');
      }),
    ).toThrow('undone');
    expect(kinds()).toEqual([]);
  });
});

describe('reading', () => {
  it('is seen by two windows at once; a run that is looked at is read', async () => {
    const { handlers, record } = setUp();
    const ends = new AbortController();
    const windows = [0, 1].map(() =>
      handlers['notifications.watch']({}, { surface: 'ui', signal: ends.signal })[Symbol.asyncIterator](),
    );
    for (const stream of windows) expect((await stream.next()).value).toMatchObject({ unread: 0 });
    record(ended('ok'));
    for (const stream of windows) expect((await stream.next()).value).toMatchObject({ unread: 1 });
    await handlers['notifications.mark']({ executionId: 'run of j1', all: false, read: true }, caller);
    for (const stream of windows) expect((await stream.next()).value).toMatchObject({ unread: 0 });
    ends.abort();
  });

  it('can be taken back', async () => {
    const { handlers, record, state } = setUp();
    record(ended('ok'));
    const ids = state().items.map(({ id }) => id);
    await handlers['notifications.mark']({ ids, all: false, read: true }, caller);
    await handlers['notifications.mark']({ ids, all: false, read: false }, caller);
    expect(state().unread).toBe(1);
    expect(await handlers['notifications.mark']({ all: false, read: true }, caller)).toEqual({ changed: 0 });
  });

  it('is forgotten after three months; what is unread stays', () => {
    const { context, record, state, handlers } = setUp();
    record(ended('ok'));
    record(ended('error', 'j2'));
    void handlers['notifications.mark']({ executionId: 'run of j1', all: false, read: true }, caller);
    const later = { ...context, now: () => new Date(Date.now() + 100 * 24 * 60 * 60_000) };
    notificationHandlers(later);
    expect(state().items).toMatchObject([{ kind: 'run_failed' }]);
  });
});

describe('the desktop', () => {
  /** What is shown until `count` notices came. */
  function desktop(context: Parameters<typeof createDesktopNotices>[0]) {
    const shown: DesktopNotice[] = [];
    let arrived: () => void = () => undefined;
    const stop = createDesktopNotices(
      context,
      (notice) => {
        shown.push(notice);
        arrived();
      },
      1,
    );
    const until = async (count: number) => {
      while (shown.length < count) await new Promise<void>((resolve) => (arrived = resolve));
      stop();
      return shown;
    };
    return { shown, until };
  }

  it('says what ended where, in the language of the interface, and where a click leads', async () => {
    const { context, record } = setUp();
    const { until } = desktop(context);
    record(ended('ok'));
    expect(await until(1)).toEqual([{ title: 'nas', body: 'Upgrade succeeded', target: '#/runs/run of j1' }]);
  });

  it('is not told again what was there at the start', async () => {
    const { context, record } = setUp();
    record(ended('ok'));
    const { until } = desktop(context);
    record(ended('error', 'j2'));
    expect(await until(1)).toMatchObject([{ body: 'Upgrade failed' }]);
  });

  it('hears of many at once as one', async () => {
    const { context, record } = setUp();
    const { until } = desktop(context);
    for (const job of ['a', 'b', 'c', 'd', 'e']) record(ended('ok', job));
    expect(await until(1)).toMatchObject([{ title: '5 notifications', target: '#/fleet' }]);
  });

  it('stays silent where it should, and what came meanwhile is not made up for', async () => {
    const { context, record, handlers } = setUp();
    await handlers['notifications.set'](
      { quietUntil: new Date(Date.now() + 60_000).toISOString(), ways: { run_failed: 'list' } },
      caller,
    );
    vi.useFakeTimers();
    const gathered = () => vi.advanceTimersByTimeAsync(10);
    const { shown } = desktop(context);
    record(ended('ok'));
    await gathered();
    await handlers['notifications.set']({ quietUntil: null }, caller);
    await gathered();
    record(ended('error', 'j2'));
    await gathered();
    record(ended('warning', 'j3'));
    await gathered();
    vi.useRealTimers();
    expect(shown).toMatchObject([{ body: 'Upgrade succeeded with warnings' }]);
  });
});
