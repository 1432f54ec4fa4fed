import type { ChangedPlan, ExecutionDetail } from '../../../shared/contract/models.ts';
import type { ActionType, PlanMode, StartableAction } from '../../../shared/domain/unions.ts';
import type { PlanOffer } from '../machines/plan.ts';

/** The actions that are bound to a plan, with the mode under which it is shown. */
const bound = {
  apt_upgrade: 'upgrade',
  apt_full_upgrade: 'dist_upgrade',
  apt_dist_upgrade: 'dist_upgrade',
  apt_autoremove: 'autoremove',
} as const satisfies Partial<Record<StartableAction, PlanMode>>;

export const isBound = (action: ActionType): action is keyof typeof bound => action in bound;
export const modeOf = (action: keyof typeof bound): PlanMode => bound[action];

/** The new plan of a run that stopped, as something that can be approved; null for a run that is bound to none. */
export function offerOfChanged(run: Pick<ExecutionDetail, 'action'>, changed: ChangedPlan): PlanOffer | null {
  const { action } = run;
  if (!isBound(action)) return null;
  return {
    mode: modeOf(action),
    action,
    plan: changed.planned,
    planHash: changed.planHash,
    downloadBytes: null,
    diskBytes: null,
    editedConffiles: [],
    pulledIn: [],
    notPlanned: [],
  };
}
