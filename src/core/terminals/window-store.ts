import { and, eq, inArray, like, notInArray } from 'drizzle-orm';
import { terminalLayout, type TerminalLayout } from '../../shared/contract/terminal-windows.ts';
import { isoNow, type CoreContext } from '../context.ts';
import { newId } from '../db/ids.ts';
import { machines, terminalScreens, userPreferences } from '../db/schema/index.ts';

/** One row a window, so that two windows never overwrite each other. */
const PREFIX = 'terminals.window.';
const USER = 'local';

export interface KeptLayout {
  readonly windowId: string;
  readonly layout: TerminalLayout;
}

/** Layouts of all windows, without machines that are gone. One that this version cannot read is left out. */
export function readLayouts({ database, log }: Pick<CoreContext, 'database' | 'log'>): KeptLayout[] {
  return database.db
    .select()
    .from(userPreferences)
    .where(and(eq(userPreferences.userId, USER), like(userPreferences.key, `${PREFIX}%`)))
    .all()
    .flatMap(({ key, valueJson }) => {
      const layout = terminalLayout.safeParse(JSON.parse(valueJson));
      if (!layout.success) log.error('A layout of terminals cannot be read', { key, error: layout.error });
      return layout.success ? [{ windowId: key.slice(PREFIX.length), layout: layout.data }] : [];
    });
}

/** Layout without tabs: the row goes. Screens of panes that it does not name go in any case. */
export function writeLayout(
  context: Pick<CoreContext, 'database' | 'now'>,
  { windowId, layout }: KeptLayout,
): void {
  const { db, tx } = context.database;
  const key = `${PREFIX}${windowId}`;
  const updatedAt = isoNow(context);
  const valueJson = JSON.stringify(layout);
  const keys = layout.tabs.flatMap(({ panes }) => panes.map((pane) => pane.key));
  tx(() => {
    db.delete(terminalScreens)
      .where(and(eq(terminalScreens.windowId, windowId), notInArray(terminalScreens.id, keys)))
      .run();
    if (layout.tabs.length === 0) {
      db.delete(userPreferences)
        .where(and(eq(userPreferences.userId, USER), eq(userPreferences.key, key)))
        .run();
      return;
    }
    // A pane that moved here brings its screen along.
    db.update(terminalScreens).set({ windowId }).where(inArray(terminalScreens.id, keys)).run();
    db.insert(userPreferences)
      .values({ id: newId(), userId: USER, key, valueJson, updatedAt })
      .onConflictDoUpdate({
        target: [userPreferences.userId, userPreferences.key],
        set: { valueJson, updatedAt },
      })
      .run();
  });
}

/** The window is gone, its tabs are another's now: the screens stay for it. */
export function dropLayout({ database }: Pick<CoreContext, 'database'>, windowId: string): void {
  database.db
    .delete(userPreferences)
    .where(and(eq(userPreferences.userId, USER), eq(userPreferences.key, `${PREFIX}${windowId}`)))
    .run();
}

export interface SealedScreen {
  readonly key: string;
  readonly machineId: string;
  readonly encScreen: string;
}

export function writeScreens(
  context: Pick<CoreContext, 'database' | 'now'>,
  windowId: string,
  screens: readonly SealedScreen[],
): void {
  const { db, tx } = context.database;
  const updatedAt = isoNow(context);
  tx(() => {
    const there = new Set(
      db
        .select({ id: machines.id })
        .from(machines)
        .where(inArray(machines.id, [...new Set(screens.map(({ machineId }) => machineId))]))
        .all()
        .map(({ id }) => id),
    );
    for (const { key, machineId, encScreen } of screens) {
      if (!there.has(machineId)) continue;
      db.insert(terminalScreens)
        .values({ id: key, windowId, machineId, encScreen, updatedAt })
        .onConflictDoUpdate({ target: terminalScreens.id, set: { windowId, encScreen, updatedAt } })
        .run();
    }
  });
}

export const readScreens = (
  { database }: Pick<CoreContext, 'database'>,
  keys: readonly string[],
): { id: string; encScreen: string }[] =>
  database.db
    .select({ id: terminalScreens.id, encScreen: terminalScreens.encScreen })
    .from(terminalScreens)
    .where(inArray(terminalScreens.id, [...keys]))
    .all();

export function eraseScreens({ database }: Pick<CoreContext, 'database'>): void {
  database.db.delete(terminalScreens).run();
}
