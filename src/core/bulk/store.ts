import { and, asc, desc, eq, inArray, lt, sql } from 'drizzle-orm';
import type { BulkDetail, BulkMachine, BulkSummary } from '../../shared/contract/models.ts';
import { AppError, type ErrorData } from '../../shared/domain/errors.ts';
import { isFinalStatus } from '../../shared/domain/job-moves.ts';
import {
  bulkMachineStatuses,
  type BulkFailureRule,
  type BulkMachineStatus,
  type StartableAction,
} from '../../shared/domain/unions.ts';
import type { ActionOptions } from '../actions/types.ts';
import { fromJson, isoNow, type CoreContext } from '../context.ts';
import { newId } from '../db/ids.ts';
import { bulkRunMachines, bulkRuns, jobs, machines, machineState } from '../db/schema/index.ts';

type Ctx = Pick<CoreContext, 'database' | 'now'>;
export type BulkRow = typeof bulkRuns.$inferSelect;

export interface NewBulk {
  readonly action: StartableAction;
  readonly onFailure: BulkFailureRule;
  readonly concurrency: number;
  readonly machines: readonly {
    readonly machineId: string;
    readonly wave: number;
    readonly options: ActionOptions;
    /** Why it will get no job: known from the start. */
    readonly leftOut?: { readonly state: 'refused' | 'skipped'; readonly error: AppError };
  }[];
}

/** A machine of a bulk with what is true of it now. */
export interface BulkMember extends BulkMachine {
  readonly options: ActionOptions;
}

export function insertBulk(context: Ctx, bulk: NewBulk): string {
  const { db } = context.database;
  const id = newId();
  const now = isoNow(context);
  db.insert(bulkRuns)
    .values({
      id,
      action: bulk.action,
      status: 'running',
      onFailure: bulk.onFailure,
      concurrency: bulk.concurrency,
      createdAt: now,
      updatedAt: now,
    })
    .run();
  for (const [position, { machineId, wave, options, leftOut }] of bulk.machines.entries()) {
    db.insert(bulkRunMachines)
      .values({
        bulkRunId: id,
        machineId,
        position,
        wave,
        state: leftOut?.state ?? 'waiting',
        optionsJson: JSON.stringify(options),
        ...errorColumns(leftOut?.error),
      })
      .run();
  }
  return id;
}

/** @throws AppError not_found */
export function bulkById(context: Ctx, id: string): BulkRow {
  const row = context.database.db.select().from(bulkRuns).where(eq(bulkRuns.id, id)).get();
  if (!row) throw new AppError('not_found', 'No such bulk run', { bulkId: id });
  return row;
}

export function patchBulk(context: Ctx, id: string, patch: Partial<typeof bulkRuns.$inferInsert>): void {
  context.database.db
    .update(bulkRuns)
    .set({ ...patch, updatedAt: isoNow(context) })
    .where(eq(bulkRuns.id, id))
    .run();
}

/** A machine that waited gets no job any more. */
export function leaveOut(
  context: Ctx,
  bulkRunId: string,
  machineId: string,
  state: 'refused' | 'skipped',
  error: AppError,
): void {
  context.database.db
    .update(bulkRunMachines)
    .set({ state, ...errorColumns(error) })
    .where(and(eq(bulkRunMachines.bulkRunId, bulkRunId), eq(bulkRunMachines.machineId, machineId)))
    .run();
}

function errorColumns(error: AppError | undefined) {
  return {
    errorKind: error?.code ?? null,
    errorMessage: error?.message ?? null,
    errorDataJson: error ? JSON.stringify(error.data) : null,
  };
}

export function runningBulks(context: Ctx): string[] {
  return context.database.db
    .select({ id: bulkRuns.id })
    .from(bulkRuns)
    .where(eq(bulkRuns.status, 'running'))
    .orderBy(asc(bulkRuns.id))
    .all()
    .map(({ id }) => id);
}

/** Whether a job is at its end, or gone with its machine. */
export function hasEnded(context: Ctx, jobId: string): boolean {
  const row = context.database.db.select({ status: jobs.status }).from(jobs).where(eq(jobs.id, jobId)).get();
  return row === undefined || isFinalStatus(row.status);
}

