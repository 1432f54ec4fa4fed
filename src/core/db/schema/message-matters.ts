import { desc } from 'drizzle-orm';
import { index, integer, primaryKey, sqliteTable, text } from 'drizzle-orm/sqlite-core';
import { messageCategories } from '../../../shared/domain/unions.ts';
import { checksOf, flag } from './columns.ts';

/**
 * Important messages over the fleet, each matter once, open and acknowledged apart. Derived: triggers on `important_messages`
 * and `machines` write it (in the migration that made it), so that no writer can forget it. A migration that rebuilds one of
 * these tables drops its triggers and has to make them again.
 */
export const messageMatters = sqliteTable(
  'message_matters',
  {
    acknowledged: flag('acknowledged').notNull(),
    dedupKey: text('dedup_key').notNull(),
    category: text('category', { enum: messageCategories }).notNull(),
    /** Machines of the fleet that tell it; never 0, for then the row goes. */
    machineCount: integer('machine_count').notNull(),
    firstSeenAt: text('first_seen_at').notNull(),
    lastSeenAt: text('last_seen_at').notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.acknowledged, t.dedupKey] }),
    index('message_matters_acknowledged_last_seen_at').on(t.acknowledged, desc(t.lastSeenAt), t.dedupKey),
    index('message_matters_acknowledged_category_last_seen_at').on(
      t.acknowledged,
      t.category,
      desc(t.lastSeenAt),
      t.dedupKey,
    ),
    ...checksOf(t),
  ],
);
