import { and, asc, count, desc, eq, inArray, isNotNull, lt, lte, ne, sql } from 'drizzle-orm';
import { AppError } from '../../shared/domain/errors.ts';
import type { RequestStatus } from '../../shared/domain/unions.ts';
import type { CoreContext } from '../context.ts';
import {
  actionRequestMachines,
  actionRequests,
  bulkRuns,
  executions,
  jobs,
  machines,
} from '../db/schema/index.ts';

type Ctx = Pick<CoreContext, 'database'>;
export type RequestRow = typeof actionRequests.$inferSelect;
export type MachineRow = typeof actionRequestMachines.$inferSelect;

/** How many names a summary carries. */
const NAMED = 12;

export function insertRequest(
  { database: { db } }: Ctx,
  row: typeof actionRequests.$inferInsert,
  members: readonly (typeof actionRequestMachines.$inferInsert)[],
): void {
  db.insert(actionRequests).values(row).run();
  for (const member of members) db.insert(actionRequestMachines).values(member).run();
}

/** Binds a request that waits to other plans. */
export function replaceMembers(
  { database: { db } }: Ctx,
  id: string,
  patch: Pick<RequestRow, 'binding' | 'payloadJson' | 'risk'> & Partial<Pick<RequestRow, 'machineId'>>,
  members: readonly (typeof actionRequestMachines.$inferInsert)[],
): void {
  db.update(actionRequests).set(patch).where(eq(actionRequests.id, id)).run();
  db.delete(actionRequestMachines).where(eq(actionRequestMachines.requestId, id)).run();
  for (const member of members) db.insert(actionRequestMachines).values(member).run();
}

/** @throws AppError not_found */
export function requestById({ database: { db } }: Ctx, id: string): RequestRow {
  const row = db.select().from(actionRequests).where(eq(actionRequests.id, id)).get();
  if (!row) throw new AppError('not_found', 'No such request', { requestId: id });
  return row;
}

export type Member = MachineRow & { readonly name: string };

export function membersOf({ database: { db } }: Ctx, requestId: string): Member[] {
  return db
    .select({ row: actionRequestMachines, name: machines.name })
    .from(actionRequestMachines)
    .innerJoin(machines, eq(machines.id, actionRequestMachines.machineId))
    .where(eq(actionRequestMachines.requestId, requestId))
    .orderBy(asc(actionRequestMachines.position))
    .all()
    .map(({ row, name }) => ({ ...row, name }));
}

/** The first machines of a request by their order, and how many there are. */
export function namesOf(
  { database: { db } }: Ctx,
  requestId: string,
): { machines: { id: string; name: string }[]; machineCount: number } {
  const where = eq(actionRequestMachines.requestId, requestId);
  const named = db
    .select({ id: machines.id, name: machines.name })
    .from(actionRequestMachines)
    .innerJoin(machines, eq(machines.id, actionRequestMachines.machineId))
    .where(where)
    .orderBy(asc(actionRequestMachines.position))
    .limit(NAMED)
    .all();
  const n = db.select({ n: count() }).from(actionRequestMachines).where(where).get()?.n ?? 0;
  return { machines: named, machineCount: n };
}

/**
 * Decides a request that waits, guarded in the UPDATE itself.
 * @throws AppError conflict when somebody else was quicker, or it is bound to something else by now
 */
export function decide(
  { database: { db } }: Ctx,
  id: string,
  binding: string | null,
  patch: Partial<RequestRow> & { status: RequestStatus },
): void {
  const { changes } = db
    .update(actionRequests)
    .set(patch)
    .where(
      and(
        eq(actionRequests.id, id),
        eq(actionRequests.status, 'pending'),
        binding === null ? undefined : eq(actionRequests.binding, binding),
      ),
    )
    .run();
  if (changes !== 1)
    throw new AppError('conflict', 'The request is no longer as it was shown', { requestId: id });
}

export function patchRequest({ database: { db } }: Ctx, id: string, patch: Partial<RequestRow>): void {
  db.update(actionRequests).set(patch).where(eq(actionRequests.id, id)).run();
}

export function listRequests(
  { database: { db } }: Ctx,
  filter: { statuses?: readonly RequestStatus[] | undefined; before?: string | undefined; limit: number },
): RequestRow[] {
  return db
    .select()
    .from(actionRequests)
    .where(
      and(
        // The plus keeps the order of the index by date: most requests have been decided.
        filter.statuses ? inArray(sql`+${actionRequests.status}`, [...filter.statuses]) : undefined,
        filter.before ? lt(actionRequests.createdAt, filter.before) : undefined,
      ),
    )
    .orderBy(desc(actionRequests.createdAt))
    .limit(filter.limit)
    .all();
}

