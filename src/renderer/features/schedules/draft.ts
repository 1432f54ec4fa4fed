import type {
  Schedule,
  ScheduleInput,
  ScheduleScope,
  ScheduleStep,
} from '../../../shared/contract/schedules.ts';
import type { FigureId } from '../../../shared/domain/fleet-figures.ts';
import type {
  BulkFailureRule,
  CatchUpRule,
  ConffilePolicy,
  MachineKind,
  ScheduleCondition,
  ScheduleOutcome,
  StartableAction,
} from '../../../shared/domain/unions.ts';
import { newWaveChoice, parseWaves, wholeNumber, type WaveChoice } from '../bulk/wave-choice.ts';
import { cronOfTiming, newTiming, timingOfCron, type Timing } from './timing.ts';

/** What a step of a schedule may be; the distribution upgrade is the full upgrade by another name. */
export const scheduleActions = [
  'apt_update_analyze',
  'apt_full_upgrade',
  'apt_upgrade',
  'apt_autoremove',
  'apt_clean',
  'machine_probe',
  'reboot_verified',
  'reboot',
] as const satisfies readonly StartableAction[];
export type ScheduleAction = (typeof scheduleActions)[number];

/** Upgrades that can be of the security updates alone. */
const upgrades = ['apt_full_upgrade', 'apt_upgrade', 'apt_dist_upgrade'] as const;
type Upgrade = (typeof upgrades)[number];

/** What a step may be, in one list: an action, or the security updates of an upgrade alone. */
export type StepChoice = StartableAction | `security.${Upgrade}`;
export const stepChoices: readonly StepChoice[] = [
  ...scheduleActions.slice(0, 3),
  'security.apt_full_upgrade',
  'security.apt_upgrade',
  ...scheduleActions.slice(3),
];

/** A step made elsewhere may say more than that: it is then what its action says. */
export function choiceOf({ action, packages }: ScheduleStep): StepChoice {
  const upgrade = upgrades.find((one) => one === action);
  return packages === 'security' && upgrade ? `security.${upgrade}` : action;
}

/** The step that is chosen, with its likeliest condition. */
export function stepOf(choice: StepChoice): ScheduleStep {
  const upgrade = upgrades.find((one) => choice === `security.${one}`);
  const step: ScheduleStep = upgrade
    ? { action: upgrade, condition: 'if_security', packages: 'security' }
    : { action: choice as StartableAction, condition: 'always' };
  return { ...step, condition: conditionsOf(step)[0] ?? 'always' };
}

/** The conditions that make sense for a step, the likeliest first. */
export function conditionsOf({ action, packages }: ScheduleStep): readonly ScheduleCondition[] {
  if (packages === 'security') return ['if_security'];
  switch (action) {
    case 'apt_update_analyze':
      return ['always'];
    case 'apt_upgrade':
    case 'apt_full_upgrade':
    case 'apt_dist_upgrade':
      return ['if_updates', 'if_security'];
    case 'apt_autoremove':
      return ['if_updates'];
    case 'reboot':
    case 'reboot_verified':
      return ['if_reboot_needed', 'always'];
    default:
      return ['always', 'if_updates', 'if_security', 'if_reboot_needed'];
  }
}

/** The changes that keep to a plan: applied only after a look, and what can be armed. */
const planBound: readonly StartableAction[] = [
  'apt_upgrade',
  'apt_full_upgrade',
  'apt_dist_upgrade',
  'apt_autoremove',
];
export const isPlanBound = (step: ScheduleStep): boolean => planBound.includes(step.action);

/** Whether a run refreshes before its first step although that is none of its steps; as the core has it. */
export const looksFirst = (steps: readonly ScheduleStep[]): boolean =>
  steps[0]?.action !== 'apt_update_analyze' &&
  steps.some((step) => step.condition !== 'always' || isPlanBound(step));

export const scopeWays = ['all', 'filter', 'search', 'view', 'machines'] as const;
/** Hours that a request for approval may wait. */
export const approvalChoices = ['1', '4', '8', '24', '72', '168'] as const;
export const windowChoices = ['none', '30', '60', '120', '180', '240', '360', '480', '720'] as const;

/** A schedule as it is being edited; the fields hold what was typed. */
export interface Draft {
  name: string;
  timing: Timing;
  timezone: string;
  scopeBy: ScheduleScope['by'];
  machineIds: string[];
  tagIds: string[];
  groups: string[];
  kinds: MachineKind[];
  search: string;
  /** Of the scope by search, which is the one of the fleet's page. */
  query: string;
  figure: FigureId;
  view: { id: string; name: string } | null;
  exceptTagIds: string[];
  steps: ScheduleStep[];
  waves: WaveChoice;
  concurrency: string;
  onFailure: BulkFailureRule;
  window: string;
  conffiles: ConffilePolicy;
  allowRemovals: boolean;
  asksApproval: boolean;
  /** Of `approvalChoices`, or what the schedule had. */
  approvalHours: string;
  catchUp: CatchUpRule;
  notifyOn: ScheduleOutcome[];
}

