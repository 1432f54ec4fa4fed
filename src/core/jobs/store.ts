import { and, asc, desc, eq, inArray, lt, notExists, sql } from 'drizzle-orm';
import { alias } from 'drizzle-orm/sqlite-core';
import { AppError } from '../../shared/domain/errors.ts';
import { nextStatus, statusesAllowing, type JobMove } from '../../shared/domain/job-moves.ts';
import type { StartableAction } from '../../shared/domain/unions.ts';
import { isoNow, type CoreContext } from '../context.ts';
import { newId } from '../db/ids.ts';
import { jobLogs, jobs, machineLocks, machines } from '../db/schema/index.ts';

type Ctx = Pick<CoreContext, 'database' | 'now'>;
export type JobRow = typeof jobs.$inferSelect;
type JobPatch = Partial<Omit<typeof jobs.$inferInsert, 'id' | 'status'>>;

export interface JobWithName {
  readonly row: JobRow;
  readonly machineName: string | null;
}

export function insertJob(
  context: Ctx,
  job: {
    action: StartableAction;
    machineId: string;
    payload: unknown;
    maxAttempts: number;
    bulkRunId?: string | undefined;
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
      partitionKey: job.machineId,
      status: 'queued',
      createdAt: now,
      updatedAt: now,
      maxAttempts: job.maxAttempts,
      payloadJson: JSON.stringify(job.payload),
    })
    .run();
  return id;
}

/** The next queued jobs, at most one of a partition that has none running: priority first, then first in first out. */
export function nextStartable(context: Ctx, limit: number): JobRow[] {
  const running = alias(jobs, 'running');
  const { db } = context.database;
  const rows = db
    .select()
    .from(jobs)
    .where(
      and(
        eq(jobs.status, 'queued'),
        notExists(
          db
            .select({ one: sql`1` })
            .from(running)
            .where(and(eq(running.partitionKey, jobs.partitionKey), eq(running.status, 'running'))),
        ),
      ),
    )
    .orderBy(desc(jobs.priority), asc(jobs.createdAt), asc(jobs.id))
    .limit(limit)
    .all();
  const taken = new Set<string>();
  return rows.filter(({ partitionKey }) => {
    const isFirst = !taken.has(partitionKey);
    taken.add(partitionKey);
    return isFirst;
  });
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

const withName = (context: Ctx) =>
  context.database.db
    .select({ row: jobs, machineName: machines.name })
    .from(jobs)
    .leftJoin(machines, eq(machines.id, jobs.machineId))
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

export function listJobs(
  context: Ctx,
  filter: { machineId?: string | undefined; before?: string | undefined; limit: number },
): JobWithName[] {
  return withName(context)
    .where(
      and(
        filter.machineId ? eq(jobs.machineId, filter.machineId) : undefined,
        filter.before ? lt(jobs.createdAt, filter.before) : undefined,
      ),
    )
    .orderBy(desc(jobs.createdAt))
    .limit(filter.limit)
    .all();
}

export function jobsOfMachine(context: Ctx, machineId: string): JobRow[] {
  return context.database.db
    .select()
    .from(jobs)
    .where(and(eq(jobs.machineId, machineId), inArray(jobs.status, ['queued', 'running'])))
    .all();
}

/** Takes or gives back the machine's lock; inside the transaction of the job's move. */
export function lockMachine(
  context: Ctx,
  machineId: string,
  jobId: string,
  kind: typeof machineLocks.$inferInsert.lockKind,
): void {
  context.database.db
    .insert(machineLocks)
    .values({ machineId, jobId, lockKind: kind, createdAt: isoNow(context) })
    .onConflictDoUpdate({
      target: machineLocks.machineId,
      set: { jobId, lockKind: kind, createdAt: isoNow(context) },
    })
    .run();
}

export function unlockMachine(context: Ctx, jobId: string): void {
  context.database.db.delete(machineLocks).where(eq(machineLocks.jobId, jobId)).run();
}

export function addJobLog(
  context: Ctx,
  jobId: string,
  level: typeof jobLogs.$inferInsert.level,
  message: string,
): void {
  const { db } = context.database;
  const last = db
    .select({ seq: sql<number>`coalesce(max(${jobLogs.seq}), 0)` })
    .from(jobLogs)
    .where(eq(jobLogs.jobId, jobId))
    .get();
  db.insert(jobLogs)
    .values({ id: newId(), jobId, seq: (last?.seq ?? 0) + 1, at: isoNow(context), level, message })
    .run();
}
