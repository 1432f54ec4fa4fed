import type { NamedMachine, UpdateGroup } from '../../shared/contract/models.ts';
import type { OsFamily, PlannedOperation } from '../../shared/domain/unions.ts';
import type { CoreContext } from '../context.ts';
import { byName } from '../machine-names.ts';

type Ctx = Pick<CoreContext, 'database'>;

interface GroupRow {
  readonly key: string;
  readonly packageName: string;
  readonly from: string | null;
  readonly to: string | null;
  readonly origin: string | null;
  readonly operation: PlannedOperation;
  readonly machineCount: number;
  readonly securityCount: number;
}

export interface UpdateFilter {
  /** Part of a package's name; its case does not matter. */
  readonly search?: string | undefined;
  readonly securityOnly: boolean;
}

/**
 * Updates over the fleet from the newest dist-upgrade plans, the most wanted first; with `securityOnly` the machines are
 * counted whose archive calls it a security update. `fleet_updates` keeps the counts, its indexes the order.
 */
export function updateGroups(
  context: Ctx,
  filter: UpdateFilter & { readonly offset: number; readonly limit: number },
): { groups: UpdateGroup[]; total: number } {
  const { raw } = context.database;
  const search = filter.search?.trim().toLowerCase();
  const conditions = [
    ...(filter.securityOnly ? ['security_count > 0'] : []),
    ...(search ? ['instr(name, ?) > 0'] : []),
  ];
  const where = conditions.length > 0 ? `where ${conditions.join(' and ')}` : '';
  const values = search ? [search] : [];
  const order = filter.securityOnly
    ? 'security_count desc, dedup_key'
    : 'machine_count desc, security_count desc, dedup_key';
  const rows = raw
    .prepare(
      `select dedup_key as key, name as packageName, current_version as "from", target_version as "to", origin,
         operation, machine_count as machineCount, security_count as securityCount
       from fleet_updates ${where} order by ${order} limit ? offset ?`,
    )
    .all(...values, filter.limit, filter.offset) as GroupRow[];
  const total = raw
    .prepare(`select count(*) from fleet_updates ${where}`)
    .pluck()
    .get(...values) as number;
  return {
    total,
    groups: rows.map(({ machineCount, securityCount, ...row }) => ({
      ...row,
      osFamily: row.key.slice(0, row.key.indexOf('|')) as OsFamily,
      // A removal has no version to go to, whatever its plan names.
      to: row.operation === 'remove' || row.to === '' ? null : row.to,
      security: securityCount > 0,
      count: filter.securityOnly ? securityCount : machineCount,
    })),
  };
}

/** The machines that wait for one update, by name; none for a key that no plan has any more. */
export function machinesOfUpdate(
  context: Ctx,
  { key, offset, limit }: { readonly key: string; readonly offset: number; readonly limit: number },
): { machines: NamedMachine[]; total: number } {
  const machines = context.database.raw
    .prepare(
      `select distinct m.id, m.name from apt_planned_packages p join machines m on m.id = p.machine_id
       where p.mode = 'dist_upgrade' and p.dedup_key = ? and m.deleted_at is null`,
    )
    .all(key) as NamedMachine[];
  machines.sort(byName);
  return { machines: machines.slice(offset, offset + limit), total: machines.length };
}
