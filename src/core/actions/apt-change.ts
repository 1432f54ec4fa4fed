import { AppError } from '../../shared/domain/errors.ts';
import { planLines } from '../../shared/domain/plan.ts';
import { updateSnapshotSchema, type UpdateSnapshot } from '../../shared/domain/snapshot.ts';
import type { PlanMode, PlanSelection, StartableAction } from '../../shared/domain/unions.ts';
import { findPlan, securityPlan, simulateSecurity, type StoredPlan } from '../plans/index.ts';
import { latestAnalysis } from '../snapshots/index.ts';
import type { TemplateVariables } from '../templates/manifest.ts';
import { cancelChange, carryOutChange, resumeChange, type ChangeSpec } from './change-run.ts';
import type { ActionDeps } from './deps.ts';
import { collectLeftRuns } from './left-runs.ts';
import { proxyVariables } from './proxy.ts';
import type { ChangeStep } from './run-tracker.ts';
import type { Action, ActionJob, ActionOptions } from './types.ts';

/** What sets one change of packages apart from another. */
interface ChangeDescription {
  readonly template: string;
  readonly steps: readonly ChangeStep[];
  /** Plans that can be applied; the first is the one that the newest snapshot holds. Null: there is no plan. */
  readonly modes: readonly [PlanMode, ...PlanMode[]] | null;
  readonly fetches: boolean;
}

/** A person waits for it. */
const FORESEE_LIMIT_MS = 2 * 60_000;

const upgradeSteps = [
  'connect',
  'launch',
  'plan',
  'repair',
  'download',
  'install',
  'verify',
  'report',
] as const satisfies readonly ChangeStep[];
const dist: ChangeDescription = {
  template: 'apt_apply_plan',
  steps: upgradeSteps,
  modes: ['dist_upgrade', 'selected'],
  fetches: true,
};

const changes = {
  apt_upgrade: { ...dist, modes: ['upgrade', 'selected'] },
  apt_full_upgrade: dist,
  // For apt-get the two are one command; the names are those that people know.
  apt_dist_upgrade: dist,
  apt_autoremove: {
    ...dist,
    modes: ['autoremove'],
    steps: ['connect', 'launch', 'plan', 'repair', 'install', 'verify', 'report'],
  },
  apt_repair: {
    template: 'apt_repair',
    steps: ['connect', 'launch', 'repair', 'download', 'install', 'verify', 'report'],
    modes: null,
    fetches: true,
  },
  apt_clean: {
    template: 'apt_clean',
    steps: ['connect', 'launch', 'clean', 'verify', 'report'],
    modes: null,
    fetches: false,
  },
} as const satisfies Partial<Record<StartableAction, ChangeDescription>>;
export type AptChangeAction = keyof typeof changes;

/**
 * Every change of packages as an action: a detached run on the host (or one attached to its SSH session, where that is asked
 * for), bound to an approved plan where there is one.
 */
export function aptChanges(deps: ActionDeps): Record<AptChangeAction, Action> {
  const names = Object.keys(changes) as AptChangeAction[];
  return Object.fromEntries(names.map((name) => [name, aptChange(deps, name)])) as Record<
    AptChangeAction,
    Action
  >;
}

function aptChange(deps: ActionDeps, action: AptChangeAction): Action {
  const description: ChangeDescription = changes[action];

  return {
    idempotent: false,
    lockKind: 'apt',
    validate(machineId, options): ActionOptions {
      const target = deps.directory.target(machineId);
      if (target.username !== 'root' && target.sudoMode === 'none') {
        throw new AppError(
          'sudo_not_allowed',
          'Changing packages needs root, and this machine has no sudo set',
          { machineId, name: target.name },
        );
      }
      const { attached, foresee } = options;
      if (description.modes === null) return { conffiles: options.conffiles, attached, foresee };
      const { plan, hasPendingRepair } = approvedPlan(deps, machineId, description.modes, options);
      if (plan.planned.length === 0 && !hasPendingRepair) {
        throw new AppError('conflict', 'There is nothing to do', {
          machineId,
          name: target.name,
          nothingToDo: true,
        });
      }
      return { ...options, planHash: plan.planHash };
    },
    plan: (machineId, options) =>
      description.modes === null ? null : approvedPlan(deps, machineId, description.modes, options).plan,
    async foresee(machineId, { security }) {
      const selection = selectionOf(action);
      if (
        !security ||
        selection === null ||
        securityPlan(deps.context, machineId, selection)?.kind !== 'unknown'
      )
        return;
      await simulateSecurity(deps, machineId, selection, AbortSignal.timeout(FORESEE_LIMIT_MS));
    },
    async run(job) {
      await collectLeftRuns(deps, job);
      return carryOutChange(deps, job, specOf(deps, job, action, description));
    },
    resume: (job) => resumeChange(deps, job),
    cancel: (jobId, machineId) => cancelChange(deps, jobId, machineId),
  };
}

const isAptChange = (action: StartableAction): action is AptChangeAction => action in changes;

/** The changes that keep to a plan: what a schedule may apply only after it has looked, and what can be armed. */
export const isPlanBound = (action: StartableAction): boolean =>
  isAptChange(action) && changes[action].modes !== null;

/** The plan of an upgrade's security updates alone; null for what is no upgrade. */
export function selectionOf(action: StartableAction): PlanSelection | null {
  const modes: ChangeDescription['modes'] = isAptChange(action) ? changes[action].modes : null;
  if (!modes?.includes('selected')) return null;
  return securityOf(modes);
}

