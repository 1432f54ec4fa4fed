import { desc } from 'drizzle-orm';
import { index, integer, sqliteTable, text } from 'drizzle-orm/sqlite-core';
import { notificationKinds, severities } from '../../../shared/domain/unions.ts';
import { checksOf, createdAt, id } from './columns.ts';
import { machines } from './machines.ts';

/** What a person should hear of. One row a matter: while it is unread, the same again only counts up. */
export const notifications = sqliteTable(
  'notifications',
  {
    id: id(),
    kind: text('kind', { enum: notificationKinds }).notNull(),
    severity: text('severity', { enum: severities }).notNull(),
    createdAt: createdAt(),
    /** When it was last heard; the order of the list. */
    lastAt: text('last_at').notNull(),
    occurrences: integer('occurrences').notNull().default(1),
    machineId: text('machine_id').references(() => machines.id, { onDelete: 'cascade' }),
    executionId: text('execution_id'),
    jobId: text('job_id'),
    bulkRunId: text('bulk_run_id'),
    /** The same for the same matter. */
    dedupKey: text('dedup_key').notNull(),
    dataJson: text('data_json'),
    readAt: text('read_at'),
    /** When nothing was left for a person to do. */
    resolvedAt: text('resolved_at'),
  },
  (t) => [
    index('notifications_last_at').on(desc(t.lastAt)),
    index('notifications_read_at_last_at').on(t.readAt, desc(t.lastAt)),
    index('notifications_dedup_key').on(t.dedupKey),
    index('notifications_machine_id').on(t.machineId),
    index('notifications_job_id').on(t.jobId),
    index('notifications_execution_id').on(t.executionId),
    ...checksOf(t),
  ],
);
