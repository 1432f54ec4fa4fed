import { and, asc, count, eq, gt, inArray, isNull, lt, lte, max, min, sql } from 'drizzle-orm';
import type { OutwardConfig, OutwardFilter } from '../../shared/contract/outward.ts';
import { AppError } from '../../shared/domain/errors.ts';
import type { CoreContext } from '../context.ts';
import { newId } from '../db/ids.ts';
import { machines, machineTags, outwardChannels, outwardMessages } from '../db/schema/index.ts';
import type { Content } from './content.ts';

type Ctx = Pick<CoreContext, 'database'>;
export type ChannelRow = typeof outwardChannels.$inferSelect;
export type MessageRow = typeof outwardMessages.$inferSelect;

export const configOf = (row: ChannelRow): OutwardConfig => JSON.parse(row.configJson) as OutwardConfig;
export const filterOf = (row: ChannelRow): OutwardFilter => JSON.parse(row.filterJson) as OutwardFilter;

export function channels({ database: { db } }: Ctx): ChannelRow[] {
  return db.select().from(outwardChannels).orderBy(asc(outwardChannels.createdAt)).all();
}

export function findChannel({ database: { db } }: Ctx, id: string): ChannelRow | undefined {
  return db.select().from(outwardChannels).where(eq(outwardChannels.id, id)).get();
}

/** @throws AppError not_found */
export function channelById(context: Ctx, id: string): ChannelRow {
  const row = findChannel(context, id);
  if (!row) throw new AppError('not_found', 'No such channel', { channelId: id });
  return row;
}

export function saveChannel({ database: { db } }: Ctx, row: typeof outwardChannels.$inferInsert): void {
  const { id: _id, createdAt: _created, ...changes } = row;
  db.insert(outwardChannels)
    .values(row)
    .onConflictDoUpdate({ target: outwardChannels.id, set: changes })
    .run();
}

export function patchChannel({ database: { db } }: Ctx, id: string, patch: Partial<ChannelRow>): void {
  db.update(outwardChannels).set(patch).where(eq(outwardChannels.id, id)).run();
}

export function removeChannel({ database: { db } }: Ctx, id: string): void {
  db.delete(outwardChannels).where(eq(outwardChannels.id, id)).run();
}

export function machineOf(
  { database: { db } }: Ctx,
  machineId: string,
): { name: string | null; tagIds: string[] } {
  const row = db.select({ name: machines.name }).from(machines).where(eq(machines.id, machineId)).get();
  const tags = db
    .select({ id: machineTags.tagId })
    .from(machineTags)
    .where(eq(machineTags.machineId, machineId))
    .all();
  return { name: row?.name ?? null, tagIds: tags.map(({ id }) => id) };
}

/** What a channel was told of the same matter since, or of the same job ever. */
export function toldBefore(
  { database: { db } }: Ctx,
  channelId: string,
  matter: { dedupKey: string; jobId: string | null; since: string },
): MessageRow | undefined {
  if (matter.jobId !== null) {
    const row = db
      .select()
      .from(outwardMessages)
      .where(and(eq(outwardMessages.channelId, channelId), eq(outwardMessages.jobId, matter.jobId)))
      .get();
    if (row) return row;
  }
  return db
    .select()
    .from(outwardMessages)
    .where(
      and(
        eq(outwardMessages.channelId, channelId),
        eq(outwardMessages.dedupKey, matter.dedupKey),
        gt(outwardMessages.createdAt, matter.since),
      ),
    )
    .get();
}

export function insertMessage(
  { database: { db } }: Ctx,
  message: Pick<MessageRow, 'channelId' | 'createdAt' | 'expiresAt' | 'dedupKey' | 'jobId'> & {
    content: Content;
  },
): void {
  const { content, ...row } = message;
  db.insert(outwardMessages)
    .values({ ...row, id: newId(), status: 'waiting', contentJson: JSON.stringify(content) })
    .run();
}

export function replaceContent(
  { database: { db } }: Ctx,
  id: string,
  content: Content,
  dedupKey: string,
): void {
  db.update(outwardMessages)
    .set({ contentJson: JSON.stringify(content), dedupKey })
    .where(eq(outwardMessages.id, id))
    .run();
}

