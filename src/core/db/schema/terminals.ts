import { index, sqliteTable, text, uniqueIndex } from 'drizzle-orm/sqlite-core';
import { createdAt, id, updatedAt } from './columns.ts';
import { machines } from './machines.ts';

/**
 * What the panes of a window showed, encrypted with the vault's key. Only while the preference says so; a row goes with
 * its pane.
 */
export const terminalScreens = sqliteTable(
  'terminal_screens',
  {
    /** Key of the pane. */
    id: id(),
    /** The window whose layout names the pane. */
    windowId: text('window_id').notNull(),
    machineId: text('machine_id')
      .notNull()
      .references(() => machines.id, { onDelete: 'cascade' }),
    encScreen: text('enc_screen').notNull(),
    updatedAt: updatedAt(),
  },
  (t) => [
    index('terminal_screens_window_id').on(t.windowId),
    index('terminal_screens_machine_id').on(t.machineId),
  ],
);

/** Commands with a name, and `{{variables}}` in them. */
export const terminalSnippets = sqliteTable(
  'terminal_snippets',
  {
    id: id(),
    name: text('name').notNull(),
    /** The name without regard to case: no two are alike. */
    nameKey: text('name_key').notNull(),
    body: text('body').notNull(),
    createdAt: createdAt(),
    updatedAt: updatedAt(),
  },
  (t) => [uniqueIndex('terminal_snippets_name_key').on(t.nameKey)],
);
