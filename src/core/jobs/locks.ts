import { and, eq, inArray, lte, notExists, or, sql } from 'drizzle-orm';
import { AppError } from '../../shared/domain/errors.ts';
import type { LockKind } from '../../shared/domain/unions.ts';
import { isoNow, type CoreContext } from '../context.ts';
import { jobs, machineLocks } from '../db/schema/index.ts';

type Ctx = Pick<CoreContext, 'database' | 'now'>;

/** A lock is a lease: whoever holds it says so again before this has passed. What a crash leaves frees itself. */
const LEASE_MS = 15 * 60_000;
export const LEASE_RENEWAL_MS = LEASE_MS / 3;

const leaseEnd = (context: Ctx): string => new Date(context.now().getTime() + LEASE_MS).toISOString();

/**
 * Takes the machine's lock for a job, inside the transaction of the job's move.
 * @throws AppError conflict when another holds it and its lease has not run out
 */
export function lockMachine(context: Ctx, machineId: string, jobId: string, kind: LockKind): void {
  const taken = { jobId, lockKind: kind, createdAt: isoNow(context), expiresAt: leaseEnd(context) };
  const { changes } = context.database.db
    .insert(machineLocks)
    .values({ machineId, ...taken })
    .onConflictDoUpdate({
      target: machineLocks.machineId,
      set: taken,
      setWhere: sql`${machineLocks.jobId} = ${jobId} or ${machineLocks.expiresAt} <= ${isoNow(context)}`,
    })
    .run();
  if (changes !== 1)
    throw new AppError('conflict', 'The machine is locked by other work', { machineId, jobId });
}

export function unlockMachine(context: Ctx, jobId: string): void {
  context.database.db.delete(machineLocks).where(eq(machineLocks.jobId, jobId)).run();
}

/** Prolongs the leases of jobs that are at work. */
export function renewLocks(context: Ctx, jobIds: readonly string[]): void {
  if (jobIds.length === 0) return;
  context.database.db
    .update(machineLocks)
    .set({ expiresAt: leaseEnd(context) })
    .where(inArray(machineLocks.jobId, [...jobIds]))
    .run();
}

/** Frees what a former process left: locks whose job does not run. Locks of other holders stay until they expire. */
export function freeLeftLocks(context: Ctx): void {
  const { db } = context.database;
  const ended = db
    .select({ id: jobs.id })
    .from(jobs)
    .where(and(eq(jobs.id, machineLocks.jobId), sql`${jobs.status} <> 'running'`));
  const known = db.select({ id: jobs.id }).from(jobs).where(eq(jobs.id, machineLocks.jobId));
  db.delete(machineLocks)
    .where(or(sql`exists ${ended}`, and(notExists(known), lte(machineLocks.expiresAt, isoNow(context)))))
    .run();
}

/** Locks that hold now, by machine. */
export function locksNow(context: Ctx): Map<string, { jobId: string; kind: LockKind; until: string | null }> {
  const now = isoNow(context);
  const rows = context.database.db.select().from(machineLocks).all();
  return new Map(
    rows
      .filter(({ expiresAt }) => expiresAt === null || expiresAt > now)
      .map(({ machineId, jobId, lockKind, expiresAt }) => [
        machineId,
        { jobId, kind: lockKind, until: expiresAt },
      ]),
  );
}
