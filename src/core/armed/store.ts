import {
  and,
  asc,
  count,
  desc,
  eq,
  getTableColumns,
  gt,
  inArray,
  isNull,
  lte,
  min,
  notExists,
} from 'drizzle-orm';
import type { ArmedRun } from '../../shared/contract/schedules.ts';
import type { ArmedStatus, ExecutionStatus, RemoteState } from '../../shared/domain/unions.ts';
import { AppError } from '../../shared/domain/errors.ts';
import { isoNow, type CoreContext } from '../context.ts';
import { armedRuns, executions, jobs, machines, schedules } from '../db/schema/index.ts';
import { askAgainAt, askSoon } from './asking.ts';

type Ctx = Pick<CoreContext, 'database' | 'now'>;
/** Without what it begins with, which holds a whole plan. */
const { beginJson: _begin, ...light } = getTableColumns(armedRuns);
export type ArmedRow = Omit<typeof armedRuns.$inferSelect, 'beginJson'>;

/** What may still run on its host, or has and nobody has looked. */
export const liveStatuses = ['arming', 'armed', 'revoking'] as const satisfies readonly ArmedStatus[];

const isLive = (status: ArmedStatus): boolean => (liveStatuses as readonly ArmedStatus[]).includes(status);

export function insertArmed(
  context: Ctx,
  values: Omit<typeof armedRuns.$inferInsert, 'status' | 'createdAt' | 'updatedAt'>,
): void {
  const now = isoNow(context);
  context.database.db
    .insert(armedRuns)
    .values({ ...values, status: 'arming', createdAt: now, updatedAt: now })
    .run();
}

/** @throws AppError not_found */
export function armedById(context: Pick<CoreContext, 'database'>, id: string): ArmedRow {
  const row = context.database.db.select(light).from(armedRuns).where(eq(armedRuns.id, id)).get();
  if (!row) throw new AppError('not_found', 'Nothing armed has this id', { id });
  return row;
}

/** What the run begins with, as it was stored. */
export function beginOf(context: Pick<CoreContext, 'database'>, id: string): string | null {
  const row = context.database.db
    .select({ begin: armedRuns.beginJson })
    .from(armedRuns)
    .where(eq(armedRuns.id, id))
    .get();
  return row?.begin ?? null;
}

/**
 * Moves a row that is still live, guarded in the UPDATE itself.
 * @returns false when it was settled meanwhile
 */
export function moveArmed(
  context: Ctx,
  id: string,
  status: ArmedStatus,
  patch: Partial<typeof armedRuns.$inferInsert> = {},
): boolean {
  const now = isoNow(context);
  const isSettled = !isLive(status);
  const { changes } = context.database.db
    .update(armedRuns)
    .set({
      ...patch,
      status,
      updatedAt: now,
      ...(isSettled && { settledAt: now }),
      // What has begun is asked about until its run is collected.
      ...(isSettled && status !== 'taken_up' && { askAt: null }),
    })
    .where(and(eq(armedRuns.id, id), inArray(armedRuns.status, [...liveStatuses])))
    .run();
  return changes === 1;
}

/** A row of which nothing ever reached the host. */
export function dropArmed(context: Ctx, id: string): void {
  context.database.db
    .delete(armedRuns)
    .where(and(eq(armedRuns.id, id), eq(armedRuns.status, 'arming')))
    .run();
}

export function liveArmedOf(context: Ctx, machineId: string): ArmedRow[] {
  return context.database.db
    .select(light)
    .from(armedRuns)
    .where(and(eq(armedRuns.machineId, machineId), inArray(armedRuns.status, [...liveStatuses])))
    .orderBy(asc(armedRuns.dueAt))
    .all();
}

/** Machines that are armed by a schedule now. */
export function countLiveArmed(context: Ctx, scheduleId: string): number {
  const row = context.database.db
    .select({ n: count() })
    .from(armedRuns)
    .where(and(eq(armedRuns.scheduleId, scheduleId), inArray(armedRuns.status, [...liveStatuses])))
    .get();
  return row?.n ?? 0;
}

export interface DueArmed {
  readonly row: ArmedRow;
  /** How its run ended; null while that is not collected. */
  readonly outcome: ExecutionStatus | null;
}

/** What became of the armed work of a schedule's due moment, by machine; of several on one machine the newest. */
export function armedOfDue(context: Ctx, scheduleId: string, dueAt: string): Map<string, DueArmed> {
  const rows = context.database.db
    .select({ row: light, status: executions.status, remoteState: executions.remoteState })
    .from(armedRuns)
    .leftJoin(executions, eq(executions.id, armedRuns.id))
    .where(and(eq(armedRuns.scheduleId, scheduleId), eq(armedRuns.dueAt, dueAt)))
    .orderBy(asc(armedRuns.createdAt), asc(armedRuns.id))
    .all();
  return new Map(rows.map(({ row, ...run }) => [row.machineId, { row, outcome: outcomeOf(run) }]));
}

