import type { AppliedOperation } from '../../shared/domain/unions.ts';
import type { CoreContext } from '../context.ts';

type Ctx = Pick<CoreContext, 'database'>;

export interface FleetChanges {
  /** Packages that really changed, by execution. */
  readonly countOf: ReadonlyMap<string, number>;
  /** One change and on how many machines it was made; the most frequent first. */
  readonly groups: readonly {
    readonly name: string;
    readonly fromVersion: string | null;
    readonly toVersion: string | null;
    readonly operation: AppliedOperation;
    readonly count: number;
  }[];
}

/** What runs on several machines changed, from dpkg's own lists before and after. */
export function changesOf({ database: { raw } }: Ctx, executionIds: readonly string[]): FleetChanges {
  const ids = JSON.stringify(executionIds);
  const changed = `from apt_applied_packages where execution_id in (select value from json_each(?)) and operation <> 'unchanged'`;
  const counts = raw
    .prepare(`select execution_id as id, count(*) as n ${changed} group by execution_id`)
    .all(ids) as { id: string; n: number }[];
  const groups = raw
    .prepare(
      `select name, from_version as fromVersion, to_version as toVersion, operation, count(distinct machine_id) as count
       ${changed} group by name, from_version, to_version, operation order by count desc, name limit 1000`,
    )
    .all(ids) as FleetChanges['groups'];
  return { countOf: new Map(counts.map(({ id, n }) => [id, n])), groups };
}
