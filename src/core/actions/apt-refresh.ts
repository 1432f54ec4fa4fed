import { worstError } from '../snapshots/index.ts';
import { analyzeMachine } from './analyze-machine.ts';
import type { ActionDeps } from './deps.ts';
import { collectLeftRuns } from './left-runs.ts';
import type { Action } from './types.ts';

/** `apt_update_analyze`: fetch the package lists where root is to be had, simulate both plans, tell the tile. */
export function aptUpdateAnalyze(deps: ActionDeps): Action {
  return {
    idempotent: true,
    lockKind: 'apt',
    validate: (machineId, { foresee }) => {
      deps.directory.target(machineId);
      return foresee === undefined ? {} : { foresee };
    },
    async run(job) {
      await collectLeftRuns(deps, job);
      job.progress('refresh', null);
      const { snapshotId, errors, usable } = await analyzeMachine(deps, {
        machineId: job.machineId,
        jobId: job.jobId,
        refresh: true,
        foresee: job.options.foresee,
        signal: job.signal,
        reason: 'refresh',
      });
      job.remember({ snapshotId });
      const error = worstError(errors);
      if (!error) return { status: 'ok' };
      return { status: usable ? 'warning' : 'error', error };
    },
  };
}
