import { AppError, toAppError } from '../../shared/domain/errors.ts';
import type { StartableAction } from '../../shared/domain/unions.ts';
import type { ActionOutcome } from '../actions/types.ts';
import { isoNow, type CoreContext } from '../context.ts';
import { recordEvent } from '../events/index.ts';
import { errorColumns, markFailed, patchState } from '../fleet/index.ts';
import { pause } from '../watch.ts';
import type { Desk } from './desk.ts';
import { unlockMachine } from './locks.ts';
import { addJobLog } from './log.ts';
import { retryDelayMs } from './retry.ts';
import * as store from './store.ts';

const SETTLE_AGAIN_MS = 5_000;

/** What a tile shows when nothing runs. */
export const notRunning = {
  runningJobId: null,
  runningAction: null,
  runningStep: null,
  runningProgressPercent: null,
} as const;

/** The outcome of a job whose action threw. */
export function outcomeOfFailure(
  context: CoreContext,
  row: store.JobRow,
  error: unknown,
  signal: AbortSignal,
): ActionOutcome {
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

/**
 * Stores how a job ended, and keeps trying while the database cannot be written: a job whose end is not stored would run
 * for ever. Never throws.
 */
export async function settle(desk: Desk, row: store.JobRow, outcome: ActionOutcome, signal: AbortSignal) {
  for (;;) {
    try {
      settleOnce(desk, row, outcome, signal);
      return;
    } catch (error) {
      desk.context.log.error('A job could not be settled', { jobId: row.id, error: String(error) });
      // Somebody else has ended it: there is nothing to store any more.
      if (error instanceof AppError && error.code === 'conflict') return;
      await pause(SETTLE_AGAIN_MS, desk.closing);
      // The next start finds it running and reconciles it.
      if (desk.closing.aborted) return;
    }
  }
}

function settleOnce(desk: Desk, row: store.JobRow, outcome: ActionOutcome, signal: AbortSignal): void {
  const { context } = desk;
  const { id, machineId } = row;
  const { idempotent } = desk.actions[row.action as StartableAction];
  // The application closes: what runs on the host goes on, what only reads is queued again.
  const letGo = signal.aborted && signal.reason === 'closing' && outcome.status === 'error';
  if (letGo && !idempotent) return;
  context.database.tx(() => {
    if (letGo) {
      // An attempt that was broken off on purpose does not count.
      store.moveJob(context, id, 'requeue', { startedAt: null, attempt: Math.max(0, row.attempt - 1) });
      addJobLog(context, id, { code: 'let_go', message: 'Homeport closed; queued again.' });
    } else if (!tryAgain(desk, row, outcome, idempotent)) {
      end(context, row, outcome);
    }
    unlockMachine(context, id);
    if (machineId !== null) patchState(context, machineId, notRunning);
  });
  desk.news(id, machineId);
}

/** Queues an attempt that failed by something that may pass once more. Returns false when that is not so. */
function tryAgain(desk: Desk, row: store.JobRow, outcome: ActionOutcome, idempotent: boolean): boolean {
  const { context } = desk;
  const { error } = outcome;
  if (outcome.status !== 'error' || !error) return false;
  const { attempt, maxAttempts, cancelRequestedAt } = store.jobById(context, row.id);
  const delayMs = retryDelayMs(error.code, attempt, maxAttempts, idempotent);
  if (delayMs === null || cancelRequestedAt !== null) return false;
  const notBefore = new Date(context.now().getTime() + delayMs).toISOString();
  store.moveJob(context, row.id, 'requeue', { startedAt: null, notBefore, ...errorOf(error) });
  addJobLog(context, row.id, {
    code: 'attempt_failed',
    level: 'warn',
    message: `Attempt ${attempt} of ${maxAttempts} failed: ${error.message}`,
    data: { attempt, maxAttempts, kind: error.code, until: notBefore, ...error.data },
  });
  // The tile says at once what is wrong; the timeline and the notifications wait for the last attempt.
  if (row.machineId !== null) markFailed(context, row.machineId, error);
  return true;
}

const errorOf = (error: AppError | undefined) => ({
  errorKind: error?.code ?? null,
  errorMessage: error?.message ?? null,
  errorDataJson: error ? JSON.stringify(error.data) : null,
});

function end(context: CoreContext, row: store.JobRow, { status, error }: ActionOutcome): void {
  const { id, machineId, action } = row;
  const move = { ok: 'succeed', warning: 'warn', error: 'fail', cancelled: 'cancel' } as const;
  store.moveJob(context, id, move[status], { finishedAt: isoNow(context), ...errorOf(error) });
  addJobLog(context, id, {
    code: 'ended',
    level: status === 'error' ? 'error' : status === 'warning' ? 'warn' : 'info',
    message: `Ended: ${status}.`,
    data: { status, ...(error && { kind: error.code }) },
  });
  if (machineId === null) return;
  if (status === 'error' && error) {
    markFailed(context, machineId, error);
    recordEvent(context, {
      machineId,
      eventType: 'job.failed',
      severity: 'error',
      actorType: 'system',
      jobId: id,
      message: error.message,
      data: { action, kind: error.code, ...error.data },
    });
  } else if (error) {
    patchState(context, machineId, errorColumns(error));
  }
  if (status === 'cancelled') recordCancelled(context, row, 'The job was cancelled.');
}

export function recordCancelled(context: CoreContext, row: store.JobRow, message: string): void {
  recordEvent(context, {
    machineId: row.machineId,
    eventType: 'job.cancelled',
    severity: 'info',
    actorType: 'user',
    jobId: row.id,
    message,
    data: { action: row.action },
  });
}
