import { and, asc, desc, eq, getTableColumns, gt, inArray, isNotNull, isNull, ne, sql } from 'drizzle-orm';
import type { ScheduleRunSummary } from '../../shared/contract/schedules.ts';
import { AppError } from '../../shared/domain/errors.ts';
import { scheduleMachineStates } from '../../shared/domain/unions.ts';
import { isoNow, type CoreContext } from '../context.ts';
import { newId } from '../db/ids.ts';
import { reports, scheduleRunMachines, scheduleRuns, schedules } from '../db/schema/index.ts';
import type { RunPlan, ScheduleRow } from './model.ts';

type Ctx = Pick<CoreContext, 'database' | 'now'>;
export type RunRow = typeof scheduleRuns.$inferSelect;

/** @throws AppError not_found, also for a removed one */
export function scheduleById(context: Ctx, id: string, withRemoved = false): ScheduleRow {
  const row = context.database.db.select().from(schedules).where(eq(schedules.id, id)).get();
  if (!row || (row.deletedAt !== null && !withRemoved)) {
    throw new AppError('not_found', 'No such schedule', { scheduleId: id });
  }
  return row;
}

export function allSchedules(context: Ctx): ScheduleRow[] {
  return context.database.db
    .select()
    .from(schedules)
    .where(isNull(schedules.deletedAt))
    .all()
    .sort((a, b) => a.name.localeCompare(b.name, 'en', { numeric: true, sensitivity: 'base' }));
}

/** Those that are on, the next due first. */
export function enabledSchedules(context: Ctx): ScheduleRow[] {
  return context.database.db
    .select()
    .from(schedules)
    .where(and(eq(schedules.enabled, true), isNotNull(schedules.nextRunAt), isNull(schedules.deletedAt)))
    .orderBy(asc(schedules.nextRunAt))
    .all();
}

export function insertSchedule(
  context: Ctx,
  values: Omit<typeof schedules.$inferInsert, 'id' | 'createdAt' | 'updatedAt'>,
): string {
  const id = newId();
  const now = isoNow(context);
  context.database.db
    .insert(schedules)
    .values({ ...values, id, createdAt: now, updatedAt: now })
    .run();
  return id;
}

export function patchSchedule(context: Ctx, id: string, patch: Partial<typeof schedules.$inferInsert>): void {
  context.database.db
    .update(schedules)
    .set({ ...patch, updatedAt: isoNow(context) })
    .where(eq(schedules.id, id))
    .run();
}

export interface NewRun extends Pick<
  RunRow,
  'scheduleId' | 'dueAt' | 'trigger' | 'status' | 'skipReason' | 'missed' | 'missedSince' | 'windowEndsAt'
> {
  readonly plan: RunPlan;
}

/** Puts a run in; null when its due moment has one already. */
export function insertRun(context: Ctx, { plan, ...run }: NewRun): string | null {
  const id = newId();
  const now = isoNow(context);
  const { changes } = context.database.db
    .insert(scheduleRuns)
    .values({
      ...run,
      id,
      planJson: JSON.stringify(plan),
      createdAt: now,
      updatedAt: now,
      startedAt: run.status === 'running' ? now : null,
      finishedAt: run.status === 'skipped' ? now : null,
    })
    .onConflictDoNothing({ target: [scheduleRuns.scheduleId, scheduleRuns.dueAt] })
    .run();
  return changes === 1 ? id : null;
}

export function runOfDue(context: Ctx, scheduleId: string, dueAt: string): RunRow | undefined {
  return context.database.db
    .select()
    .from(scheduleRuns)
    .where(and(eq(scheduleRuns.scheduleId, scheduleId), eq(scheduleRuns.dueAt, dueAt)))
    .get();
}

/** @throws AppError not_found */
export function runById(context: Ctx, id: string): RunRow {
  const row = context.database.db.select().from(scheduleRuns).where(eq(scheduleRuns.id, id)).get();
  if (!row) throw new AppError('not_found', 'No such run of a schedule', { runId: id });
  return row;
}

