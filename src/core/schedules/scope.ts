import type { ScheduleScope } from '../../shared/contract/schedules.ts';
import type { NamedMachine } from '../../shared/contract/models.ts';
import type { CoreContext } from '../context.ts';

/** The machines that a scope means now, by name; removed ones never. */
export function machinesOfScope(
  { database }: Pick<CoreContext, 'database'>,
  scope: ScheduleScope,
): NamedMachine[] {
  const conditions = ['m.deleted_at is null'];
  const values: string[] = [];
  const oneOf = (expression: string, list: readonly string[]) => {
    conditions.push(`${expression} in (select value from json_each(?))`);
    values.push(JSON.stringify(list));
  };
  if (scope.by === 'machines') oneOf('m.id', scope.machineIds);
  else {
    if (scope.by === 'filter') {
      if (scope.tagIds.length > 0) {
        conditions.push(
          'exists (select 1 from machine_tags t where t.machine_id = m.id and t.tag_id in (select value from json_each(?)))',
        );
        values.push(JSON.stringify(scope.tagIds));
      }
      if (scope.groups.length > 0) oneOf('d.group_name', scope.groups);
      if (scope.kinds.length > 0) oneOf("coalesce(d.chosen_kind, m.machine_kind, 'unknown')", scope.kinds);
      const search = scope.search.trim().toLowerCase();
      if (search !== '') {
        conditions.push('(instr(lower(m.name), ?) > 0 or instr(lower(m.hostname), ?) > 0)');
        values.push(search, search);
      }
    }
    if (scope.exceptTagIds.length > 0) {
      conditions.push(
        'not exists (select 1 from machine_tags t where t.machine_id = m.id and t.tag_id in (select value from json_each(?)))',
      );
      values.push(JSON.stringify(scope.exceptTagIds));
    }
  }
  const rows = database.raw
    .prepare(
      `select m.id, m.name from machines m left join machine_descriptions d on d.machine_id = m.id
       where ${conditions.join(' and ')}`,
    )
    .all(...values) as NamedMachine[];
  return rows.sort((a, b) => a.name.localeCompare(b.name, 'en', { numeric: true }));
}
