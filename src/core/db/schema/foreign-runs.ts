import { primaryKey, sqliteTable, text } from 'drizzle-orm/sqlite-core';
import { machines } from './machines.ts';

const machineId = () =>
  text('machine_id')
    .notNull()
    .references(() => machines.id, { onDelete: 'cascade' });

/** Stanzas of a machine's APT history that were read already, whoever made them: each is told once. */
export const aptHistorySeen = sqliteTable(
  'apt_history_seen',
  {
    machineId: machineId(),
    /** sha256 of what makes the stanza this one. */
    entryKey: text('entry_key').notNull(),
    /** The machine's own local time, as the stanza has it. */
    startedAt: text('started_at').notNull(),
  },
  (t) => [primaryKey({ columns: [t.machineId, t.entryKey] })],
);

/** How far a machine's history was read: `inode:bytes` of the file. Only spares reading again what is known. */
export const aptHistoryMarks = sqliteTable('apt_history_marks', {
  machineId: machineId().primaryKey(),
  mark: text('mark').notNull(),
});
