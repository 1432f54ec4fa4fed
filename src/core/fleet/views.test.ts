import { describe, expect, it } from 'vitest';
import type { FleetView, FleetViewDefinition } from '../../shared/contract/models.ts';
import { userPreferences } from '../db/schema/index.ts';
import { testContext } from '../testing/context.ts';
import { fleetViewHandlers, fleetViews } from './views.ts';

const definition: FleetViewDefinition = {
  filter: 'withSecurity',
  query: 'web',
  layout: 'table',
  sort: { by: 'security', direction: 'desc' },
  group: 'tag',
  columns: ['name', 'security'],
};

function setUp() {
  const context = testContext();
  const handlers = fleetViewHandlers(context);
  const caller = { surface: 'ui', signal: new AbortController().signal } as const;
  const save = async (input: { id?: string; name: string }): Promise<FleetView> =>
    handlers['fleetViews.save']({ definition, ...input }, caller);
  const remove = async (id: string) => handlers['fleetViews.remove']({ id }, caller);
  return { context, handlers, save, remove };
}

describe('saved views of the fleet', () => {
  it('are kept whole and listed by name in natural order', async () => {
    const { context, save } = setUp();
    for (const name of ['Rack 10', 'rack 2', 'Attention']) await save({ name });
    expect(fleetViews(context).map(({ name }) => name)).toEqual(['Attention', 'rack 2', 'Rack 10']);
    expect(fleetViews(context)[0]?.definition).toEqual(definition);
  });

  it('are changed by their id and put back under it after they were removed', async () => {
    const { context, save, remove } = setUp();
    const { id } = await save({ name: 'Attention' });
    await save({ id, name: 'Security' });
    expect(fleetViews(context)).toEqual([{ id, name: 'Security', definition }]);
    await remove(id);
    expect(fleetViews(context)).toEqual([]);
    await expect(remove(id)).rejects.toMatchObject({ code: 'not_found' });
    await save({ id, name: 'Security' });
    expect(fleetViews(context)).toHaveLength(1);
  });

  it('refuse the name of another one, whatever its case', async () => {
    const { save } = setUp();
    const { id } = await save({ name: 'Attention' });
    await expect(save({ name: 'ATTENTION' })).rejects.toMatchObject({ code: 'conflict' });
    await expect(save({ id, name: 'attention' })).resolves.toMatchObject({ id });
  });

  it('reach every watcher at each change', async () => {
    const { handlers, save } = setUp();
    const ends = new AbortController();
    const stream = handlers['fleetViews.watch']({}, { surface: 'ui', signal: ends.signal })[
      Symbol.asyncIterator
    ]();
    expect((await stream.next()).value).toEqual([]);
    const { id } = await save({ name: 'Attention' });
    expect((await stream.next()).value).toMatchObject([{ id, name: 'Attention' }]);
    ends.abort();
    expect((await stream.next()).done).toBe(true);
  });

  it('of another version that cannot be read are left out, said in the log, and stay stored', async () => {
    const { context, save } = setUp();
    const logged: string[] = [];
    const reading = { ...context, log: { ...context.log, error: (text: string) => logged.push(text) } };
    const { id } = await save({ name: 'Attention' });
    context.database.db
      .update(userPreferences)
      .set({ valueJson: JSON.stringify({ id, name: 'Attention', definition: { layout: 'map' } }) })
      .run();
    expect(fleetViews(reading)).toEqual([]);
    expect(logged).toHaveLength(1);
    expect(context.database.db.select().from(userPreferences).all()).toHaveLength(1);
  });
});
