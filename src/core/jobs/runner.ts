import { AppError, toAppError } from '../../shared/domain/errors.ts';
import { isFinalStatus } from '../../shared/domain/job-moves.ts';
import type { StartableAction } from '../../shared/domain/unions.ts';
import type { ActionJob, ActionOptions, ActionOutcome, Actions, CancelOutcome } from '../actions/types.ts';
import { fromJson, isoNow, type CoreContext } from '../context.ts';
import { recordEvent } from '../events/index.ts';
import { errorColumns, markFailed, patchState } from '../fleet/index.ts';
import * as store from './store.ts';

export interface LiveProgress {
  readonly step: string;
  readonly percent: number | null;
}

export interface Runner {
  /** Queues an action on machines; returns when the rows are committed. */
  enqueue(
    action: StartableAction,
    machineIds: readonly string[],
    options: ActionOptions,
    /** The bulk that the jobs are a part of. */
    bulkRunId?: string,
  ): { jobId: string; machineId: string }[];
  /**
   * What the action would be started with on this machine now: the hash of its newest plan included.
   * @throws AppError when it would be refused
   */
  check(action: StartableAction, machineId: string, options: ActionOptions): ActionOptions;
  cancel(jobId: string): Promise<CancelOutcome | 'already_ended'>;
  /** Cancels what waits for a machine, for its removal. */
  cancelQueued(machineId: string): void;
  progressOf(jobId: string): LiveProgress | undefined;
  /** Takes up what a former process left running, then starts what is queued. */
  start(): void;
  /** Lets go of every job; runs on the hosts go on and are taken up at the next start. */
  close(): Promise<void>;
}

interface Active {
  readonly abort: AbortController;
  done: Promise<void>;
  progress: LiveProgress;
}

/** Jobs started before the event loop is given back to those that run. */
const STARTED_AT_ONCE = 4;
const RETRY_MS = 5_000;
/** Least time between two writes of one job's progress. */
const PROGRESS_GAP_MS = 250;

