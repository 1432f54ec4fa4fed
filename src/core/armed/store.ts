import { and, asc, count, desc, eq, getTableColumns, inArray, isNull, lte, or } from 'drizzle-orm';
import type { ArmedRun } from '../../shared/contract/schedules.ts';
import type { ArmedStatus, ExecutionStatus } from '../../shared/domain/unions.ts';
import { AppError } from '../../shared/domain/errors.ts';
import { isoNow, type CoreContext } from '../context.ts';
import { armedRuns, executions, machines, schedules } from '../db/schema/index.ts';

type Ctx = Pick<CoreContext, 'database' | 'now'>;
/** Without what it begins with, which holds a whole plan. */
const { beginJson: _begin, ...light } = getTableColumns(armedRuns);
export type ArmedRow = Omit<typeof armedRuns.$inferSelect, 'beginJson'>;

/** What may still run on its host, or has and nobody has looked. */
export const liveStatuses = ['arming', 'armed', 'revoking'] as const satisfies readonly ArmedStatus[];

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
  const isSettled = !(liveStatuses as readonly string[]).includes(status);
  const { changes } = context.database.db
    .update(armedRuns)
    .set({ ...patch, status, updatedAt: now, ...(isSettled && { settledAt: now }) })
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
  return new Map(
    rows.map(({ row, status, remoteState }) => {
      // An interrupted run may still be one that is being collected.
      const isOpen = status === 'running' || (status === 'interrupted' && remoteState !== 'cleaned');
      return [row.machineId, { row, outcome: isOpen ? null : status }];
    }),
  );
}

/** Armed work whose moment has passed and about which the host was not asked lately. */
export function armedToAsk(context: Ctx, dueBefore: string, askedBefore: string): ArmedRow[] {
  return context.database.db
    .select({ row: light })
    .from(armedRuns)
    .innerJoin(machines, and(eq(machines.id, armedRuns.machineId), isNull(machines.deletedAt)))
    .where(
      and(
        inArray(armedRuns.status, [...liveStatuses]),
        lte(armedRuns.dueAt, dueBefore),
        or(isNull(armedRuns.askedAt), lte(armedRuns.askedAt, askedBefore)),
      ),
    )
    .all()
    .map(({ row }) => row);
}

export function markAsked(context: Ctx, id: string): void {
  context.database.db
    .update(armedRuns)
    .set({ askedAt: isoNow(context) })
    .where(eq(armedRuns.id, id))
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
    .map(({ row, machineName, scheduleName, executionId }) => ({
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
    }));
}
