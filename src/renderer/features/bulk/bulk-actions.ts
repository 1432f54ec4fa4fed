import type { FleetRow } from '../../../shared/contract/models.ts';
import type { StartableAction } from '../../../shared/domain/unions.ts';
import { isContactable, isUpgradable } from '../fleet/status.ts';

/** What the start dialog offers, the likeliest first. */
export const bulkActions = [
  'apt_full_upgrade',
  'apt_upgrade',
  'apt_update_analyze',
  'machine_probe',
  'apt_autoremove',
  'apt_clean',
  'apt_repair',
  'reboot_verified',
  'reboot',
] as const satisfies readonly StartableAction[];
export type BulkAction = (typeof bulkActions)[number];

/** Whether an action needs more than a click: it stops what runs on the machines. */
export const isDestructive = (action: BulkAction): boolean =>
  action === 'reboot' || action === 'reboot_verified';

/** Whether a machine can take an action now, as far as its tile tells; the core looks again. */
export function canTake(action: BulkAction, row: FleetRow): boolean {
  if (action === 'apt_full_upgrade' || action === 'apt_upgrade') return isUpgradable(row);
  return isContactable(row);
}

/** The orders in which machines can be taken. */
export const bulkOrders = ['name', 'fewest', 'most'] as const;
export type BulkOrder = (typeof bulkOrders)[number];

/**
 * The machines in the order of their waves: those put first before all others, in the order they were put there. Where the
 * number of updates decides, machines for which it is unknown come last.
 */
export function inOrder(
  rows: readonly FleetRow[],
  order: BulkOrder,
  firstIds: readonly string[] = [],
): FleetRow[] {
  const byName = (a: FleetRow, b: FleetRow) => a.name.localeCompare(b.name, undefined, { numeric: true });
  const place = (row: FleetRow): number => {
    const at = firstIds.indexOf(row.id);
    return at < 0 ? firstIds.length : at;
  };
  const weight = ({ state: { updatesCount } }: FleetRow): number => {
    if (order === 'name') return 0;
    if (updatesCount === null) return Infinity;
    return order === 'fewest' ? updatesCount : -updatesCount;
  };
  const compare = (a: number, b: number): number => (a === b ? 0 : a - b);
  return [...rows].sort((a, b) => place(a) - place(b) || compare(weight(a), weight(b)) || byName(a, b));
}