export function patchRun(context: Ctx, id: string, patch: Partial<typeof scheduleRuns.$inferInsert>): void {
  context.database.db
    .update(scheduleRuns)
    .set({ ...patch, updatedAt: isoNow(context) })
    .where(eq(scheduleRuns.id, id))
    .run();
}

export function runningRuns(context: Ctx): RunRow[] {
  return context.database.db
    .select()
    .from(scheduleRuns)
    .where(eq(scheduleRuns.status, 'running'))
    .orderBy(asc(scheduleRuns.id))
    .all();
}

/** The run that ended first of those whose document is not written yet. */
export function nextReportDue(context: Ctx): RunRow | undefined {
  return (
    context.database.db
      .select()
      .from(scheduleRuns)
      // As the index has it: a bound value would not be known to be 1.
      .where(sql`${scheduleRuns.reportDue} = 1`)
      .orderBy(asc(scheduleRuns.finishedAt))
      .limit(1)
      .get()
  );
}

export function askingRuns(context: Ctx, scheduleId?: string): RunRow[] {
  return context.database.db
    .select()
    .from(scheduleRuns)
    .where(
      and(
        eq(scheduleRuns.status, 'asking'),
        scheduleId === undefined ? undefined : eq(scheduleRuns.scheduleId, scheduleId),
      ),
    )
    .all();
}

/**
 * Takes away what was noted as missed for moments that, by a clock that was set back, have not come yet.
 * @returns the first of the missed moments that they stood for, or null
 */
export function dropUnrunAfter(context: Ctx, scheduleId: string, now: string): string | null {
  const dropped = context.database.db
    .delete(scheduleRuns)
    .where(
      and(
        eq(scheduleRuns.scheduleId, scheduleId),
        gt(scheduleRuns.dueAt, now),
        ne(scheduleRuns.trigger, 'manual'),
        inArray(scheduleRuns.status, ['skipped', 'asking']),
      ),
    )
    .returning({ since: scheduleRuns.missedSince })
    .all();
  return dropped.reduce<string | null>(
    (first, { since }) => (since !== null && (first === null || since < first) ? since : first),
    null,
  );
}

/** Runs with how many machines are in which state, counted in the database; newest first. */
export function runSummaries(
  context: Ctx,
  of: { readonly scheduleId: string; readonly limit: number } | { readonly runId: string },
): ScheduleRunSummary[] {
  const { db } = context.database;
  const rows = db
    .select({ ...getTableColumns(scheduleRuns), reportId: reports.id })
    .from(scheduleRuns)
    // A report that was cleared away is none.
    .leftJoin(reports, eq(reports.id, scheduleRuns.reportId))
    .where('runId' in of ? eq(scheduleRuns.id, of.runId) : eq(scheduleRuns.scheduleId, of.scheduleId))
    .orderBy(desc(scheduleRuns.dueAt))
    .limit('runId' in of ? 1 : of.limit)
    .all();
  const counted = db
    .select({
      runId: scheduleRunMachines.runId,
      state: scheduleRunMachines.state,
      n: sql<number>`count(*)`,
    })
    .from(scheduleRunMachines)
    .where(
      inArray(
        scheduleRunMachines.runId,
        rows.map(({ id }) => id),
      ),
    )
    .groupBy(scheduleRunMachines.runId, scheduleRunMachines.state)
    .all();
  return rows.map((row) => {
    const counts = Object.fromEntries(
      scheduleMachineStates.map((state) => [
        state,
        counted.find((one) => one.runId === row.id && one.state === state)?.n ?? 0,
      ]),
    ) as ScheduleRunSummary['counts'];
    return {
      id: row.id,
      scheduleId: row.scheduleId,
      dueAt: row.dueAt,
      trigger: row.trigger,
      status: row.status,
      skipReason: row.skipReason,
      missed: row.missed,
      windowEndsAt: row.windowEndsAt,
      startedAt: row.startedAt,
      finishedAt: row.finishedAt,
      reportId: row.reportId,
      cancelRequested: row.cancelRequestedAt !== null,
      machines: Object.values(counts).reduce((sum, n) => sum + n, 0),
      counts,
    };
  });
}
