import type { ScheduleScope } from '../../shared/contract/schedules.ts';
import type { FleetRow, NamedMachine } from '../../shared/contract/models.ts';
import { AppError } from '../../shared/domain/errors.ts';
import { figureOf, isCounted, type FigureId } from '../../shared/domain/fleet-figures.ts';
import { matcher } from '../../shared/domain/fleet-search.ts';
import type { CoreContext } from '../context.ts';
import { fleetRows, fleetViewById } from '../fleet/index.ts';

type Ctx = Pick<CoreContext, 'database' | 'now' | 'log'>;
/** Made once: `localeCompare` makes one for each comparison, which costs more than to read the fleet. */
const byName = new Intl.Collator('en', { numeric: true });

type ListedScope = Extract<ScheduleScope, { by: 'search' | 'view' }>;
type QueriedScope = Exclude<ScheduleScope, ListedScope>;

/**
 * The machines that a scope means now, by name; removed ones never.
 * @throws AppError schedule_view_gone: its saved view was deleted, or is of another version and says nothing here
 */
export function machinesOfScope(context: Ctx, scope: ScheduleScope): NamedMachine[] {
  const machines =
    scope.by === 'search' || scope.by === 'view' ? listed(context, scope) : queried(context, scope);
  return machines.sort((a, b) => byName.compare(a.name, b.name));
}

/** By the rules of the fleet's page, on what its tiles know now. */
function listed(context: Ctx, scope: ListedScope): NamedMachine[] {
  const { filter, query } = scope.by === 'search' ? scope : lookOfView(context, scope);
  const finds = matcher(query);
  const except = new Set(scope.exceptTagIds);
  const isMeant = (row: FleetRow): boolean =>
    isCounted(filter, row) && finds(row) && !row.tags.some(({ id }) => except.has(id));
  return fleetRows(context)
    .filter(isMeant)
    .map(({ id, name }) => ({ id, name }));
}

/** What a view looks for, as it is saved now. Without it nothing is known: neither all machines nor none. */
function lookOfView(
  context: Ctx,
  { viewId, viewName }: Extract<ScheduleScope, { by: 'view' }>,
): { filter: FigureId; query: string } {
  const view = fleetViewById(context, viewId);
  const filter = view && figureOf(view.definition.filter);
  if (!filter) {
    throw new AppError('schedule_view_gone', 'The saved view that says where is not there any more', {
      viewId,
      view: view?.name ?? viewName,
    });
  }
  return { filter, query: view.definition.query };
}

function queried({ database }: Ctx, scope: QueriedScope): NamedMachine[] {
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
  return database.raw
    .prepare(
      `select m.id, m.name from machines m left join machine_descriptions d on d.machine_id = m.id
       where ${conditions.join(' and ')}`,
    )
    .all(...values) as NamedMachine[];
}
