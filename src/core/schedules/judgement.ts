import type { ScheduleStep } from '../../shared/contract/schedules.ts';
import { AppError } from '../../shared/domain/errors.ts';
import { updateSnapshotSchema } from '../../shared/domain/snapshot.ts';
import { plannedNow } from '../actions/apt-change.ts';
import type { CoreContext } from '../context.ts';
import { refuseRemovals } from '../plans/index.ts';
import { latestAnalysis } from '../snapshots/index.ts';
import { isSecurityOnly, needsLook } from './model.ts';

/**
 * Whether a step is taken on a machine now, by the archived analysis that the run itself made (or one made since).
 * @param since the run's beginning: an older analysis says nothing about today
 * @throws AppError conflict (no analysis of this run, or without the security updates alone), schedule_removes_packages
 */
export function isStepNeeded(
  context: CoreContext,
  machineId: string,
  step: ScheduleStep,
  { since, allowRemovals }: { readonly since: string; readonly allowRemovals: boolean },
): boolean {
  if (!needsLook(step)) return true;
  const row = latestAnalysis(context, machineId);
  if (!row || row.createdAt < since) {
    throw new AppError('conflict', 'The machine was not analysed in this run', { machineId });
  }
  const { apt } = updateSnapshotSchema.parse(JSON.parse(row.payloadJson));
  const security = isSecurityOnly(step);
  const planned = plannedNow(context, machineId, step.action, security);
  const packages = planned ?? apt.packages;
  const isNeeded = {
    // Of chosen packages there may be none; what an earlier run left is mended by an upgrade of everything.
    always: () => !security || packages.length > 0,
    if_updates: () => packages.length > 0 || (!security && (apt.pendingRepair ?? []).length > 0),
    if_security: () => packages.some(({ severityHint }) => severityHint === 'security'),
    if_reboot_needed: () => (apt.rebootEvidence?.required ?? apt.rebootRequired) === true,
  }[step.condition]();
  if (!isNeeded) return false;
  refuseRemovals(machineId, planned, allowRemovals);
  return true;
}
