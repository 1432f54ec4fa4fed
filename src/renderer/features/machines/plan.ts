import type { PlannedPackage, SimulatedPlan, SnapshotDetail } from '../../../shared/contract/models.ts';
import type { PlanMode, StartableAction } from '../../../shared/domain/unions.ts';

/** A plan as it is shown: what goes away first, because that is what cannot be taken back. */
export interface PlanGroups {
  removals: PlannedPackage[];
  installs: PlannedPackage[];
  upgrades: PlannedPackage[];
  holds: PlannedPackage[];
  securityCount: number;
  /** Packages that the plan touches; held ones are not touched. */
  changes: number;
}

export function groupPlan(plan: readonly PlannedPackage[]): PlanGroups {
  const of = (operation: PlannedPackage['operation']): PlannedPackage[] =>
    plan.filter((one) => one.operation === operation).sort(byName);
  const groups = {
    removals: of('remove'),
    installs: of('install'),
    upgrades: of('upgrade'),
    holds: of('hold'),
  };
  return {
    ...groups,
    securityCount: plan.filter((one) => one.security && one.operation !== 'hold').length,
    changes: groups.removals.length + groups.installs.length + groups.upgrades.length,
  };
}

/** Removals, then new packages, then security upgrades, then the rest by name. */
export function planRows(plan: readonly PlannedPackage[]): PlannedPackage[] {
  const groups = groupPlan(plan);
  const secure = groups.upgrades.filter((one) => one.security);
  const ordinary = groups.upgrades.filter((one) => !one.security);
  return [...groups.removals, ...groups.installs, ...secure, ...ordinary, ...groups.holds];
}

/** The plans of an analysis that stand side by side, the wider one first. */
export const shownModes = ['dist_upgrade', 'upgrade'] as const satisfies readonly PlanMode[];
export type ShownMode = (typeof shownModes)[number];

export function planOf(snapshot: SnapshotDetail, mode: ShownMode): PlannedPackage[] {
  return mode === 'upgrade' ? snapshot.upgrade : snapshot.distUpgrade;
}

/** A plan that can be applied, with all that its confirmation says. */
export interface PlanOffer {
  mode: PlanMode;
  action: StartableAction;
  plan: readonly PlannedPackage[];
  planHash: string;
  downloadBytes: number | null;
  /** Change of used disk space; negative when space is freed. */
  diskBytes: number | null;
  editedConffiles: SnapshotDetail['editedConffiles'];
  /** Of `selected`: what comes along unasked, and what was asked for in vain. */
  pulledIn: readonly string[];
  notPlanned: readonly string[];
}

/** The offer of one of an analysis' plans; null where it has no hash to bind a run to. */
export function offerOf(snapshot: SnapshotDetail, mode: ShownMode | 'autoremove'): PlanOffer | null {
  if (mode === 'autoremove') {
    if (snapshot.autoremovePlanHash === null || snapshot.autoremove.length === 0) return null;
    return {
      ...bare,
      mode,
      action: 'apt_autoremove',
      plan: snapshot.autoremove,
      planHash: snapshot.autoremovePlanHash,
    };
  }
  const planHash = mode === 'upgrade' ? snapshot.upgradePlanHash : snapshot.planHash;
  if (planHash === null) return null;
  const plan = planOf(snapshot, mode);
  // Sizes are computed for the full upgrade; they hold for the other plan where the two are the same. Its download is also
  // known where it fetches nothing else; its disk need is not.
  const sized = mode === 'dist_upgrade' || planHash === snapshot.planHash;
  const names = new Set(plan.map((one) => one.name));
  return {
    ...bare,
    mode,
    action: mode === 'upgrade' ? 'apt_upgrade' : 'apt_full_upgrade',
    plan,
    planHash,
    downloadBytes: sized ? snapshot.downloadBytes : (snapshot.upgradeDownloadBytes ?? null),
    diskBytes: sized ? snapshot.diskBytes : null,
    editedConffiles: snapshot.editedConffiles.filter((file) => names.has(file.package.replace(/:.*/, ''))),
  };
}
const bare = { downloadBytes: null, diskBytes: null, editedConffiles: [], pulledIn: [], notPlanned: [] };

/** The offer of chosen packages. `chosen`: the names that the simulation was asked for. */
export function selectedOffer(simulated: SimulatedPlan, chosen: readonly string[]): PlanOffer {
  const native = nativeArch(simulated.planned);
  const wanted = new Set(chosen);
  return {
    mode: 'selected',
    action: 'apt_upgrade',
    plan: simulated.planned,
    planHash: simulated.planHash,
    downloadBytes: simulated.downloadBytes,
    diskBytes: simulated.diskBytes,
    editedConffiles: simulated.editedConffiles,
    pulledIn: simulated.planned
      .filter((one) => one.operation === 'upgrade' || one.operation === 'install')
      .map((one) => packageLabel(one, native))
      .filter((name) => !wanted.has(name)),
    notPlanned: simulated.notPlanned,
  };
}

/** Whether a package can be chosen by itself: what is new or goes away only follows from others. */
export const isChoosable = (one: PlannedPackage): boolean => one.operation === 'upgrade';

/** Whether two plans do the same: each package the same way to the same version, held ones aside. */
export function samePlan(a: readonly PlannedPackage[], b: readonly PlannedPackage[]): boolean {
  const lines = (plan: readonly PlannedPackage[]): string =>
    plan
      .filter((one) => one.operation !== 'hold')
      .map((one) => `${packageKey(one)} ${one.operation} ${one.targetVersion ?? ''}`)
      .sort()
      .join('\n');
  return lines(a) === lines(b);
}

/** A package of one architecture has one row; a foreign one is another. */
export function packageKey(one: { name: string; arch: string | null }): string {
  return one.arch === null ? one.name : `${one.name}:${one.arch}`;
}

/** The architecture of most packages of a plan: the machine's own. */
export function nativeArch(plan: readonly PlannedPackage[]): string | null {
  const counts: Record<string, number> = {};
  for (const { arch } of plan) if (arch !== null && arch !== 'all') counts[arch] = (counts[arch] ?? 0) + 1;
  return Object.entries(counts).sort(([, a], [, b]) => b - a)[0]?.[0] ?? null;
}

/** The name as dpkg shows it: with the architecture only where it is a foreign one. */
export function packageLabel(one: { name: string; arch: string | null }, native: string | null): string {
  return one.arch === null || one.arch === 'all' || one.arch === native ? one.name : packageKey(one);
}

export function filterPlan(plan: readonly PlannedPackage[], text: string): PlannedPackage[] {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0) return [...plan];
  return plan.filter((one) => {
    const line =
      `${packageKey(one)} ${one.origin ?? ''} ${one.operation} ${one.security ? 'security' : ''}`.toLowerCase();
    return words.every((word) => line.includes(word));
  });
}

export { rebootSuspects } from '../../../shared/domain/reboot-suspects.ts';

function byName(a: PlannedPackage, b: PlannedPackage): number {
  return a.name < b.name ? -1 : a.name > b.name ? 1 : (a.arch ?? '') < (b.arch ?? '') ? -1 : 1;
}
