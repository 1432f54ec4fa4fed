import { index, integer, sqliteTable, text } from 'drizzle-orm/sqlite-core';
import type { ErrorKind } from '../../../shared/domain/errors.ts';
import { outwardKinds, outwardStatuses } from '../../../shared/domain/unions.ts';
import { checksOf, createdAt, flag, id, updatedAt } from './columns.ts';

/** Where notifications go outside of this application. `encSecret` holds vault ciphertext. */
export const outwardChannels = sqliteTable(
  'outward_channels',
  {
    id: id(),
    kind: text('kind', { enum: outwardKinds }).notNull(),
    name: text('name').notNull(),
    enabled: flag('enabled').notNull().default(true),
    /** Address, names and choices; no secret. */
    configJson: text('config_json').notNull(),
    /** Which notifications. */
    filterJson: text('filter_json').notNull(),
    /** The password, the token or the key of the signature. */
    encSecret: text('enc_secret'),
    createdAt: createdAt(),
    updatedAt: updatedAt(),
    lastSentAt: text('last_sent_at'),
    /** Of the last attempt, where that failed. */
    lastFailedAt: text('last_failed_at'),
    lastErrorKind: text('last_error_kind').$type<ErrorKind>(),
    lastErrorMessage: text('last_error_message'),
    lastErrorDataJson: text('last_error_data_json'),
  },
  (t) => [...checksOf(t)],
);

/** What is to be told to a channel; written in the transaction of the event that it tells. */
export const outwardMessages = sqliteTable(
  'outward_messages',
  {
    id: id(),
    channelId: text('channel_id')
      .notNull()
      .references(() => outwardChannels.id, { onDelete: 'cascade' }),
    status: text('status', { enum: outwardStatuses }).notNull(),
    createdAt: createdAt(),
    /** Not told any more after this moment. */
    expiresAt: text('expires_at').notNull(),
    /** The notification in no language. */
    contentJson: text('content_json').notNull(),
    /** The same for the same matter. */
    dedupKey: text('dedup_key').notNull(),
    jobId: text('job_id'),
    /** What leaves together has one id, also when it leaves again; null: not yet put together. */
    batchId: text('batch_id'),
    attempt: integer('attempt').notNull().default(0),
    /** A failed attempt is made again, not before this moment. */
    notBefore: text('not_before'),
    sentAt: text('sent_at'),
  },
  (t) => [
    index('outward_messages_status_created_at').on(t.status, t.createdAt),
    index('outward_messages_channel_id_status').on(t.channelId, t.status),
    index('outward_messages_channel_id_dedup_key').on(t.channelId, t.dedupKey),
    index('outward_messages_batch_id').on(t.batchId),
    ...checksOf(t),
  ],
);
