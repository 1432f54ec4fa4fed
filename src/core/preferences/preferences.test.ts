import { describe, expect, it } from 'vitest';
import { defaultPreferences, preferencesPatch } from '../../shared/contract/models.ts';
import { userPreferences } from '../db/schema/index.ts';
import { testContext } from '../testing/context.ts';
import { preferenceHandlers, readPreferences } from './index.ts';

function setUp() {
  const context = testContext();
  const handlers = preferenceHandlers(context);
  const caller = { surface: 'ui', signal: new AbortController().signal } as const;
  return { context, handlers, caller };
}

describe('preferences', () => {
  it('are the defaults until something is set; a change leaves the others alone', async () => {
    const { context, handlers, caller } = setUp();
    expect(readPreferences(context)).toEqual(defaultPreferences);
    await handlers['preferences.set']({ fleetGroup: 'tag', fleetColumns: ['name', 'load'] }, caller);
    await handlers['preferences.set']({ theme: 'dark' }, caller);
    expect(readPreferences(context)).toEqual({
      ...defaultPreferences,
      fleetGroup: 'tag',
      fleetColumns: ['name', 'load'],
      theme: 'dark',
    });
  });

  it('of terminals change one by one as well', async () => {
    const { context, handlers, caller } = setUp();
    await handlers['preferences.set']({ terminal: { renderer: 'dom', lineHeight: 1.5 } }, caller);
    await handlers['preferences.set']({ terminal: { copyOnSelect: true } }, caller);
    expect(readPreferences(context).terminal).toEqual({
      ...defaultPreferences.terminal,
      renderer: 'dom',
      lineHeight: 1.5,
      copyOnSelect: true,
    });
    // What a change does not name gets no default on its way in.
    expect(preferencesPatch.parse({ terminal: { copyOnSelect: true } })).toEqual({
      terminal: { copyOnSelect: true },
    });
  });

  it('reach two windows at each change', async () => {
    const { handlers, caller } = setUp();
    const ends = new AbortController();
    const windows = [0, 1].map(() =>
      handlers['preferences.watch']({}, { surface: 'ui', signal: ends.signal })[Symbol.asyncIterator](),
    );
    for (const stream of windows) expect((await stream.next()).value).toEqual(defaultPreferences);
    await handlers['preferences.set']({ density: 'compact' }, caller);
    for (const stream of windows) expect((await stream.next()).value).toMatchObject({ density: 'compact' });
    ends.abort();
  });

  it('fall back one by one where a stored value is not known', async () => {
    const { context, handlers, caller } = setUp();
    await handlers['preferences.set']({ theme: 'dark' }, caller);
    const stored = { ...readPreferences(context), fleetGroup: 'rack', zoomPercent: 900 };
    context.database.db
      .update(userPreferences)
      .set({ valueJson: JSON.stringify(stored) })
      .run();
    expect(readPreferences(context)).toEqual({ ...defaultPreferences, theme: 'dark' });
  });
});
