import { createHash } from 'node:crypto';
import type { RequestMachine, RequestSummary } from '../../shared/contract/requests.ts';
import type { ScheduleStep } from '../../shared/contract/schedules.ts';
import { AppError } from '../../shared/domain/errors.ts';
import { planDiff, type PlanDiff } from '../../shared/domain/plan-diff.ts';
import { planText } from '../../shared/domain/plan.ts';
import { rebootSuspects } from '../../shared/domain/reboot-suspects.ts';
import type { AptPackage } from '../../shared/domain/snapshot.ts';
import type { RequestRisk, StartableAction } from '../../shared/domain/unions.ts';
import type { Action, ActionOptions } from '../actions/types.ts';
import { fromJson, type CoreContext } from '../context.ts';
import { toPlanned } from '../contract-shapes.ts';
import { latestAnalysis } from '../snapshots/index.ts';
import type { StoredPlan } from '../plans/index.ts';
import type { Member } from './store.ts';

/** A machine of a request as it is bound: what its job gets, and the plan that was shown. */
export interface Bound {
  readonly machineId: string;
  readonly options: ActionOptions;
  readonly plan: StoredPlan | null;
}

export const boundOf = (member: Member): Bound => {
  const options = fromJson<ActionOptions>(member.optionsJson, {});
  const { planMode: mode } = member;
  const plan =
    mode === null || options.planHash === undefined
      ? null
      : {
          mode,
          planHash: options.planHash,
          words: fromJson<string[]>(member.planWordsJson, []),
          planned: fromJson<AptPackage[]>(member.plannedJson, []),
        };
  return { machineId: member.machineId, options, plan };
};

/**
 * SHA-256 over everything that approving lets happen: the action, its manner, and each machine with its plan, package by
 * package. Two requests with one binding do the same.
 */
export function bindingOf(action: StartableAction, manner: object, bound: readonly Bound[]): string {
  const hash = createHash('sha256').update(`${JSON.stringify([action, manner])}\n`);
  for (const { machineId, options, plan } of bound) {
    hash.update(`${JSON.stringify([machineId, options, plan?.mode ?? null, plan?.words ?? []])}\n`);
    hash.update(planText(plan?.planned ?? []));
  }
  return hash.digest('hex');
}

const reads: readonly StartableAction[] = ['apt_update_analyze', 'machine_probe'];

/** Whether an action changes nothing on a machine. */
export const isReading = (action: StartableAction): boolean => reads.includes(action);

const isReboot = (action: StartableAction): boolean => action === 'reboot' || action === 'reboot_verified';

export type Counted = Pick<RequestSummary, 'changes' | 'reboot'>;

/** What a request would change, over all of its machines. `further`: steps that are approved with it. */
export function countChanges(
  action: StartableAction,
  bound: readonly Bound[],
  further: readonly ScheduleStep[],
): Counted {
  const planned = bound.flatMap(({ plan }) => (plan?.planned ?? []).map(toPlanned));
  const of = (operation: string) => planned.filter((one) => one.operation === operation).length;
  return {
    changes: {
      upgrades: of('upgrade'),
      installs: of('install'),
      removals: of('remove'),
      security: planned.filter((one) => one.security).length,
    },
    reboot:
      isReboot(action) || further.some((step) => isReboot(step.action) && step.condition === 'always')
        ? 'yes'
        : rebootSuspects(planned).length > 0
          ? 'likely'
          : 'no',
  };
}

/** `destructive` is what cannot be taken back: packages that go, a machine that is away for a while. */
export function riskOf(
  action: StartableAction,
  { changes, reboot }: Counted,
  further: readonly ScheduleStep[],
): RequestRisk {
  if (isReading(action)) return 'read';
  const mayReboot = reboot === 'yes' || further.some((step) => isReboot(step.action));
  return mayReboot || changes.removals > 0 ? 'destructive' : 'change';
}

/**
 * What sets the machine's plan of now apart from the bound one, as far as is known without asking the machine: an analysis
 * made since it was bound. Null: nothing. The run itself simulates once more before it changes anything.
 */
export function changeSince(
  context: CoreContext,
  action: Action,
  { machineId, plan, options }: Bound,
  boundAt: string,
): PlanDiff | null {
  if (plan === null || !action.plan) return null;
  const snapshot = latestAnalysis(context, machineId);
  if (!snapshot || snapshot.createdAt <= boundAt) return null;
  const alike = options.security ? planNow(action, machineId, { security: true }) : null;
  const now = alike ?? planNow(action, machineId, {});
  if (now === null || now.planHash === plan.planHash) return null;
  const diff =
    plan.mode === 'selected' && alike === null
      ? ofSelected(plan.planned, now.planned)
      : planDiff(plan.planned, now.planned);
  return diff.added.length + diff.gone.length + diff.different.length === 0 ? null : diff;
}

/** The plan of the newest analysis; null where that made none, which says nothing about a bound one. */
function planNow(action: Action, machineId: string, options: ActionOptions): StoredPlan | null {
  try {
    return action.plan?.(machineId, options) ?? null;
  } catch (error) {
    if (error instanceof AppError && error.code === 'conflict') return null;
    throw error;
  }
}

/** The newest plan has more than was selected: only what is in both can differ. */
function ofSelected(bound: readonly AptPackage[], now: readonly AptPackage[]): PlanDiff {
  const names = (list: readonly AptPackage[]) => new Set(list.map(({ name }) => name));
  const [old, present] = [names(bound), names(now)];
  return planDiff(
    bound.filter(({ name }) => present.has(name)),
    now.filter(({ name }) => old.has(name)),
  );
}

export function toRequestMachine(member: Member, change: PlanDiff | null): RequestMachine {
  const { plan } = boundOf(member);
  return {
    id: member.machineId,
    name: member.name,
    planMode: plan?.mode ?? null,
    planHash: plan?.planHash ?? null,
    planned: (plan?.planned ?? []).map(toPlanned),
    change: change && {
      added: change.added.map(toPlanned),
      gone: change.gone.map(toPlanned),
      different: change.different.map(({ before, now }) => ({
        before: toPlanned(before),
        now: toPlanned(now),
      })),
    },
  };
}