const securityOf = ([mode]: NonNullable<ChangeDescription['modes']>): PlanSelection =>
  mode === 'upgrade' ? 'upgrade_security' : 'dist_upgrade_security';

/**
 * What would be run for a change with a plan, checked as before a start.
 * @throws AppError conflict (nothing to do, never analysed), sudo_not_allowed
 */
export function changeSpec(
  deps: ActionDeps,
  machineId: string,
  action: StartableAction,
  options: ActionOptions,
): ChangeSpec {
  if (!isAptChange(action))
    throw new AppError('invalid_input', 'Only changes of packages have a plan', { action });
  const checked = aptChange(deps, action).validate(machineId, options);
  return specOf(deps, { machineId, options: checked }, action, changes[action]);
}

/**
 * The packages that a change would touch by the newest analysis; null where the action has no plan, or there is none.
 * @param security the security updates of it alone
 * @throws AppError conflict: those were not simulated since
 */
export function plannedNow(
  context: ActionDeps['context'],
  machineId: string,
  action: StartableAction,
  security = false,
): StoredPlan['planned'] | null {
  const selection = security ? selectionOf(action) : null;
  if (selection !== null) return chosenPlan(context, machineId, selection)?.planned ?? null;
  const modes = isAptChange(action) ? changes[action].modes : null;
  const row = latestAnalysis(context, machineId);
  if (modes === null || !row) return null;
  return planOf(updateSnapshotSchema.parse(JSON.parse(row.payloadJson)), modes[0])?.planned ?? null;
}

function specOf(
  deps: ActionDeps,
  { machineId, options }: Pick<ActionJob, 'machineId' | 'options'>,
  action: AptChangeAction,
  { template, steps, modes, fetches }: ChangeDescription,
): ChangeSpec {
  const { conffiles = 'keep', attached: isAttached = false } = options;
  const proxy: TemplateVariables = fetches ? proxyVariables(deps, machineId) : {};
  if (modes === null) {
    // Without a plan there is nothing to stop before: what is edited stays.
    const policy = fetches ? { conffilePolicy: conffiles === 'stop_before' ? 'keep' : conffiles } : {};
    return { action, template, steps, plan: null, isAttached, variables: { ...proxy, ...policy } };
  }
  const { plan } = approvedPlan(deps, machineId, modes, options);
  return {
    action,
    template,
    steps,
    plan,
    isAttached,
    variables: {
      ...proxy,
      planMode: plan.mode,
      packages: plan.words,
      expectedPlan: planLines(plan.planned),
      conffilePolicy: conffiles,
    },
  };
}

/**
 * The plan with this hash: one that was simulated on request or found by a stopped run, else the newest snapshot's, which is
 * also taken where no hash is given; or its security updates alone.
 * @throws AppError conflict (never analysed), apt_plan_changed (no such plan)
 */
function approvedPlan(
  deps: ActionDeps,
  machineId: string,
  modes: NonNullable<ChangeDescription['modes']>,
  { planHash, security = false }: Pick<ActionOptions, 'planHash' | 'security'>,
): { plan: StoredPlan; hasPendingRepair: boolean } {
  const row = latestAnalysis(deps.context, machineId);
  const snapshot = row && updateSnapshotSchema.parse(JSON.parse(row.payloadJson));
  const hasPendingRepair = (snapshot?.apt.pendingRepair ?? []).length > 0;
  if (planHash !== undefined) {
    const stored = findPlan(deps.context, machineId, planHash, modes);
    if (stored) return { plan: stored, hasPendingRepair };
  }
  if (security && planHash !== undefined) throw planChanged(machineId);
  const plan = security
    ? chosenPlan(deps.context, machineId, securityOf(modes))
    : snapshot && planOf(snapshot, modes[0]);
  if (!plan) throw new AppError('conflict', 'The machine has no plan; refresh it first', { machineId });
  if (planHash !== undefined && plan.planHash !== planHash) throw planChanged(machineId);
  // What an earlier run left is mended by an upgrade of everything.
  return { plan, hasPendingRepair: hasPendingRepair && !security };
}

const planChanged = (machineId: string): AppError =>
  new AppError('apt_plan_changed', 'The plan is no longer the one that was shown', { machineId });

/** @throws AppError conflict: there are security updates, and what they alone would do was not simulated since the newest analysis */
function chosenPlan(
  context: ActionDeps['context'],
  machineId: string,
  selection: PlanSelection,
): StoredPlan | null {
  const found = securityPlan(context, machineId, selection);
  switch (found?.kind) {
    case undefined:
      return null;
    case 'none':
      return { mode: 'selected', planHash: '', words: [], planned: [] };
    case 'unknown':
      throw new AppError('conflict', 'The security updates were not simulated since the last analysis', {
        machineId,
        reason: 'not_simulated',
      });
    case 'plan':
      return found.plan;
  }
}

function planOf({ apt }: UpdateSnapshot, mode: PlanMode): StoredPlan | null {
  const [planHash, planned] =
    mode === 'dist_upgrade'
      ? [apt.planHash, apt.packages]
      : mode === 'upgrade'
        ? [apt.upgradePlanHash, apt.upgradePackages]
        : mode === 'autoremove'
          ? [apt.autoremovePlanHash, apt.autoremovePackages]
          : [];
  return planHash === undefined || !planned ? null : { mode, planHash, words: [], planned };
}