export function pending({ database: { db } }: Ctx, limit: number): { rows: RequestRow[]; count: number } {
  const where = eq(actionRequests.status, 'pending');
  const rows = db
    .select()
    .from(actionRequests)
    .where(where)
    .orderBy(asc(actionRequests.createdAt))
    .limit(limit)
    .all();
  return { rows, count: db.select({ n: count() }).from(actionRequests).where(where).get()?.n ?? 0 };
}

/** Whether another request of the same run of a schedule waits. */
export function awaitsOthers({ database: { db } }: Ctx, scheduleRunId: string, exceptId: string): boolean {
  const other = db
    .select({ id: actionRequests.id })
    .from(actionRequests)
    .where(
      and(
        eq(actionRequests.status, 'pending'),
        ne(actionRequests.id, exceptId),
        sql`json_extract(${actionRequests.payloadJson}, '$.schedule.runId') = ${scheduleRunId}`,
      ),
    )
    .limit(1)
    .get();
  return other !== undefined;
}

/** Requests that wait and are about this machine, alone or with others; oldest first. */
export function waitingFor({ database: { db } }: Ctx, machineId: string): RequestRow[] {
  return db
    .select({ row: actionRequests })
    .from(actionRequestMachines)
    .innerJoin(actionRequests, eq(actionRequests.id, actionRequestMachines.requestId))
    .where(and(eq(actionRequestMachines.machineId, machineId), eq(actionRequests.status, 'pending')))
    .all()
    .map(({ row }) => row)
    .sort((a, b) => a.createdAt.localeCompare(b.createdAt));
}

/** Removed machines that a request still waits for. */
export function removedButAwaited({ database: { db } }: Ctx): string[] {
  return db
    .selectDistinct({ id: machines.id })
    .from(actionRequests)
    .innerJoin(actionRequestMachines, eq(actionRequestMachines.requestId, actionRequests.id))
    .innerJoin(machines, eq(machines.id, actionRequestMachines.machineId))
    .where(and(eq(actionRequests.status, 'pending'), isNotNull(machines.deletedAt)))
    .all()
    .map(({ id }) => id);
}

/** Requests that wait although their time has passed. */
export function overdue({ database: { db } }: Ctx, now: string): RequestRow[] {
  return db
    .select()
    .from(actionRequests)
    .where(and(eq(actionRequests.status, 'pending'), lte(actionRequests.expiresAt, now)))
    .all();
}

export function nextExpiry({ database: { db } }: Ctx): string | null {
  const row = db
    .select({ at: actionRequests.expiresAt })
    .from(actionRequests)
    .where(and(eq(actionRequests.status, 'pending'), isNotNull(actionRequests.expiresAt)))
    .orderBy(asc(actionRequests.expiresAt))
    .limit(1)
    .get();
  return row?.at ?? null;
}

/** Approved requests whose work is not known to have ended, with how it stands. */
export function atWork({ database: { db } }: Ctx): RequestRow[] {
  return db.select().from(actionRequests).where(eq(actionRequests.status, 'approved')).all();
}

/** How the work of a request stands: the status of its job or bulk run, and the run that it has made. */
export function workOf(
  { database: { db } }: Ctx,
  { jobId, bulkRunId }: Pick<RequestRow, 'jobId' | 'bulkRunId'>,
): { status: string | null; executionId: string | null } {
  if (jobId !== null) {
    const row = db
      .select({ status: jobs.status, executionId: executions.id })
      .from(jobs)
      .leftJoin(executions, eq(executions.jobId, jobs.id))
      .where(eq(jobs.id, jobId))
      .get();
    return { status: row?.status ?? null, executionId: row?.executionId ?? null };
  }
  if (bulkRunId !== null) {
    const row = db.select({ status: bulkRuns.status }).from(bulkRuns).where(eq(bulkRuns.id, bulkRunId)).get();
    return { status: row?.status ?? null, executionId: null };
  }
  return { status: null, executionId: null };
}

/** The request that has queued this job or bulk run and waits for its end. */
export function requestOfWork(
  { database: { db } }: Ctx,
  work: { jobId: string } | { bulkRunId: string },
): RequestRow | undefined {
  return db
    .select()
    .from(actionRequests)
    .where(
      and(
        'jobId' in work ? eq(actionRequests.jobId, work.jobId) : eq(actionRequests.bulkRunId, work.bulkRunId),
        eq(actionRequests.status, 'approved'),
      ),
    )
    .get();
}