/** How a run ended; null while that is not known. */
function outcomeOf({
  status,
  remoteState,
}: {
  readonly status: ExecutionStatus | null;
  readonly remoteState: RemoteState | null;
}): ExecutionStatus | null {
  // An interrupted run may still be one that is being collected.
  const isOpen = status === 'running' || (status === 'interrupted' && remoteState !== 'cleaned');
  return isOpen ? null : status;
}

/**
 * Armed work about which its host is to be asked by now: live, or begun and not collected yet. Not where a refresh that will do it
 * waits or runs already, nor where its run is being followed; what is known to its end has nothing to be asked any more.
 */
export function armedToAsk(context: Ctx): ArmedRow[] {
  const { db } = context.database;
  const refreshing = db
    .select({ id: jobs.id })
    .from(jobs)
    .where(
      and(
        eq(jobs.machineId, armedRuns.machineId),
        inArray(jobs.status, ['queued', 'running']),
        eq(jobs.action, 'apt_update_analyze'),
      ),
    );
  const due = db
    .select({ row: light, status: executions.status, remoteState: executions.remoteState })
    .from(armedRuns)
    .innerJoin(machines, and(eq(machines.id, armedRuns.machineId), isNull(machines.deletedAt)))
    .leftJoin(executions, eq(executions.id, armedRuns.id))
    .where(and(lte(armedRuns.askAt, isoNow(context)), notExists(refreshing)))
    .all();
  return due.flatMap(({ row, ...run }) => {
    const isOpen = row.status === 'taken_up' ? outcomeOf(run) === null : isLive(row.status);
    if (!isOpen) patchArmed(context, row.id, { askAt: null });
    return isOpen && run.status !== 'running' ? [row] : [];
  });
}

/** The next moment at which a host is to be asked (ISO 8601 UTC), or null. */
export function nextAskAt(context: Ctx): string | null {
  const row = context.database.db
    .select({ at: min(armedRuns.askAt) })
    .from(armedRuns)
    .where(gt(armedRuns.askAt, isoNow(context)))
    .get();
  return row?.at ?? null;
}

function patchArmed(context: Ctx, id: string, patch: Partial<typeof armedRuns.$inferInsert>): void {
  context.database.db.update(armedRuns).set(patch).where(eq(armedRuns.id, id)).run();
}

/** A question was queued: the next comes later each time. */
export function markAsked(context: Ctx, { id, asks }: Pick<ArmedRow, 'id' | 'asks'>): void {
  patchArmed(context, id, {
    askedAt: isoNow(context),
    asks: asks + 1,
    askAt: askAgainAt(context.now(), asks + 1),
  });
}

/** What a former process was arming or taking back when it ended: its host is asked at once. */
export function askUnconfirmed(context: Ctx): void {
  context.database.db
    .update(armedRuns)
    .set({ askAt: isoNow(context) })
    .where(inArray(armedRuns.status, ['arming', 'revoking']))
    .run();
}

/** The link was lost while it was handed over: only the host knows. */
export function markUnknown(context: Ctx, id: string): void {
  context.database.db
    .update(armedRuns)
    .set({ askAt: askSoon(context.now()) })
    .where(and(eq(armedRuns.id, id), inArray(armedRuns.status, ['arming', 'revoking'])))
    .run();
}

/** For the interface: of a schedule the newest 200, or what is live on a machine. */
export function listArmed(
  context: Ctx,
  of: { readonly scheduleId: string } | { readonly machineId: string },
): ArmedRun[] {
  return context.database.db
    .select({
      row: light,
      machineName: machines.name,
      scheduleName: schedules.name,
      executionId: executions.id,
      status: executions.status,
      remoteState: executions.remoteState,
    })
    .from(armedRuns)
    .innerJoin(machines, eq(machines.id, armedRuns.machineId))
    .innerJoin(schedules, eq(schedules.id, armedRuns.scheduleId))
    .leftJoin(executions, eq(executions.id, armedRuns.id))
    .where(
      'scheduleId' in of
        ? eq(armedRuns.scheduleId, of.scheduleId)
        : and(eq(armedRuns.machineId, of.machineId), inArray(armedRuns.status, [...liveStatuses])),
    )
    .orderBy(...('scheduleId' in of ? [desc(armedRuns.createdAt)] : []))
    .limit(200)
    .all()
    .map(({ row, machineName, scheduleName, executionId, ...run }) => ({
      id: row.id,
      scheduleId: row.scheduleId,
      scheduleName,
      machineId: row.machineId,
      machineName,
      action: row.action,
      status: row.status,
      notRunReason: row.notRunReason,
      dueAt: row.dueAt,
      expiresAt: row.expiresAt,
      packages: row.packages,
      executionId,
      outcome: outcomeOf(run),
      askAt: isLive(row.status) || (row.status === 'taken_up' && outcomeOf(run) === null) ? row.askAt : null,
      asks: row.asks,
    }));
}
