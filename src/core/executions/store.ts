import { and, asc, desc, eq, inArray, lt } from 'drizzle-orm';
import { AppError } from '../../shared/domain/errors.ts';
import type { CoreContext } from '../context.ts';
import { newId } from '../db/ids.ts';
import { aptAppliedPackages, executions, machines } from '../db/schema/index.ts';
import { dedupKey } from '../../shared/domain/dedup.ts';
import type { ExecutionResult } from '../../shared/domain/execution-result.ts';
import type { OsFamily } from '../../shared/domain/unions.ts';
import { storeAptErrors } from '../stored-apt-errors.ts';

type Ctx = Pick<CoreContext, 'database'>;
export type ExecutionRow = typeof executions.$inferSelect;
export type ExecutionPatch = Partial<Omit<typeof executions.$inferInsert, 'id' | 'machineId'>>;

export function executionById(context: Ctx, id: string): ExecutionRow {
  const row = context.database.db.select().from(executions).where(eq(executions.id, id)).get();
  if (!row) throw new AppError('not_found', 'No such run', { executionId: id });
  return row;
}

export function executionOfJob(context: Ctx, jobId: string): ExecutionRow | undefined {
  return context.database.db.select().from(executions).where(eq(executions.jobId, jobId)).get();
}

export function insertExecution(context: Ctx, values: typeof executions.$inferInsert): void {
  context.database.db.insert(executions).values(values).run();
}

export function updateExecution(context: Ctx, id: string, patch: ExecutionPatch): void {
  context.database.db.update(executions).set(patch).where(eq(executions.id, id)).run();
}

/** Runs newest first with the machine's name, also of machines since removed. */
export function listExecutions(
  context: Ctx,
  filter: { machineId?: string | undefined; before?: string | undefined; limit: number },
): { row: ExecutionRow; machineName: string }[] {
  return context.database.db
    .select({ row: executions, machineName: machines.name })
    .from(executions)
    .innerJoin(machines, eq(machines.id, executions.machineId))
    .where(
      and(
        filter.machineId ? eq(executions.machineId, filter.machineId) : undefined,
        filter.before ? lt(executions.startedAt, filter.before) : undefined,
      ),
    )
    .orderBy(desc(executions.startedAt))
    .limit(filter.limit)
    .all();
}

/** The tables derived from an archived result; also used to rebuild them. */
export function deriveFromResult(
  context: Ctx,
  result: ExecutionResult,
  osFamily: OsFamily,
  createdAt: string,
): void {
  const { db } = context.database;
  db.delete(aptAppliedPackages).where(eq(aptAppliedPackages.executionId, result.executionId)).run();
  for (const change of result.apt?.applied ?? []) {
    db.insert(aptAppliedPackages)
      .values({
        id: newId(),
        executionId: result.executionId,
        machineId: result.machineId,
        name: change.name,
        arch: change.arch ?? null,
        fromVersion: change.fromVersion,
        toVersion: change.toVersion,
        operation: change.operation,
        origin: change.origin ?? null,
        dedupKey: dedupKey(
          osFamily,
          change.name,
          change.fromVersion,
          change.toVersion,
          change.origin ?? null,
        ),
      })
      .run();
  }
  const errors = [...(result.errors ?? []), ...(result.apt?.errors ?? [])];
  storeAptErrors(context, result.machineId, { executionId: result.executionId }, errors, createdAt);
}

/** Runs that we stopped following although they reached the machine, oldest first. */
export function listLeftRuns(context: Ctx, machineId: string): ExecutionRow[] {
  return context.database.db
    .select()
    .from(executions)
    .where(
      and(
        eq(executions.status, 'interrupted'),
        eq(executions.machineId, machineId),
        inArray(executions.remoteState, ['launching', 'launched', 'ended']),
      ),
    )
    .orderBy(asc(executions.startedAt))
    .all();
}

/** Whether a run with this mark (an execution's id without dashes) was made by us on this machine. */
export function ownsRun(context: Ctx, machineId: string, mark: string): boolean {
  const id = mark.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
  const row = context.database.db
    .select({ machineId: executions.machineId })
    .from(executions)
    .where(eq(executions.id, id))
    .get();
  return row?.machineId === machineId;
}