/** What waits for each channel: how many, the earliest next attempt, whether something is not held by a failed attempt. */
export function waitingByChannel({
  database: { db },
}: Ctx): Map<string, { waiting: number; nextAttemptAt: string | null }> {
  const rows = db
    .select({
      channelId: outwardMessages.channelId,
      waiting: count(),
      nextAttemptAt: max(outwardMessages.notBefore),
    })
    .from(outwardMessages)
    .where(eq(outwardMessages.status, 'waiting'))
    .groupBy(outwardMessages.channelId)
    .all();
  return new Map(rows.map(({ channelId, ...row }) => [channelId, row]));
}

/** The batch that is to be sent next: the one that was begun, else everything that waits, put together now. */
export function nextBatch(
  { database: { db } }: Ctx,
  channelId: string,
  limit: number,
): { batchId: string; rows: MessageRow[] } | null {
  const waiting = and(eq(outwardMessages.channelId, channelId), eq(outwardMessages.status, 'waiting'));
  const begun = db
    .select()
    .from(outwardMessages)
    .where(and(waiting, sql`${outwardMessages.batchId} is not null`))
    .orderBy(asc(outwardMessages.id))
    .all();
  const known = begun[0]?.batchId;
  if (known) return { batchId: known, rows: begun.filter(({ batchId }) => batchId === known) };
  const rows = db
    .select()
    .from(outwardMessages)
    .where(and(waiting, isNull(outwardMessages.batchId)))
    .orderBy(asc(outwardMessages.id))
    .limit(limit)
    .all();
  if (rows.length === 0) return null;
  const batchId = newId();
  db.update(outwardMessages)
    .set({ batchId })
    .where(
      inArray(
        outwardMessages.id,
        rows.map(({ id }) => id),
      ),
    )
    .run();
  return { batchId, rows };
}

export function markSent({ database: { db } }: Ctx, batchId: string, sentAt: string): void {
  db.update(outwardMessages)
    .set({ status: 'sent', sentAt, notBefore: null })
    .where(and(eq(outwardMessages.batchId, batchId), eq(outwardMessages.status, 'waiting')))
    .run();
}

export function markFailed(
  { database: { db } }: Ctx,
  batchId: string,
  attempt: number,
  notBefore: string,
): void {
  db.update(outwardMessages)
    .set({ attempt, notBefore })
    .where(and(eq(outwardMessages.batchId, batchId), eq(outwardMessages.status, 'waiting')))
    .run();
}

/** What waits for a channel is tried again at once. */
export function forgetDelays({ database: { db } }: Ctx, channelId: string): void {
  db.update(outwardMessages)
    .set({ notBefore: null })
    .where(and(eq(outwardMessages.channelId, channelId), eq(outwardMessages.status, 'waiting')))
    .run();
}

export function dropWaiting({ database: { db } }: Ctx, channelId: string): void {
  db.delete(outwardMessages)
    .where(and(eq(outwardMessages.channelId, channelId), eq(outwardMessages.status, 'waiting')))
    .run();
}

/** Gives up what nobody took in time; how many of each channel. */
export function giveUpOverdue({ database: { db } }: Ctx, now: string): Map<string, number> {
  const overdue = and(eq(outwardMessages.status, 'waiting'), lte(outwardMessages.expiresAt, now));
  const counts = db
    .select({ channelId: outwardMessages.channelId, n: count() })
    .from(outwardMessages)
    .where(overdue)
    .groupBy(outwardMessages.channelId)
    .all();
  if (counts.length > 0) {
    db.update(outwardMessages).set({ status: 'given_up', notBefore: null }).where(overdue).run();
  }
  return new Map(counts.map(({ channelId, n }) => [channelId, n]));
}

export function nextExpiry({ database: { db } }: Ctx): string | null {
  const row = db
    .select({ at: min(outwardMessages.expiresAt) })
    .from(outwardMessages)
    .where(eq(outwardMessages.status, 'waiting'))
    .get();
  return row?.at ?? null;
}

/** Messages of a channel that were given up after it last took one. */
export function givenUpSince({ database: { db } }: Ctx, channelId: string, since: string | null): number {
  const row = db
    .select({ n: count() })
    .from(outwardMessages)
    .where(
      and(
        eq(outwardMessages.channelId, channelId),
        eq(outwardMessages.status, 'given_up'),
        since === null ? undefined : gt(outwardMessages.expiresAt, since),
      ),
    )
    .get();
  return row?.n ?? 0;
}

export function forgetBefore({ database: { db } }: Ctx, before: string): void {
  db.delete(outwardMessages)
    .where(and(inArray(outwardMessages.status, ['sent', 'given_up']), lt(outwardMessages.createdAt, before)))
    .run();
}
