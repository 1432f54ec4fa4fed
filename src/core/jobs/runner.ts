import { AppError } from '../../shared/domain/errors.ts';
import { isFinalStatus } from '../../shared/domain/job-moves.ts';
import {
  prioritiesAfterMove,
  type QueueHolds,
  type QueueMove,
  type WaitReason,
} from '../../shared/domain/job-queue.ts';
import type { StartableAction } from '../../shared/domain/unions.ts';
import type { ActionOptions, Actions, CancelOutcome } from '../actions/types.ts';
import { isoNow, type CoreContext } from '../context.ts';
import { recordEvent } from '../events/index.ts';
import { createClaiming } from './claiming.ts';
import type { Active, Desk, LiveProgress } from './desk.ts';
import { holdsNow, pause, resume, setConcurrency, type HoldSources } from './holds.ts';
import { LEASE_RENEWAL_MS, renewLocks } from './locks.ts';
import { addJobLog } from './log.ts';
import { reconcile } from './reconciliation.ts';
import { MAX_ATTEMPTS } from './retry.ts';
import { recordCancelled } from './settling.ts';
import * as store from './store.ts';
import { queuedOfPartition, reasonsNow, setPriorities } from './waiting.ts';
import { carryOut } from './work.ts';

export type { LiveProgress } from './desk.ts';

export interface Runner {
  /**
   * Queues an action on machines; returns when the rows are committed. Inside a transaction the jobs are a part of it, and
   * start after it.
   * @throws AppError when the action refuses one of them; then none is queued
   */
  enqueue(
    action: StartableAction,
    machineIds: readonly string[],
    options: ActionOptions,
    /** The bulk that the jobs are a part of. */
    bulkRunId?: string,
    /** Higher comes first, within its machine only. */
    priority?: number,
    /** The schedule that the jobs came from. */
    scheduleId?: string,
  ): { jobId: string; machineId: string }[];
  /**
   * What the action would be started with on this machine now: the hash of its newest plan included.
   * @throws AppError when it would be refused
   */
  check(action: StartableAction, machineId: string, options: ActionOptions): ActionOptions;
  cancel(jobId: string): Promise<CancelOutcome | 'already_ended'>;
  /** Cancels what waits for a machine, for its removal. */
  cancelQueued(machineId: string): void;
  /** Puts a queued job elsewhere among those of its machine. @throws AppError not_found, conflict when it does not wait */
  move(jobId: string, move: QueueMove): void;
  /** Holds what waits, of one machine or (null) of all, until it is resumed; what runs goes on. */
  pause(machineId: string | null): void;
  resume(machineId: string | null): void;
  setConcurrency(concurrency: number): void;
  holds(): QueueHolds;
  /** Why each queued job waits. */
  reasons(): Map<string, WaitReason>;
  progressOf(jobId: string): LiveProgress | undefined;
  /** Takes up what a former process left running, then starts what is queued. */
  start(): void;
  /** Lets go of every job; runs on the hosts go on and are taken up at the next start. */
  close(): Promise<void>;
}

const RETRY_MS = 5_000;
/** The longest wait of a timer: a clock that was set is noticed by then. */
const LONGEST_WAIT_MS = 60_000;

