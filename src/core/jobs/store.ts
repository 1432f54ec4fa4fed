import { and, asc, desc, eq, inArray, lt, lte, ne, or, sql } from 'drizzle-orm';
import { AppError } from '../../shared/domain/errors.ts';
import { nextStatus, statusesAllowing, type JobMove } from '../../shared/domain/job-moves.ts';
import type { ActionType, JobStatus, StartableAction } from '../../shared/domain/unions.ts';
import { isoNow, type CoreContext } from '../context.ts';
import { newId } from '../db/ids.ts';
import { jobs, machines, schedules } from '../db/schema/index.ts';

type Ctx = Pick<CoreContext, 'database' | 'now'>;
export type JobRow = typeof jobs.$inferSelect;
type JobPatch = Partial<Omit<typeof jobs.$inferInsert, 'id' | 'status'>>;

export interface JobWithName {
  readonly row: JobRow;
  readonly machineName: string | null;
  readonly scheduleName: string | null;
}

export function insertJob(
  context: Ctx,
  job: {
    action: StartableAction;
    machineId: string;
    payload: unknown;
    maxAttempts: number;
    bulkRunId?: string | undefined;
    priority?: number | undefined;
    scheduleId?: string | undefined;
  },
): string {
  const id = newId();
  const now = isoNow(context);
  context.database.db
    .insert(jobs)
    .values({
      id,
      kind: job.action,
      action: job.action,
      machineId: job.machineId,
      bulkRunId: job.bulkRunId ?? null,
      scheduleId: job.scheduleId ?? null,
      partitionKey: job.machineId,
      status: 'queued',
      priority: job.priority ?? 0,
      createdAt: now,
      updatedAt: now,
      maxAttempts: job.maxAttempts,
      payloadJson: JSON.stringify(job.payload),
    })
    .run();
  return id;
}

/**
 * Moves a job, guarded in the UPDATE itself: exactly one row must change.
 * @throws AppError conflict when the job is not in a status that allows the move
 */
export function moveJob(context: Ctx, id: string, move: JobMove, patch: JobPatch = {}): void {
  const from = statusesAllowing(move);
  const [first] = from;
  const to = first && nextStatus(first, move);
  if (!to) throw new AppError('internal', `No status allows the move ${move}`);
  const { changes } = context.database.db
    .update(jobs)
    .set({ ...patch, status: to, updatedAt: isoNow(context) })
    .where(and(eq(jobs.id, id), inArray(jobs.status, [...from])))
    .run();
  if (changes !== 1) throw new AppError('conflict', `The job cannot ${move} now`, { jobId: id });
}

export function patchJob(context: Ctx, id: string, patch: JobPatch): void {
  context.database.db
    .update(jobs)
    .set({ ...patch, updatedAt: isoNow(context) })
    .where(eq(jobs.id, id))
    .run();
}

export function jobById(context: Ctx, id: string): JobRow {
  const row = context.database.db.select().from(jobs).where(eq(jobs.id, id)).get();
  if (!row) throw new AppError('not_found', 'No such job', { jobId: id });
  return row;
}

/** The status of a job, or null when it went with its machine. */
export function jobStatusOf(context: Pick<CoreContext, 'database'>, id: string): JobStatus | null {
  const row = context.database.db.select({ status: jobs.status }).from(jobs).where(eq(jobs.id, id)).get();
  return row?.status ?? null;
}

const withName = (context: Ctx) =>
  context.database.db
    .select({ row: jobs, machineName: machines.name, scheduleName: schedules.name })
    .from(jobs)
    .leftJoin(machines, eq(machines.id, jobs.machineId))
    .leftJoin(schedules, eq(schedules.id, jobs.scheduleId))
    .$dynamic();

export function jobWithName(context: Ctx, id: string): JobWithName | undefined {
  return withName(context).where(eq(jobs.id, id)).get();
}

export function activeJobs(context: Ctx): JobWithName[] {
  return withName(context)
    .where(inArray(jobs.status, ['queued', 'running']))
    .orderBy(asc(jobs.createdAt))
    .all();
}

export interface JobFilter {
  readonly machineId?: string | undefined;
  readonly statuses?: readonly JobStatus[] | undefined;
  readonly action?: ActionType | undefined;
  /** Part of the machine's name. */
  readonly search?: string | undefined;
  /** Older than this moment, or, of the same, than the job `beforeId`. */
  readonly before?: string | undefined;
  readonly beforeId?: string | undefined;
  readonly limit: number;
}

export function listJobs(context: Ctx, filter: JobFilter): JobWithName[] {
  const { machineId, statuses, action, search, before, beforeId } = filter;
  return withName(context)
    .where(
      and(
        machineId ? eq(jobs.machineId, machineId) : undefined,
        // The plus keeps the order of the index by date: most jobs have ended, so few are left out on the way.
        statuses ? inArray(sql`+${jobs.status}`, [...statuses]) : undefined,
        action ? eq(jobs.action, action) : undefined,
        search ? sql`instr(lower(${machines.name}), ${search.toLowerCase()}) > 0` : undefined,
        before && beforeId
          ? and(lte(jobs.createdAt, before), or(ne(jobs.createdAt, before), lt(jobs.id, beforeId)))
          : before
            ? lt(jobs.createdAt, before)
            : undefined,
      ),
    )
    .orderBy(desc(jobs.createdAt), desc(jobs.id))
    .limit(filter.limit)
    .all();
}

/** What a former process left running. */
export function runningRows(context: Ctx): JobRow[] {
  return context.database.db.select().from(jobs).where(eq(jobs.status, 'running')).all();
}

export function jobsOfMachine(context: Ctx, machineId: string): JobRow[] {
  return context.database.db
    .select()
    .from(jobs)
    .where(and(eq(jobs.machineId, machineId), inArray(jobs.status, ['queued', 'running'])))
    .all();
}
