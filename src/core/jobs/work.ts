import type { StartableAction } from '../../shared/domain/unions.ts';
import type { ActionJob, ActionOptions } from '../actions/types.ts';
import { fromJson } from '../context.ts';
import { patchState } from '../fleet/index.ts';
import { pacedWrites, type PacedWrites } from '../paced-writes.ts';
import type { Active, Desk } from './desk.ts';
import { addJobLog } from './log.ts';
import { outcomeOfFailure, settle } from './settling.ts';
import * as store from './store.ts';

/** Least time between two writes of one job's progress. */
const PROGRESS_GAP_MS = 250;

/** Carries out a job that is `running` to its end, stores the outcome and wakes the queue; never throws. */
export function carryOut(desk: Desk, row: store.JobRow, way: 'run' | 'resume'): void {
  const { context, active } = desk;
  const action = desk.actions[row.action as StartableAction];
  const abort = new AbortController();
  const entry: Active = {
    partition: row.partitionKey,
    abort,
    done: Promise.resolve(),
    progress: { step: 'connect', percent: null },
  };
  const writes = progressWrites(desk, row, entry);
  const job = actionJob(desk, row, entry, writes);
  active.set(row.id, entry);
  entry.done = Promise.resolve()
    .then(() => (way === 'resume' && action.resume ? action.resume(job) : action.run(job)))
    .catch((error: unknown) => outcomeOfFailure(context, row, error, abort.signal))
    .then((outcome) => {
      // The machine is at rest from then on: nothing may say otherwise later.
      writes.stop();
      return settle(desk, row, outcome, abort.signal);
    })
    .finally(() => {
      active.delete(row.id);
      desk.wake();
    });
  desk.news(row.id, row.machineId);
}

/** Shows how far a job is on its machine's tile, and notes each step that it enters. */
function progressWrites(desk: Desk, row: store.JobRow, entry: Active): PacedWrites {
  const { context } = desk;
  const machineId = row.machineId ?? '';
  let noted = entry.progress.step;
  return pacedWrites(
    PROGRESS_GAP_MS,
    () => {
      const { step, percent } = entry.progress;
      context.database.relaxedTx(() => {
        patchState(context, machineId, { runningStep: step, runningProgressPercent: percent });
        if (step !== noted)
          addJobLog(context, row.id, { code: 'step', message: `Step: ${step}.`, data: { step } });
      });
      noted = step;
      desk.news(row.id, machineId);
    },
    (error) =>
      context.log.error('The progress of a job was not written', { jobId: row.id, error: String(error) }),
  );
}

/** The job as its action sees it. */
function actionJob(desk: Desk, row: store.JobRow, entry: Active, writes: PacedWrites): ActionJob {
  const {
    context,
    context: { database },
  } = desk;
  const machineId = row.machineId ?? '';
  // What an idempotent action found before a power cut is found again: it is started anew.
  const { idempotent } = desk.actions[row.action as StartableAction];
  const commit = idempotent ? database.relaxedTx : database.tx;
  return {
    jobId: row.id,
    machineId,
    options: fromJson<ActionOptions>(row.payloadJson, {}),
    ...(row.scheduleId !== null && { mode: 'scheduled' as const }),
    signal: entry.abort.signal,
    progress(step, percent) {
      const isNewStep = step !== entry.progress.step;
      entry.progress = { step, percent };
      if (isNewStep) writes.now();
      else writes.soon();
    },
    remember(made) {
      commit(() => {
        const known = fromJson<object>(store.jobById(context, row.id).resultJson, {});
        store.patchJob(context, row.id, { resultJson: JSON.stringify({ ...known, ...made }) });
      });
      desk.news(row.id, machineId);
    },
  };
}