/** The durable queue: first in first out within a machine, machines side by side up to the concurrency. */
export function createRunner(
  context: CoreContext,
  actions: Actions,
  concurrency: number,
  vaultMachines: HoldSources['vaultMachines'] = () => new Set(),
): Runner {
  const { database, bus } = context;
  const active = new Map<string, Active>();
  const closing = new AbortController();
  let nextWake: NodeJS.Immediate | undefined;
  let timer: NodeJS.Timeout | undefined;

  const desk: Desk = {
    context,
    actions,
    active,
    closing: closing.signal,
    holds: { defaultConcurrency: concurrency, vaultMachines },
    wake,
    news(jobId, machineId) {
      bus.publish('job.changed', { jobId });
      if (machineId !== null) bus.publish('fleet.changed', { machineIds: [machineId] });
    },
  };
  const claimSome = createClaiming(desk);

  /** Starts what can start, a few jobs at once: the first hosts are at work while the next connections are made. */
  function wake(): void {
    clearImmediate(nextWake);
    clearTimeout(timer);
    if (closing.signal.aborted) return;
    // In the midst of a transaction that may still be rolled back: transactions are synchronous, so look after it.
    if (database.raw.inTransaction) return queueMicrotask(wake);
    try {
      const { rows, isMore, nextAt } = claimSome();
      for (const row of rows) carryOut(desk, row, 'run');
      if (isMore) nextWake = setImmediate(wake);
      else if (nextAt !== null) {
        const waitMs = Date.parse(nextAt) - context.now().getTime();
        timer = setTimeout(wake, Math.min(LONGEST_WAIT_MS, Math.max(0, waitMs) + 1));
      }
    } catch (error) {
      // A full disk, say. What is queued stays queued.
      context.log.error('Queued jobs could not be started; trying again', { error: String(error) });
      timer = setTimeout(wake, RETRY_MS);
    }
  }

  const renewal = setInterval(() => {
    try {
      database.relaxedTx(() => renewLocks(context, [...active.keys()]));
    } catch (error) {
      context.log.error('The locks of machines could not be renewed', { error: String(error) });
    }
  }, LEASE_RENEWAL_MS);
  renewal.unref();
  const stopVaultNews = bus.subscribe('vault.changed', () => {
    bus.publish('queue.changed', {});
    wake();
  });

  function changeHolds(change: () => void): void {
    database.tx(change);
    bus.publish('queue.changed', {});
    wake();
  }

  function cancelRow(row: store.JobRow): void {
    database.tx(() => {
      store.moveJob(context, row.id, 'cancel', { finishedAt: isoNow(context), notBefore: null });
      addJobLog(context, row.id, {
        code: 'ended',
        message: 'Ended: cancelled.',
        data: { status: 'cancelled' },
      });
      recordCancelled(context, row, 'The job was cancelled before it started.');
    });
    desk.news(row.id, row.machineId);
    // What stood behind it may go.
    wake();
  }

  return {
    enqueue(action, machineIds, options, bulkRunId, priority = 0, scheduleId) {
      const unique = [...new Set(machineIds)];
      const checked = unique.map((machineId) => ({
        machineId,
        options: actions[action].validate(machineId, options),
      }));
      const maxAttempts = actions[action].idempotent ? MAX_ATTEMPTS : 1;
      const queued = database.tx(() =>
        checked.map(({ machineId, options: payload }) => {
          const row = { action, machineId, payload, maxAttempts, bulkRunId, priority, scheduleId };
          const jobId = store.insertJob(context, row);
          addJobLog(context, jobId, { code: 'queued', message: 'Queued.' });
          recordEvent(context, {
            machineId,
            eventType: 'job.queued',
            severity: 'info',
            actorType: scheduleId === undefined ? 'user' : 'schedule',
            jobId,
            message: `${action} was requested.`,
            data: { action },
          });
          return { jobId, machineId };
        }),
      );
      const tell = () => {
        for (const { jobId, machineId } of queued) desk.news(jobId, machineId);
        wake();
      };
      // A part of a larger transaction is told of when that one has ended: transactions are synchronous.
      if (database.raw.inTransaction) queueMicrotask(tell);
      else tell();
      return queued;
    },

    check: (action, machineId, options) => actions[action].validate(machineId, options),

    async cancel(jobId) {
      const row = store.jobById(context, jobId);
      if (isFinalStatus(row.status)) return 'already_ended';
      if (row.status === 'queued') {
        cancelRow(row);
        return 'cancelled';
      }
      const action = actions[row.action as StartableAction];
      database.tx(() => {
        store.patchJob(context, jobId, { cancelRequestedAt: isoNow(context) });
        addJobLog(context, jobId, { code: 'cancel_requested', message: 'Cancelling was asked for.' });
      });
      desk.news(jobId, row.machineId);
      if (action.cancel && row.machineId !== null) return action.cancel(jobId, row.machineId);
      active.get(jobId)?.abort.abort('cancel');
      return 'requested';
    },

    cancelQueued(machineId) {
      for (const row of store.jobsOfMachine(context, machineId)) if (row.status === 'queued') cancelRow(row);
    },

    move(jobId, move) {
      const row = store.jobById(context, jobId);
      if (row.status !== 'queued')
        throw new AppError('conflict', 'The job does not wait any more', { jobId });
      const waiting = queuedOfPartition(context, row.partitionKey);
      const changed = prioritiesAfterMove(waiting, jobId, move);
      if (changed.size === 0) return;
      database.tx(() => {
        setPriorities(context, changed);
        addJobLog(context, jobId, { code: 'moved', message: `Moved: ${move}.`, data: { move } });
      });
      for (const id of changed.keys()) desk.news(id, null);
      wake();
    },

    pause: (machineId) => changeHolds(() => pause(context, machineId)),
    resume: (machineId) => changeHolds(() => resume(context, machineId)),
    setConcurrency: (wanted) => changeHolds(() => setConcurrency(context, wanted)),
    holds: () => holdsNow(context, desk.holds),
    reasons: () => reasonsNow(context, holdsNow(context, desk.holds)),
    progressOf: (jobId) => active.get(jobId)?.progress,

    start() {
      reconcile(desk);
      wake();
    },

    async close() {
      clearImmediate(nextWake);
      clearTimeout(timer);
      clearInterval(renewal);
      stopVaultNews();
      closing.abort();
      for (const { abort } of active.values()) abort.abort('closing');
      await Promise.all([...active.values()].map(({ done }) => done));
    },
  };
}
