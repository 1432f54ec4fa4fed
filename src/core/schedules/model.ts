import { z } from 'zod';
import { waveRule } from '../../shared/contract/models.ts';
import {
  scheduleScope,
  scheduleStep,
  type ScheduleInput,
  type ScheduleStep,
} from '../../shared/contract/schedules.ts';
import { AppError } from '../../shared/domain/errors.ts';
import { scheduleOutcomes, type PlanSelection } from '../../shared/domain/unions.ts';
import { isPlanBound, selectionOf } from '../actions/apt-change.ts';
import { fromJson } from '../context.ts';
import type { scheduleRuns, schedules } from '../db/schema/index.ts';

export type ScheduleRow = typeof schedules.$inferSelect;

/** What a run keeps to from its beginning to its end, whatever becomes of its schedule meanwhile. */
export type RunPlan = Pick<
  ScheduleInput,
  | 'name'
  | 'scope'
  | 'steps'
  | 'wave'
  | 'concurrency'
  | 'onFailure'
  | 'windowMinutes'
  | 'conffiles'
  | 'allowRemovals'
  | 'asksApproval'
  | 'approvalHours'
  | 'notifyOn'
>;

const steps = z.array(scheduleStep);
const outcomes = z.array(z.enum(scheduleOutcomes));

/** A stored schedule as a person said it. Throws when a column holds what we never wrote. */
export function inputOf(row: ScheduleRow): ScheduleInput {
  return {
    name: row.name,
    cron: row.cron,
    timezone: row.timezone,
    scope: scheduleScope.parse(JSON.parse(row.scopeJson)),
    steps: steps.parse(JSON.parse(row.actionsJson)),
    wave: waveRule.parse(JSON.parse(row.waveJson)),
    concurrency: row.concurrency,
    onFailure: row.onFailure,
    windowMinutes: row.windowMinutes,
    conffiles: row.conffiles,
    allowRemovals: row.allowRemovals,
    asksApproval: row.asksApproval,
    approvalHours: row.approvalHours,
    catchUp: row.catchUp,
    notifyOn: outcomes.parse(fromJson<unknown>(row.notifyOnJson, [])),
  };
}

export function columnsOf(input: ScheduleInput) {
  return {
    name: input.name,
    cron: input.cron,
    timezone: input.timezone,
    scopeJson: JSON.stringify(input.scope),
    actionsJson: JSON.stringify(input.steps),
    waveJson: JSON.stringify(input.wave),
    concurrency: input.concurrency,
    onFailure: input.onFailure,
    windowMinutes: input.windowMinutes,
    conffiles: input.conffiles,
    allowRemovals: input.allowRemovals,
    asksApproval: input.asksApproval,
    approvalHours: input.approvalHours,
    catchUp: input.catchUp,
    notifyOnJson: JSON.stringify(input.notifyOn),
  };
}

/** Whether a step installs the security updates of its plan alone. */
export const isSecurityOnly = ({ packages }: ScheduleStep): boolean => packages === 'security';

/** What a job of the step `at` simulates when it looks, for the steps that follow. */
export function foreseenAfter(steps: readonly ScheduleStep[], at: number): PlanSelection[] {
  const wanted = steps.slice(at + 1).map((step) => (isSecurityOnly(step) ? selectionOf(step.action) : null));
  return [...new Set(wanted)].filter((one) => one !== null);
}

export const needsLook = ({ action, condition }: ScheduleStep): boolean =>
  condition !== 'always' || isPlanBound(action);

/**
 * The steps of a run. Nobody is there to look at a plan, so a run that applies or judges one looks itself first and then
 * keeps to exactly what it found.
 */
export function stepsOfRun(wanted: readonly ScheduleStep[]): ScheduleStep[] {
  const isLookFirst = wanted[0]?.action === 'apt_update_analyze' && wanted[0].condition === 'always';
  return isLookFirst || !wanted.some(needsLook)
    ? [...wanted]
    : [{ action: 'apt_update_analyze', condition: 'always' }, ...wanted];
}

/** What a run that has begun keeps to. */
export const planOf = ({ planJson }: Pick<typeof scheduleRuns.$inferSelect, 'planJson'>): RunPlan =>
  JSON.parse(planJson) as RunPlan;

export function runPlanOf(row: ScheduleRow): RunPlan {
  const { cron: _cron, timezone: _timezone, catchUp: _catchUp, ...plan } = inputOf(row);
  return { ...plan, steps: stepsOfRun(plan.steps) };
}

/**
 * @throws AppError invalid_input: a removal of unused packages in a schedule that may remove nothing, or security updates of what
 * is no upgrade
 */
export function checkSteps({ steps: wanted, allowRemovals }: ScheduleInput): void {
  if (!allowRemovals && wanted.some(({ action }) => action === 'apt_autoremove')) {
    throw new AppError('invalid_input', 'A schedule that removes packages must allow removals', {
      issues: [{ path: ['allowRemovals'], message: 'needed by apt_autoremove' }],
    });
  }
  const wrong = wanted.findIndex((step) => isSecurityOnly(step) && selectionOf(step.action) === null);
  if (wrong >= 0) {
    throw new AppError('invalid_input', 'Only an upgrade can be of security updates alone', {
      issues: [{ path: ['steps', wrong, 'packages'], message: 'all' }],
    });
  }
}