/** The durable queue: first in first out within a machine, machines side by side up to `concurrency`. */
export function createRunner(context: CoreContext, actions: Actions, concurrency: number): Runner {
  const { database, bus } = context;
  const active = new Map<string, Active>();
  let closing = false;
  let nextWake: NodeJS.Immediate | undefined;
  let retry: NodeJS.Timeout | undefined;

  const news = (jobId: string, machineId: string | null) => {
    bus.publish('job.changed', { jobId });
    if (machineId !== null) bus.publish('fleet.changed', { machineIds: [machineId] });
  };

  /** Starts what can start, a few jobs at once: the first hosts are at work while the next connections are made. */
  function wake(): void {
    clearImmediate(nextWake);
    clearTimeout(retry);
    const limit = Math.min(STARTED_AT_ONCE, concurrency - active.size);
    if (closing || limit <= 0) return;
    try {
      // Fewer than asked for may only mean that several were for one machine.
      if (startSome(limit) > 0) nextWake = setImmediate(wake);
    } catch (error) {
      // A full disk, say. What is queued stays queued.
      context.log.error('Queued jobs could not be started; trying again', { error: String(error) });
      retry = setTimeout(wake, RETRY_MS);
    }
  }

  function startSome(limit: number): number {
    const claimed = database.tx(() => {
      const startable = store.nextStartable(context, limit);
      for (const job of startable) claim(job);
      return startable;
    });
    for (const job of claimed) {
      const action = actions[job.action as StartableAction];
      carryOut(job, (actionJob) => action.run(actionJob));
    }
    return claimed.length;
  }

  function claim({ id, machineId, attempt, action }: store.JobRow): void {
    store.moveJob(context, id, 'start', { startedAt: isoNow(context), attempt: attempt + 1 });
    if (machineId !== null) {
      store.lockMachine(context, machineId, id, actions[action as StartableAction].lockKind);
      patchState(context, machineId, {
        runningJobId: id,
        runningAction: action,
        runningStep: 'connect',
        runningProgressPercent: null,
      });
    }
    store.addJobLog(context, id, 'info', 'Started');
  }

  /** Runs the job's action to its end and stores the outcome; never throws. */
  function carryOut(row: store.JobRow, work: (job: ActionJob) => Promise<ActionOutcome>): void {
    const abort = new AbortController();
    const machineId = row.machineId ?? '';
    // What an idempotent action found before a power cut is found again: it is started anew.
    const commit = actions[row.action as StartableAction].idempotent ? database.relaxedTx : database.tx;
    let lastWriteAt = 0;
    const entry: Active = { abort, done: Promise.resolve(), progress: { step: 'connect', percent: null } };
    const job: ActionJob = {
      jobId: row.id,
      machineId,
      options: fromJson<ActionOptions>(row.payloadJson, {}),
      signal: abort.signal,
      progress(step, percent) {
        const newStep = step !== entry.progress.step;
        entry.progress = { step, percent };
        const now = performance.now();
        if (!newStep && now - lastWriteAt < PROGRESS_GAP_MS) return;
        lastWriteAt = now;
        database.relaxedTx(() => {
          patchState(context, machineId, { runningStep: step, runningProgressPercent: percent });
        });
        news(row.id, machineId);
      },
      remember(made) {
        commit(() => {
          const known = fromJson<object>(store.jobById(context, row.id).resultJson, {});
          store.patchJob(context, row.id, { resultJson: JSON.stringify({ ...known, ...made }) });
        });
        news(row.id, machineId);
      },
    };
    active.set(row.id, entry);
    entry.done = Promise.resolve()
      .then(() => work(job))
      .catch((error: unknown): ActionOutcome => failed(row, error, abort.signal))
      .then((outcome) => settle(row, outcome, abort.signal))
      .catch((error: unknown) => {
        context.log.error('A job could not be settled', { jobId: row.id, error: String(error) });
      })
      .finally(() => {
        active.delete(row.id);
        wake();
      });
    news(row.id, machineId);
  }

  function failed(row: store.JobRow, error: unknown, signal: AbortSignal): ActionOutcome {
    if (signal.aborted && signal.reason === 'cancel') return { status: 'cancelled' };
    const appError = toAppError(error);
    if (appError.code === 'internal') {
      context.log.error('An action failed unexpectedly', {
        jobId: row.id,
        action: row.action,
        error: error instanceof Error ? (error.stack ?? error.message) : String(error),
      });
    }
    return { status: 'error', error: appError };
  }

  function settle(row: store.JobRow, outcome: ActionOutcome, signal: AbortSignal): void {
    const { id, machineId } = row;
    const action = actions[row.action as StartableAction];
    // The application closes: what runs on the host goes on, what only reads is queued again.
    const letGo = signal.aborted && signal.reason === 'closing' && outcome.status === 'error';
    if (letGo && !action.idempotent) return;
    database.tx(() => {
      if (letGo) {
        store.moveJob(context, id, 'requeue', { startedAt: null });
      } else {
        const move = { ok: 'succeed', warning: 'warn', error: 'fail', cancelled: 'cancel' } as const;
        store.moveJob(context, id, move[outcome.status], {
          finishedAt: isoNow(context),
          errorKind: outcome.error?.code ?? null,
          errorMessage: outcome.error?.message ?? null,
          errorDataJson: outcome.error ? JSON.stringify(outcome.error.data) : null,
        });
        store.addJobLog(
          context,
          id,
          outcome.status === 'error' ? 'error' : 'info',
          `Ended: ${outcome.status}`,
        );
      }
      store.unlockMachine(context, id);
      if (machineId === null) return;
      patchState(context, machineId, {
        runningJobId: null,
        runningAction: null,
        runningStep: null,
        runningProgressPercent: null,
      });
      if (letGo) return;
      if (outcome.status === 'error' && outcome.error) {
        markFailed(context, machineId, outcome.error);
        recordEvent(context, {
          machineId,
          eventType: 'job.failed',
          severity: 'error',
          actorType: 'system',
          jobId: id,
          message: outcome.error.message,
          data: { action: row.action, kind: outcome.error.code, ...outcome.error.data },
        });
      } else if (outcome.error) {
        patchState(context, machineId, errorColumns(outcome.error));
      }
      if (outcome.status === 'cancelled') {
        recordEvent(context, {
          machineId,
          eventType: 'job.cancelled',
          severity: 'info',
          actorType: 'user',
          jobId: id,
          message: 'The job was cancelled.',
          data: { action: row.action },
        });
      }
    });
    news(id, machineId);
  }

  function cancelRow(row: store.JobRow): void {
    database.tx(() => {
      store.moveJob(context, row.id, 'cancel', { finishedAt: isoNow(context) });
      recordEvent(context, {
        machineId: row.machineId,
        eventType: 'job.cancelled',
        severity: 'info',
        actorType: 'user',
        jobId: row.id,
        message: 'The job was cancelled before it started.',
        data: { action: row.action },
      });
    });
    news(row.id, row.machineId);
  }

  return {
    enqueue(action, machineIds, options, bulkRunId) {
      const unique = [...new Set(machineIds)];
      const checked = unique.map((machineId) => ({
        machineId,
        options: actions[action].validate(machineId, options),
      }));
      const queued = database.tx(() =>
        checked.map(({ machineId, options: payload }) => {
          const maxAttempts = actions[action].idempotent ? 3 : 1;
          const jobId = store.insertJob(context, { action, machineId, payload, maxAttempts, bulkRunId });
          recordEvent(context, {
            machineId,
            eventType: 'job.queued',
            severity: 'info',
            actorType: 'user',
            jobId,
            message: `${action} was requested.`,
            data: { action },
          });
          return { jobId, machineId };
        }),
      );
      for (const { jobId, machineId } of queued) news(jobId, machineId);
      wake();
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
      const entry = active.get(jobId);
      const action = actions[row.action as StartableAction];
      store.patchJob(context, jobId, { cancelRequestedAt: isoNow(context) });
      news(jobId, row.machineId);
      if (action.cancel && row.machineId !== null) return action.cancel(jobId, row.machineId);
      entry?.abort.abort('cancel');
      return 'requested';
    },

    cancelQueued(machineId) {
      for (const row of store.jobsOfMachine(context, machineId)) if (row.status === 'queued') cancelRow(row);
    },

    progressOf: (jobId) => active.get(jobId)?.progress,

    start() {
      for (const { row } of store.activeJobs(context)) {
        if (row.status !== 'running') continue;
        const action = actions[row.action as StartableAction];
        if (action.resume) {
          carryOut(row, (job) => action.resume?.(job) ?? Promise.reject(new Error('no resume')));
          continue;
        }
        const again = action.idempotent && row.attempt < row.maxAttempts;
        const error = new AppError('execution_interrupted', 'Homeport ended while this was running');
        database.tx(() => {
          if (again) store.moveJob(context, row.id, 'requeue', { startedAt: null });
          else {
            store.moveJob(context, row.id, 'fail', {
              finishedAt: isoNow(context),
              errorKind: error.code,
              errorMessage: error.message,
            });
          }
          store.unlockMachine(context, row.id);
          if (row.machineId !== null) {
            patchState(context, row.machineId, {
              runningJobId: null,
              runningAction: null,
              runningStep: null,
              runningProgressPercent: null,
              ...(!again && errorColumns(error)),
            });
          }
        });
        news(row.id, row.machineId);
      }
      wake();
    },

    async close() {
      closing = true;
      clearImmediate(nextWake);
      clearTimeout(retry);
      for (const { abort } of active.values()) abort.abort('closing');
      await Promise.all([...active.values()].map(({ done }) => done));
    },
  };
}