/** The machines of a bulk in their order. */
export function membersOf(context: Ctx, bulkRunId: string): BulkMember[] {
  const rows = context.database.db
    .select({
      member: bulkRunMachines,
      name: machines.name,
      job: jobs,
      rebootRequired: machineState.aptRebootRequired,
    })
    .from(bulkRunMachines)
    .innerJoin(machines, eq(machines.id, bulkRunMachines.machineId))
    .leftJoin(
      jobs,
      and(eq(jobs.bulkRunId, bulkRunMachines.bulkRunId), eq(jobs.machineId, bulkRunMachines.machineId)),
    )
    .leftJoin(machineState, eq(machineState.machineId, bulkRunMachines.machineId))
    .where(eq(bulkRunMachines.bulkRunId, bulkRunId))
    .all()
    .sort((a, b) => a.member.position - b.member.position);
  return rows.map(({ member, name, job, rebootRequired }) => {
    const made = fromJson<{ executionId?: string; snapshotId?: string }>(job?.resultJson ?? null, {});
    const told = job ?? member;
    return {
      machineId: member.machineId,
      machineName: name,
      wave: member.wave,
      status: job?.status ?? member.state,
      jobId: job?.id ?? null,
      executionId: made.executionId ?? null,
      snapshotId: made.snapshotId ?? null,
      startedAt: job?.startedAt ?? null,
      finishedAt: job?.finishedAt ?? null,
      rebootRequired,
      error: told.errorKind
        ? {
            kind: told.errorKind,
            message: told.errorMessage ?? '',
            data: fromJson<ErrorData>(told.errorDataJson, {}),
          }
        : null,
      options: fromJson<ActionOptions>(member.optionsJson, {}),
    };
  });
}

/** Nothing more will happen to the machine in this bulk. */
export function isSettled({ status }: Pick<BulkMachine, 'status'>): boolean {
  if (status === 'waiting') return false;
  return status === 'refused' || status === 'skipped' || isFinalStatus(status);
}

export const isFailure = ({ status }: Pick<BulkMachine, 'status'>): boolean =>
  status === 'error' || status === 'refused';

interface Tally extends Pick<BulkMachine, 'wave' | 'status'> {
  readonly n: number;
}

function summaryOf(row: BulkRow, tallies: readonly Tally[]): BulkSummary {
  const counts = Object.fromEntries(
    bulkMachineStatuses.map((status) => [status, 0]),
  ) as BulkSummary['counts'];
  for (const { status, n } of tallies) counts[status] += n;
  const open = tallies.filter((tally) => !isSettled(tally)).map(({ wave }) => wave);
  return {
    id: row.id,
    action: row.action,
    status: row.status,
    onFailure: row.onFailure,
    concurrency: row.concurrency,
    createdAt: row.createdAt,
    finishedAt: row.finishedAt,
    cancelRequested: row.cancelRequestedAt !== null,
    reportId: row.reportId,
    machines: tallies.reduce((sum, { n }) => sum + n, 0),
    waves: Math.max(0, ...tallies.map(({ wave }) => wave + 1)),
    currentWave: row.status === 'running' && open.length > 0 ? Math.min(...open) : null,
    counts,
  };
}

export function bulkDetail(context: Ctx, id: string): BulkDetail {
  const row = bulkById(context, id);
  const members = membersOf(context, id);
  return {
    ...summaryOf(
      row,
      members.map(({ wave, status }) => ({ wave, status, n: 1 })),
    ),
    members: members.map(({ options: _, ...member }) => member),
  };
}

/** Bulks newest first, counted in the database. */
export function listBulks(
  context: Ctx,
  { before, limit }: { before?: string | undefined; limit: number },
): BulkSummary[] {
  const { db } = context.database;
  const rows = db
    .select()
    .from(bulkRuns)
    .where(before ? lt(bulkRuns.createdAt, before) : undefined)
    .orderBy(desc(bulkRuns.createdAt))
    .limit(limit)
    .all();
  if (rows.length === 0) return [];
  const status = sql<BulkMachineStatus>`coalesce(${jobs.status}, ${bulkRunMachines.state})`;
  const grouped = db
    .select({
      bulkRunId: bulkRunMachines.bulkRunId,
      wave: bulkRunMachines.wave,
      status,
      n: sql<number>`count(*)`,
    })
    .from(bulkRunMachines)
    .leftJoin(
      jobs,
      and(eq(jobs.bulkRunId, bulkRunMachines.bulkRunId), eq(jobs.machineId, bulkRunMachines.machineId)),
    )
    .where(
      inArray(
        bulkRunMachines.bulkRunId,
        rows.map(({ id }) => id),
      ),
    )
    .groupBy(bulkRunMachines.bulkRunId, bulkRunMachines.wave, status)
    .all();
  return rows.map((row) =>
    summaryOf(
      row,
      grouped.filter((group) => group.bulkRunId === row.id),
    ),
  );
}
