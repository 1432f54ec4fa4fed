import type { UpdateGroup } from '../../shared/contract/models.ts';
import type { OsFamily, PlannedOperation } from '../../shared/domain/unions.ts';
import type { CoreContext } from '../context.ts';

interface GroupRow {
  readonly key: string;
  readonly count: number;
  readonly security: number;
  readonly total: number;
}

interface PackageRow {
  readonly packageName: string;
  readonly from: string | null;
  readonly to: string | null;
  readonly origin: string | null;
  readonly operation: PlannedOperation;
}

const MACHINES_LIMIT = 100;

/** Plans of machines that were removed from the fleet count no more. */
const ofFleet = `p.machine_id not in (select id from machines where deleted_at is not null)`;

/**
 * Updates over the fleet from the newest dist-upgrade plans, the most wanted first. The groups are counted from one index
 * alone; versions and machines are read for those of the page only.
 */
export function updateGroups(
  context: Pick<CoreContext, 'database'>,
  filter: { search?: string | undefined; securityOnly: boolean; offset: number; limit: number },
): { groups: UpdateGroup[]; total: number } {
  const { raw } = context.database;
  const search = filter.search?.trim();
  const groups = raw
    .prepare(
      `select p.dedup_key as key, count(distinct p.machine_id) as count, max(p.security) as security,
         count(*) over () as total
       from apt_planned_packages p
       where p.mode = 'dist_upgrade' and ${ofFleet}
         ${filter.securityOnly ? 'and p.security = 1' : ''} ${search ? 'and instr(p.name, ?) > 0' : ''}
       group by p.dedup_key order by count desc, security desc, p.dedup_key limit ? offset ?`,
    )
    .all(...(search ? [search.toLowerCase()] : []), filter.limit, filter.offset) as GroupRow[];
  const one = raw.prepare(
    `select name as packageName, current_version as "from", target_version as "to", origin, operation
     from apt_planned_packages where mode = 'dist_upgrade' and dedup_key = ? limit 1`,
  );
  const machines = raw.prepare(
    `select distinct m.id, m.name from apt_planned_packages p join machines m on m.id = p.machine_id
     where p.mode = 'dist_upgrade' and p.dedup_key = ? and m.deleted_at is null limit ${MACHINES_LIMIT}`,
  );
  return {
    total: groups[0]?.total ?? 0,
    groups: groups.map(({ key, count, security }) => {
      const update = one.get(key) as PackageRow;
      return {
        key,
        osFamily: key.slice(0, key.indexOf('|')) as OsFamily,
        ...update,
        // A removal has no version to go to; its column is empty text there.
        to: update.to === '' ? null : update.to,
        security: security === 1,
        count,
        machines: (machines.all(key) as { id: string; name: string }[]).sort((a, b) =>
          a.name.localeCompare(b.name),
        ),
      };
    }),
  };
}
