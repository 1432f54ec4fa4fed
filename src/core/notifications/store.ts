import { and, count, desc, eq, inArray, isNotNull, isNull, lt, or, type SQL } from 'drizzle-orm';
import type { Notification } from '../../shared/contract/models.ts';
import type { NotificationKind } from '../../shared/domain/unions.ts';
import { fromJson, isoNow, type CoreContext } from '../context.ts';
import { newId } from '../db/ids.ts';
import { jobs, machines, notifications } from '../db/schema/index.ts';
import type { Notice } from './rules.ts';

type Ctx = Pick<CoreContext, 'database' | 'now'>;
type Row = typeof notifications.$inferSelect;

export interface Origin {
  readonly machineId: string | null;
  readonly executionId?: string | undefined;
  readonly jobId?: string | undefined;
}

/** Whether the job is one of many that were started together, or by a schedule: the whole is told of once, not each. */
export function isPartOfBulk({ database }: Pick<CoreContext, 'database'>, jobId: string): boolean {
  const row = database.db
    .select({ bulk: jobs.bulkRunId, schedule: jobs.scheduleId })
    .from(jobs)
    .where(eq(jobs.id, jobId))
    .get();
  return (row?.bulk ?? row?.schedule ?? null) !== null;
}

const isOpen = isNull(notifications.readAt);

/** What the same job has said already, read or not; else what is unread about the same matter. */
function known({ database }: Ctx, notice: Notice, origin: Origin): Row | undefined {
  const first = (where: SQL | undefined) => database.db.select().from(notifications).where(where).get();
  return (
    (origin.jobId === undefined ? undefined : first(eq(notifications.jobId, origin.jobId))) ??
    first(and(eq(notifications.dedupKey, notice.dedupKey), isOpen))
  );
}

/** Puts it in, or adds it to what is known of the same matter. `isWanted` false: neither it nor what it replaces stays. */
export function keepNotice(context: Ctx, notice: Notice, origin: Origin, isWanted: boolean): boolean {
  const { db } = context.database;
  const now = isoNow(context);
  const row = known(context, notice, origin);
  if (!isWanted) {
    if (row === undefined || row.jobId !== origin.jobId) return false;
    db.delete(notifications).where(eq(notifications.id, row.id)).run();
    return true;
  }
  const isRetold = row !== undefined && origin.jobId !== undefined && row.jobId === origin.jobId;
  const values = {
    kind: notice.kind,
    severity: notice.severity,
    lastAt: now,
    dedupKey: notice.dedupKey,
    machineId: notice.isOfMany === true ? null : origin.machineId,
    executionId: origin.executionId ?? (isRetold ? row.executionId : null),
    jobId: origin.jobId ?? null,
    bulkRunId: notice.bulkRunId ?? null,
    dataJson: JSON.stringify({
      ...(isRetold ? fromJson<Record<string, unknown>>(row.dataJson, {}) : {}),
      ...notice.data,
    }),
    resolvedAt: null,
  };
  if (row === undefined) {
    db.insert(notifications)
      .values({ id: newId(), createdAt: now, ...values })
      .run();
  } else {
    db.update(notifications)
      .set({ ...values, occurrences: row.occurrences + (isRetold ? 0 : 1) })
      .where(eq(notifications.id, row.id))
      .run();
  }
  return true;
}

/** Marks what no longer waits for anybody as settled and read. Returns whether anything changed. */
export function settle(
  context: Ctx,
  kinds: readonly NotificationKind[],
  machineId: string | null,
  dedupKey?: string,
): boolean {
  if (kinds.length === 0) return false;
  const now = isoNow(context);
  const { changes } = context.database.db
    .update(notifications)
    .set({ resolvedAt: now, readAt: now })
    .where(
      and(
        inArray(notifications.kind, [...kinds]),
        isNull(notifications.resolvedAt),
        machineId === null ? undefined : eq(notifications.machineId, machineId),
        dedupKey === undefined ? undefined : eq(notifications.dedupKey, dedupKey),
      ),
    )
    .run();
  return changes > 0;
}

/** The last heard first. */
export function newest(context: Ctx, limit: number): Notification[] {
  return context.database.db
    .select({ row: notifications, machineName: machines.name })
    .from(notifications)
    .leftJoin(machines, eq(machines.id, notifications.machineId))
    .orderBy(desc(notifications.lastAt), desc(notifications.id))
    .limit(limit)
    .all()
    .map(({ row: { dataJson, dedupKey: _key, jobId: _job, ...row }, machineName }) => ({
      ...row,
      machineName,
      data: fromJson(dataJson, {}),
    }));
}

export function unreadCount({ database }: Pick<CoreContext, 'database'>): number {
  return database.db.select({ unread: count() }).from(notifications).where(isOpen).get()?.unread ?? 0;
}

export interface Which {
  readonly ids?: readonly string[] | undefined;
  readonly executionId?: string | undefined;
  readonly bulkRunId?: string | undefined;
  readonly all: boolean;
}

/** Returns how many changed. */
export function mark(context: Ctx, which: Which, read: boolean): number {
  const chosen = [
    which.ids?.length ? inArray(notifications.id, [...which.ids]) : undefined,
    which.executionId ? eq(notifications.executionId, which.executionId) : undefined,
    which.bulkRunId ? eq(notifications.bulkRunId, which.bulkRunId) : undefined,
  ].filter((one) => one !== undefined);
  if (chosen.length === 0 && !which.all) return 0;
  return context.database.db
    .update(notifications)
    .set({ readAt: read ? isoNow(context) : null })
    .where(
      and(
        which.all ? undefined : or(...chosen),
        read ? isNull(notifications.readAt) : isNotNull(notifications.readAt),
      ),
    )
    .run().changes;
}

/** Forgets what was read and last heard before that moment. */
export function forgetBefore({ database }: Pick<CoreContext, 'database'>, moment: string): void {
  database.db
    .delete(notifications)
    .where(and(lt(notifications.lastAt, moment), isNotNull(notifications.readAt)))
    .run();
}
