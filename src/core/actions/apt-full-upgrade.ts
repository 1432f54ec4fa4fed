import { AppError } from '../../shared/domain/errors.ts';
import { planLines } from '../../shared/domain/plan.ts';
import { updateSnapshotSchema, type UpdateSnapshot } from '../../shared/domain/snapshot.ts';
import { latestAnalysis } from '../snapshots/index.ts';
import { carryOutChange, resumeChange, cancelChange } from './change-run.ts';
import type { ActionDeps } from './deps.ts';
import { collectLeftRuns } from './left-runs.ts';
import type { Action, ActionOptions } from './types.ts';

/**
 * `apt_full_upgrade`: applies the dist-upgrade plan that the user saw, as a detached run on the host. The plan is simulated
 * again there just before and the run stops when it is another one.
 */
export function aptFullUpgrade(deps: ActionDeps): Action {
  /** The newest analysis. @throws AppError conflict (no analysis or nothing to do), apt_plan_changed, sudo_not_allowed */
  function approvedPlan(machineId: string, planHash: string | undefined): UpdateSnapshot {
    const row = latestAnalysis(deps.context, machineId);
    const snapshot = row && updateSnapshotSchema.parse(JSON.parse(row.payloadJson));
    if (!snapshot?.apt.planHash) {
      throw new AppError('conflict', 'The machine has no plan; refresh it first', { machineId });
    }
    if (planHash !== undefined && snapshot.apt.planHash !== planHash) {
      throw new AppError('apt_plan_changed', 'The plan is no longer the one that was shown', { machineId });
    }
    return snapshot;
  }

  return {
    idempotent: false,
    lockKind: 'apt',
    validate(machineId, options): ActionOptions {
      const target = deps.directory.target(machineId);
      if (target.username !== 'root' && target.sudoMode === 'none') {
        throw new AppError(
          'sudo_not_allowed',
          'Changing packages needs root, and this machine has no sudo set',
          {
            machineId,
            name: target.name,
          },
        );
      }
      const { apt } = approvedPlan(machineId, options.planHash);
      if (apt.packages.length === 0 && (apt.pendingRepair ?? []).length === 0) {
        throw new AppError('conflict', 'There is nothing to upgrade', { machineId, name: target.name });
      }
      return { ...options, planHash: apt.planHash };
    },
    async run(job) {
      await collectLeftRuns(deps, job);
      const { apt } = approvedPlan(job.machineId, job.options.planHash);
      return carryOutChange(deps, job, {
        action: 'apt_full_upgrade',
        template: 'apt_full_upgrade',
        variables: {
          expectedPlan: planLines(apt.packages),
          conffilePolicy: job.options.conffiles ?? 'keep',
        },
        planned: apt.packages,
        planHash: apt.planHash ?? '',
      });
    },
    resume: (job) => resumeChange(deps, job),
    cancel: (jobId, machineId) => cancelChange(deps, jobId, machineId),
  };
}
