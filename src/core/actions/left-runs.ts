import { listLeftRuns } from '../executions/index.ts';
import { runsOf } from './attachment.ts';
import { collectArmed } from './armed-runs.ts';
import { takeUp } from './change-run.ts';
import type { ActionDeps } from './deps.ts';
import type { ActionJob } from './types.ts';

/** Run directories of ended runs older than this are removed at the next contact. */
const LEFTOVER_AGE_SECONDS = 7 * 86_400;

/**
 * Collects what was handed to the machine ahead of its time, and what runs that we had to stop following left there, before
 * anything new is done. A run
 * that still goes on is followed to its end first: two changes never overlap.
 */
export async function collectLeftRuns(deps: ActionDeps, job: ActionJob): Promise<void> {
  await collectArmed(deps, job.machineId);
  const left = listLeftRuns(deps.context, job.machineId);
  for (const { id } of left) {
    job.progress('collect', null);
    const { error } = await takeUp(deps, job, id);
    // Still left: the host did not answer well enough to know. Nothing new may start beside it.
    if (error && listLeftRuns(deps.context, job.machineId).some((row) => row.id === id)) throw error;
  }
  for (const runs of new Set(left.map((row) => runsOf(deps, row)))) {
    await runs.sweep(job.machineId, LEFTOVER_AGE_SECONDS);
  }
}
