import type { ScheduleStep } from '../../shared/contract/schedules.ts';
import { isPlanBound } from '../actions/apt-change.ts';
import type { ActionOptions } from '../actions/types.ts';
import { isReading, type Requests } from '../requests/index.ts';
import type { RunPlan } from './model.ts';
import type { Member } from './run-machines.ts';
import type { RunRow } from './store.ts';

/**
 * Whether a person has to approve the present step of a machine: the first that changes something, and each that keeps to a plan,
 * because what that will be is not known before. What else follows was shown with the first and is approved with it.
 */
export function needsApproval({ asksApproval, steps }: RunPlan, member: Member): boolean {
  const step = steps[member.step];
  if (!asksApproval || !step || isReading(step.action)) return false;
  return isPlanBound(step.action) || !member.isApproved;
}

/** The steps after this one that a person approves with it: up to the next that has a plan of its own. */
export function furtherSteps(steps: readonly ScheduleStep[], at: number): ScheduleStep[] {
  const after = steps.slice(at + 1);
  const next = after.findIndex(({ action }) => isPlanBound(action));
  return (next < 0 ? after : after.slice(0, next)).filter(({ action }) => !isReading(action));
}

/**
 * Asks a person for the present step of a machine, bound to its plan of now. Call it inside a transaction.
 * @returns the request's id
 * @throws AppError as starting the action would
 */
export function askFor(
  requests: Pick<Requests, 'create'>,
  run: RunRow,
  plan: RunPlan,
  member: Member,
  step: ScheduleStep,
  options: ActionOptions,
): string {
  const { scheduleId, id: runId } = run;
  return requests.create({
    action: step.action,
    machineIds: [member.machineId],
    options,
    wave: 'all',
    concurrency: 1,
    onFailure: 'stop',
    requestedBy: 'schedule',
    requestedFrom: plan.name,
    expiresInHours: plan.approvalHours,
    notAfter: run.windowEndsAt,
    schedule: {
      id: scheduleId,
      runId,
      allowRemovals: plan.allowRemovals,
      further: furtherSteps(plan.steps, member.step),
    },
  });
}
