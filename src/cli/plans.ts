import type { FleetRow, PlannedPackage, SnapshotDetail } from '../shared/contract/models.ts';
import type { HomeportClient } from '../shared/contract/index.ts';
import type { StartableAction } from '../shared/domain/unions.ts';
import { plain, type Output } from './output.ts';

/** What an action would do on a machine, as far as its newest analysis knows. */
export interface ShownPlan {
  readonly row: FleetRow;
  readonly action: StartableAction;
  /** Null: the machine has no plan for this action yet. */
  readonly planHash: string | null;
  readonly packages: readonly PlannedPackage[];
  readonly downloadBytes: number | null;
  readonly analyzedAt: string | null;
}

/** Actions that are bound to a plan. */
export const hasPlan = (action: StartableAction): boolean =>
  ['apt_upgrade', 'apt_full_upgrade', 'apt_dist_upgrade', 'apt_autoremove'].includes(action);

function ofAction(action: StartableAction, snapshot: SnapshotDetail) {
  switch (action) {
    case 'apt_upgrade':
      return [snapshot.upgradePlanHash, snapshot.upgrade, snapshot.upgradeDownloadBytes ?? null] as const;
    case 'apt_autoremove':
      return [snapshot.autoremovePlanHash, snapshot.autoremove, 0] as const;
    default:
      return [snapshot.planHash, snapshot.distUpgrade, snapshot.downloadBytes] as const;
  }
}

export async function planOf(
  client: HomeportClient,
  action: StartableAction,
  row: FleetRow,
): Promise<ShownPlan> {
  const { snapshot } = await client['snapshots.latest']({ machineId: row.id });
  if (!snapshot) return { row, action, planHash: null, packages: [], downloadBytes: null, analyzedAt: null };
  const [planHash, packages, downloadBytes] = ofAction(action, snapshot);
  return {
    row,
    action,
    planHash,
    packages: packages.filter(({ operation }) => operation !== 'hold'),
    downloadBytes,
    analyzedAt: snapshot.createdAt,
  };
}

export const planData = ({ row, action, planHash, packages, downloadBytes, analyzedAt }: ShownPlan) => ({
  machine: row.name,
  machineId: row.id,
  action,
  planHash,
  analyzedAt,
  downloadBytes,
  packages: packages.map(({ name, arch, operation, currentVersion, targetVersion, security }) => ({
    name,
    arch,
    operation,
    from: currentVersion,
    to: targetVersion,
    security,
  })),
});

function planText({ row, packages, planHash, analyzedAt }: ShownPlan): string {
  if (planHash === null)
    return `${plain(row.name)}: not analysed yet. First: homeport refresh ${plain(row.name)}`;
  if (packages.length === 0) return `${plain(row.name)}: nothing to do (analysed ${analyzedAt ?? ''})`;
  const lines = packages.map(({ name, operation, currentVersion, targetVersion, security }) => {
    const versions = [currentVersion, targetVersion].filter((version) => version !== null).join(' → ');
    return `  ${operation.padEnd(8)}${plain(name)} ${plain(versions)}${security ? ' (security)' : ''}`;
  });
  return `${plain(row.name)}: ${packages.length} changes, plan ${planHash}\n${lines.join('\n')}`;
}

/** Plans are data; where jobs follow in the same output, they are told on standard error instead. */
export function sayPlans(output: Output, plans: readonly ShownPlan[]): void {
  for (const plan of plans) for (const line of planText(plan).split('\n')) output.say(line);
}