export const newDraft = (timezone: string): Draft => ({
  name: '',
  timing: newTiming(),
  timezone,
  scopeBy: 'all',
  machineIds: [],
  tagIds: [],
  groups: [],
  kinds: [],
  search: '',
  query: '',
  figure: 'machines',
  view: null,
  exceptTagIds: [],
  steps: [
    { action: 'apt_full_upgrade', condition: 'if_updates' },
    { action: 'reboot_verified', condition: 'if_reboot_needed' },
  ],
  waves: { ...newWaveChoice(), way: 'sizes', sizes: '1, 5, 20' },
  concurrency: '16',
  onFailure: 'stop',
  window: '120',
  conffiles: 'keep',
  allowRemovals: false,
  asksApproval: false,
  approvalHours: '24',
  catchUp: 'ask',
  notifyOn: ['warning', 'error', 'skipped'],
});

function wavesOf(wave: ScheduleInput['wave']): WaveChoice {
  const base = newWaveChoice();
  if (wave === 'all') return { ...base, way: 'all' };
  if ('percent' in wave) return { ...base, way: 'percent', percent: String(wave.percent) };
  return { ...base, way: 'sizes', sizes: wave.sizes.join(', ') };
}

export function draftOf(schedule: Schedule): Draft {
  const { scope } = schedule;
  return {
    ...newDraft(schedule.timezone),
    name: schedule.name,
    timing: timingOfCron(schedule.cron),
    scopeBy: scope.by,
    ...(scope.by === 'machines' && { machineIds: [...scope.machineIds] }),
    ...(scope.by === 'filter' && {
      tagIds: [...scope.tagIds],
      groups: [...scope.groups],
      kinds: [...scope.kinds],
      search: scope.search,
    }),
    ...(scope.by === 'search' && { query: scope.query, figure: scope.filter }),
    ...(scope.by === 'view' && { view: { id: scope.viewId, name: scope.viewName } }),
    ...(scope.by !== 'machines' && { exceptTagIds: [...scope.exceptTagIds] }),
    steps: schedule.steps.map((step) => ({ ...step })),
    waves: wavesOf(schedule.wave),
    concurrency: String(schedule.concurrency),
    onFailure: schedule.onFailure,
    window: schedule.windowMinutes === null ? 'none' : String(schedule.windowMinutes),
    conffiles: schedule.conffiles,
    allowRemovals: schedule.allowRemovals,
    asksApproval: schedule.asksApproval,
    approvalHours: String(schedule.approvalHours),
    catchUp: schedule.catchUp,
    notifyOn: [...schedule.notifyOn],
  };
}

export type DraftProblem =
  'name' | 'timing' | 'scope' | 'filter' | 'view' | 'waves' | 'concurrency' | 'removals';

/** What is missing where a scope says nothing. */
const scopeProblems: Record<ScheduleScope['by'], DraftProblem> = {
  all: 'scope',
  machines: 'scope',
  filter: 'filter',
  search: 'filter',
  view: 'view',
};

/** The scope of a draft, or null while it says nothing. */
export function scopeOfDraft(draft: Draft): ScheduleScope | null {
  const { scopeBy, machineIds, tagIds, groups, kinds, exceptTagIds } = draft;
  const search = draft.search.trim();
  switch (scopeBy) {
    case 'all':
      return { by: 'all', exceptTagIds };
    case 'machines':
      return machineIds.length === 0 ? null : { by: 'machines', machineIds };
    case 'filter': {
      const isEmpty = tagIds.length + groups.length + kinds.length === 0 && search === '';
      return isEmpty ? null : { by: 'filter', tagIds, groups, kinds, search, exceptTagIds };
    }
    case 'search': {
      const query = draft.query.trim();
      const isEmpty = query === '' && draft.figure === 'machines';
      return isEmpty ? null : { by: 'search', query, filter: draft.figure, exceptTagIds };
    }
    case 'view':
      return draft.view && { by: 'view', viewId: draft.view.id, viewName: draft.view.name, exceptTagIds };
  }
}

export const removesByItself = (draft: Pick<Draft, 'steps'>): boolean =>
  draft.steps.some(({ action }) => action === 'apt_autoremove');

/** What the core is given, or everything that has to be mended first. */
export function inputOfDraft(draft: Draft): { input: ScheduleInput } | { problems: DraftProblem[] } {
  const problems: DraftProblem[] = [];
  const name = draft.name.trim();
  if (name === '') problems.push('name');
  const timing = cronOfTiming(draft.timing);
  if ('problem' in timing) problems.push('timing');
  const scope = scopeOfDraft(draft);
  if (scope === null) problems.push(scopeProblems[draft.scopeBy]);
  // "The rest" of a few first is a wave of its own, however many there will be.
  const waves = parseWaves(draft.waves, 1_001);
  if (!waves.ok) problems.push('waves');
  const concurrency = wholeNumber(draft.concurrency, 1, 200);
  if (concurrency === null) problems.push('concurrency');
  if (removesByItself(draft) && !draft.allowRemovals) problems.push('removals');
  if ('problem' in timing || scope === null || !waves.ok || concurrency === null || problems.length > 0) {
    return { problems };
  }
  const { rule } = waves;
  return {
    input: {
      name,
      cron: timing.cron,
      timezone: draft.timezone.trim(),
      scope,
      steps: draft.steps,
      wave:
        rule === 'all' || 'percent' in rule
          ? rule
          : { sizes: rule.sizes.map((size) => Math.min(1_000, size)) },
      concurrency,
      onFailure: draft.onFailure,
      windowMinutes: draft.window === 'none' ? null : Number(draft.window),
      conffiles: draft.conffiles,
      allowRemovals: draft.allowRemovals,
      asksApproval: draft.asksApproval,
      approvalHours: Number(draft.approvalHours),
      catchUp: draft.catchUp,
      notifyOn: draft.notifyOn,
    },
  };
}
