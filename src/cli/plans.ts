import type { FleetRow, PlannedPackage, SnapshotDetail } from '../shared/contract/models.ts';
import type { HomeportClient } from '../shared/contract/index.ts';
import type { StartableAction } from '../shared/domain/unions.ts';
import { plain, type Output } from './output.ts';
import { t } from './words/index.ts';

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
  const name = plain(row.name);
  if (planHash === null) return t('cli.plan.unknown', { name });
  if (packages.length === 0) return t('cli.plan.none', { name, when: analyzedAt ?? '' });
  const head = t('cli.plan.changes', { name, count: packages.length, hash: planHash });
  return [head, ...packageLines(packages)].join('\n');
}

/** One line for each package: what is done to it, from which version to which. */
export function packageLines(packages: readonly PlannedPackage[]): string[] {
  const words = packages.map(({ operation }) => t(`cli.operation.${operation}`));
  const width = Math.max(7, ...words.map((word) => word.length));
  return packages.map(({ name, currentVersion, targetVersion, security }, i) => {
    const versions = [currentVersion, targetVersion].filter((version) => version !== null).join(' → ');
    const mark = security ? ` ${t('cli.plan.security')}` : '';
    return `  ${(words[i] ?? '').padEnd(width)} ${plain(name)} ${plain(versions)}${mark}`;
  });
}

/** Plans are data; where jobs follow in the same output, they are told on standard error instead. */
export function sayPlans(output: Output, plans: readonly ShownPlan[]): void {
  for (const plan of plans) for (const line of planText(plan).split('\n')) output.say(line);
}
