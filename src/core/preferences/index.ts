import { and, eq } from 'drizzle-orm';
import type { HomeportHandlers } from '../../shared/contract/index.ts';
import { defaultPreferences, preferences, type Preferences } from '../../shared/contract/models.ts';
import { patchPreferences } from '../../shared/domain/preferences-patch.ts';
import { fromJson, isoNow, type CoreContext } from '../context.ts';
import { newId } from '../db/ids.ts';
import { userPreferences } from '../db/schema/index.ts';
import { changedIds } from '../watch.ts';

/** One row holds them all: they are read and applied together. */
const KEY = 'interface';
const USER = 'local';

/** The stored preferences over the defaults; a stored value that this version does not know falls back alone. */
export function readPreferences(context: Pick<CoreContext, 'database'>): Preferences {
  const row = context.database.db
    .select()
    .from(userPreferences)
    .where(and(eq(userPreferences.userId, USER), eq(userPreferences.key, KEY)))
    .get();
  const stored = fromJson<Record<string, unknown>>(row?.valueJson ?? null, {});
  const known = Object.entries(preferences.shape).flatMap(([name, schema]) => {
    const value = schema.safeParse(stored[name]);
    return value.success ? [[name, value.data] as const] : [];
  });
  return { ...defaultPreferences, ...Object.fromEntries(known) };
}

export function preferenceHandlers(
  context: CoreContext,
): Pick<HomeportHandlers, 'preferences.set' | 'preferences.watch'> {
  return {
    'preferences.set': (patch) => {
      const next = patchPreferences(readPreferences(context), patch);
      const valueJson = JSON.stringify(next);
      const updatedAt = isoNow(context);
      context.database.db
        .insert(userPreferences)
        .values({ id: newId(), userId: USER, key: KEY, valueJson, updatedAt })
        .onConflictDoUpdate({
          target: [userPreferences.userId, userPreferences.key],
          set: { valueJson, updatedAt },
        })
        .run();
      context.bus.publish('preferences.changed', {});
      return next;
    },
    'preferences.watch': async function* (_input, { signal }) {
      for await (const _ of changedIds(context.bus, 'preferences.changed', () => ['all'], signal)) {
        yield readPreferences(context);
      }
    },
  };
}
