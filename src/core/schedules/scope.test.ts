import { describe, expect, it } from 'vitest';
import type { ScheduleScope } from '../../shared/contract/schedules.ts';
import type { FleetViewDefinition } from '../../shared/contract/models.ts';
import { patchState } from '../fleet/index.ts';
import { fleetViewHandlers } from '../fleet/index.ts';
import { insertMachine, testContext } from '../testing/context.ts';
import { machinesOfScope } from './scope.ts';

const caller = { surface: 'ui', signal: new AbortController().signal } as const;
const definition: FleetViewDefinition = {
  filter: 'withSecurity',
  query: 'web',
  layout: 'table',
  sort: { by: 'name', direction: 'asc' },
  group: 'none',
  columns: [],
};

function setUp() {
  const context = testContext();
  const { raw } = context.database;
  const ids = Object.fromEntries(
    ['web-2', 'web-10', 'db', 'web-gone'].map((name) => [name, insertMachine(context, name)]),
  ) as Record<'web-2' | 'web-10' | 'db' | 'web-gone', string>;
  const isKnown = { aptStatus: 'updates_available', aptUpdatesCount: 3 } as const;
  patchState(context, ids['web-2'], { ...isKnown, aptSecurityCount: 1 });
  patchState(context, ids['web-10'], { ...isKnown, aptSecurityCount: 0 });
  patchState(context, ids.db, { ...isKnown, aptSecurityCount: 2, aptRebootRequired: true });
  patchState(context, ids['web-gone'], { ...isKnown, aptSecurityCount: 1 });
  raw.prepare("update machines set deleted_at = 't' where id = ?").run(ids['web-gone']);
  raw.exec("insert into tags (id, name, created_at) values ('t1', 'Production', 't')");
  raw.prepare("insert into machine_tags (machine_id, tag_id) values (?, 't1')").run(ids['web-10']);
  const views = fleetViewHandlers(context);
  const found = (scope: ScheduleScope) => machinesOfScope(context, scope).map(({ name }) => name);
  const search = (query: string, more: Partial<Extract<ScheduleScope, { by: 'search' }>> = {}) =>
    found({ by: 'search', query, filter: 'machines', exceptTagIds: [], ...more });
  const save = async (more: Partial<FleetViewDefinition> = {}, id?: string) =>
    views['fleetViews.save'](
      { ...(id && { id }), name: 'Wary', definition: { ...definition, ...more } },
      caller,
    );
  const view = (id: string) => found({ by: 'view', viewId: id, viewName: 'Wary', exceptTagIds: [] });
  return { context, views, found, search, save, view, ids };
}

describe('a scope by the search of the fleet', () => {
  it('means what the page would show now: words, exclusions, figures, without what was removed', () => {
    const { search, context, ids } = setUp();
    expect(search('web')).toEqual(['web-2', 'web-10']);
    expect(search('web -production')).toEqual(['web-2']);
    expect(search('"a redemarrer"')).toEqual(['db']);
    expect(search('reboot needed')).toEqual(['db']);
    expect(search('', { filter: 'withSecurity' })).toEqual(['db', 'web-2']);
    expect(search('web', { exceptTagIds: ['t1'] })).toEqual(['web-2']);
    patchState(context, ids.db, { aptRebootRequired: false });
    expect(search('reboot needed')).toEqual([]);
  });
});

describe('a scope by a saved view', () => {
  it('means what the view shows as it is saved now', async () => {
    const { save, view } = setUp();
    const { id } = await save();
    expect(view(id)).toEqual(['web-2']);
    await save({ filter: 'machines', query: '' }, id);
    expect(view(id)).toEqual(['db', 'web-2', 'web-10']);
  });

  it('is refused once that is not there any more, and neither empty nor everything', async () => {
    const { save, view, views } = setUp();
    const { id } = await save();
    await views['fleetViews.remove']({ id }, caller);
    expect(() => view(id)).toThrow(
      expect.objectContaining({ code: 'schedule_view_gone', data: { viewId: id, view: 'Wary' } }),
    );
    await save({}, id);
    expect(view(id)).toEqual(['web-2']);
    // A filter of another version: what it meant is not known.
    await save({ filter: 'stacks' }, id);
    expect(() => view(id)).toThrow(expect.objectContaining({ code: 'schedule_view_gone' }));
  });
});
