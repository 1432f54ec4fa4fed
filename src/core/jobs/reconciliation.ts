import { AppError } from '../../shared/domain/errors.ts';
import type { StartableAction } from '../../shared/domain/unions.ts';
import { isoNow } from '../context.ts';
import { errorColumns, patchState } from '../fleet/index.ts';
import type { Desk } from './desk.ts';
import { freeLeftLocks, lockMachine, unlockMachine } from './locks.ts';
import { addJobLog } from './log.ts';
import { notRunning, recordCancelled } from './settling.ts';
import * as store from './store.ts';
import { carryOut } from './work.ts';

/**
 * Decides on every job that a former process left `running`, before anything new starts: an action that can be resumed asks
 * its machine what became of it, a read is queued again while it has attempts left, and the rest ends as
 * `execution_interrupted`. What changes machines is never run a second time. Frees the locks of jobs that have ended.
 */
export function reconcile(desk: Desk): void {
  const { context } = desk;
  context.database.tx(() => freeLeftLocks(context));
  for (const row of store.runningRows(context)) {
    const action = desk.actions[row.action as StartableAction];
    if (action.resume) takeUp(desk, row);
    else if (row.cancelRequestedAt !== null) finish(desk, row, 'cancelled');
    else if (action.idempotent && row.attempt < row.maxAttempts) finish(desk, row, 'queued');
    else finish(desk, row, 'error');
  }
}

function takeUp(desk: Desk, row: store.JobRow): void {
  const { context, actions } = desk;
  context.database.tx(() => {
    if (row.machineId !== null) {
      lockMachine(context, row.machineId, row.id, actions[row.action as StartableAction].lockKind);
    }
    addJobLog(context, row.id, {
      code: 'taken_up',
      message: 'Found running when Homeport started; taken up again.',
    });
  });
  carryOut(desk, row, 'resume');
}

function finish(desk: Desk, row: store.JobRow, to: 'queued' | 'cancelled' | 'error'): void {
  const { context } = desk;
  const error = new AppError('execution_interrupted', 'Homeport ended while this was running');
  const finishedAt = isoNow(context);
  context.database.tx(() => {
    addJobLog(context, row.id, {
      code: 'interrupted',
      level: 'warn',
      message: `${error.message}.`,
      data: { attempt: row.attempt, maxAttempts: row.maxAttempts, again: to === 'queued' },
    });
    if (to === 'queued') store.moveJob(context, row.id, 'requeue', { startedAt: null });
    else if (to === 'cancelled') {
      store.moveJob(context, row.id, 'cancel', { finishedAt });
      recordCancelled(context, row, 'The job was cancelled.');
    } else {
      const failure = { errorKind: error.code, errorMessage: error.message };
      store.moveJob(context, row.id, 'fail', { finishedAt, ...failure });
    }
    unlockMachine(context, row.id);
    if (row.machineId !== null) {
      patchState(context, row.machineId, { ...notRunning, ...(to === 'error' && errorColumns(error)) });
    }
  });
  desk.news(row.id, row.machineId);
}
