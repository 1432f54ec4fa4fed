import { and, eq, like } from 'drizzle-orm';
import type { HomeportHandlers } from '../../shared/contract/index.ts';
import { fleetView, type FleetView } from '../../shared/contract/models.ts';
import { AppError } from '../../shared/domain/errors.ts';
import { isoNow, type CoreContext } from '../context.ts';
import { newId } from '../db/ids.ts';
import { userPreferences } from '../db/schema/index.ts';
import { changedIds } from '../watch.ts';

/** One row a view, so that two windows that save different views never overwrite each other. */
const PREFIX = 'fleet.view.';
const USER = 'local';
const MOST_VIEWS = 100;

/** Saved views by name, without regard to case. One that this version cannot read is left out and stays stored. */
export function fleetViews(context: Pick<CoreContext, 'database' | 'log'>): FleetView[] {
  return context.database.db
    .select()
    .from(userPreferences)
    .where(and(eq(userPreferences.userId, USER), like(userPreferences.key, `${PREFIX}%`)))
    .all()
    .flatMap(({ key, valueJson }) => readView(context, key, valueJson) ?? [])
    .sort((a, b) => a.name.localeCompare(b.name, undefined, { numeric: true, sensitivity: 'base' }));
}

/** One saved view; undefined when it was deleted, or cannot be read by this version. */
export function fleetViewById(
  { database, log }: Pick<CoreContext, 'database' | 'log'>,
  id: string,
): FleetView | undefined {
  const key = `${PREFIX}${id}`;
  const row = database.db
    .select({ valueJson: userPreferences.valueJson })
    .from(userPreferences)
    .where(and(eq(userPreferences.userId, USER), eq(userPreferences.key, key)))
    .get();
  return row && readView({ log }, key, row.valueJson);
}

function readView({ log }: Pick<CoreContext, 'log'>, key: string, valueJson: string): FleetView | undefined {
  const view = fleetView.safeParse(JSON.parse(valueJson));
  if (!view.success) log.error('A saved view of the fleet cannot be read', { key, error: view.error });
  return view.data;
}

const sameName = (a: string, b: string): boolean => a.toLocaleLowerCase() === b.toLocaleLowerCase();

export function fleetViewHandlers(
  context: CoreContext,
): Pick<HomeportHandlers, 'fleetViews.watch' | 'fleetViews.save' | 'fleetViews.remove'> {
  const { database, bus } = context;
  return {
    'fleetViews.watch': async function* (_input, { signal }) {
      for await (const _ of changedIds(bus, 'fleet-views.changed', () => ['all'], signal)) {
        yield fleetViews(context);
      }
    },
    'fleetViews.save': ({ id = newId(), name, definition }) => {
      const view: FleetView = { id, name, definition };
      database.tx(() => {
        const others = fleetViews(context).filter((other) => other.id !== id);
        if (others.some((other) => sameName(other.name, name))) {
          throw new AppError('conflict', 'Another saved view has this name', { name });
        }
        if (others.length >= MOST_VIEWS) {
          throw new AppError('conflict', `There are ${MOST_VIEWS} saved views already`, { most: MOST_VIEWS });
        }
        const valueJson = JSON.stringify(view);
        const updatedAt = isoNow(context);
        database.db
          .insert(userPreferences)
          .values({ id: newId(), userId: USER, key: `${PREFIX}${id}`, valueJson, updatedAt })
          .onConflictDoUpdate({
            target: [userPreferences.userId, userPreferences.key],
            set: { valueJson, updatedAt },
          })
          .run();
      });
      bus.publish('fleet-views.changed', {});
      return view;
    },
    'fleetViews.remove': ({ id }) => {
      const { changes } = database.db
        .delete(userPreferences)
        .where(and(eq(userPreferences.userId, USER), eq(userPreferences.key, `${PREFIX}${id}`)))
        .run();
      if (changes === 0) throw new AppError('not_found', 'No saved view has this id', { id });
      bus.publish('fleet-views.changed', {});
      return {};
    },
  };
}
