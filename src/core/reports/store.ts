import { eq } from 'drizzle-orm';
import type { ReportSummary } from '../../shared/contract/models.ts';
import { AppError } from '../../shared/domain/errors.ts';
import { reportOutcomes, type ReportKind, type ReportOutcome } from '../../shared/domain/unions.ts';
import { isoNow, type CoreContext } from '../context.ts';
import { newId } from '../db/ids.ts';
import { executions, machines, rawArtifacts, reports } from '../db/schema/index.ts';
import { indexFacets, indexReport } from './texts.ts';

type Ctx = Pick<CoreContext, 'database' | 'now'>;

/** Stores a report whose file is written, and makes it searchable; within a transaction. Returns its id. */
export function insertReport(
  context: Pick<CoreContext, 'database' | 'now' | 'dataDir' | 'log' | 'bus'>,
  report: {
    /** Null for a report about the fleet. */
    machineId: string | null;
    executionId: string | null;
    kind?: ReportKind;
    title: string;
    path: string;
    /** `status`, where it has one, is the outcome that lists are filtered by. */
    summary: unknown;
  },
): string {
  const id = newId();
  const row = {
    id,
    machineId: report.machineId,
    executionId: report.executionId,
    kind: report.kind ?? 'machine',
    title: report.title,
    path: report.path,
    createdAt: isoNow(context),
    pinned: false,
    outcome: outcomeOf(report.summary),
    summaryJson: JSON.stringify(report.summary),
  };
  context.database.db.insert(reports).values(row).run();
  indexReport(context, row);
  // After the commit: transactions are synchronous.
  queueMicrotask(() => context.bus.publish('report.changed', { reportId: id }));
  return id;
}

function outcomeOf(summary: unknown): ReportOutcome | null {
  if (typeof summary !== 'object' || summary === null || !('status' in summary)) return null;
  return reportOutcomes.find((outcome) => outcome === summary.status) ?? null;
}

export interface StoredReport extends ReportSummary {
  /** Relative to the data directory. */
  readonly path: string;
  readonly summaryJson: string | null;
}

export function reportById(context: Ctx, id: string): StoredReport {
  const row = context.database.db
    .select({
      id: reports.id,
      machineId: reports.machineId,
      machineName: machines.name,
      executionId: reports.executionId,
      kind: reports.kind,
      title: reports.title,
      createdAt: reports.createdAt,
      pinned: reports.pinned,
      outcome: reports.outcome,
      path: reports.path,
      summaryJson: reports.summaryJson,
    })
    .from(reports)
    .leftJoin(machines, eq(machines.id, reports.machineId))
    .where(eq(reports.id, id))
    .get();
  if (!row) throw new AppError('not_found', 'No such report', { id });
  return row;
}

/** Pins or unpins a report and the log of its run: what one keeps, one wants to be able to read again. */
export function setPinned(context: Ctx, id: string, pinned: boolean): void {
  const { db, tx } = context.database;
  tx(() => {
    const report = reportById(context, id);
    const { executionId } = report;
    db.update(reports).set({ pinned }).where(eq(reports.id, id)).run();
    indexFacets(context, id, { ...report, pinned });
    if (executionId === null) return;
    const run = db
      .select({ artifactId: executions.rawArtifactId })
      .from(executions)
      .where(eq(executions.id, executionId))
      .get();
    const artifactId = run?.artifactId ?? null;
    if (artifactId === null) return;
    db.update(rawArtifacts).set({ pinned }).where(eq(rawArtifacts.id, artifactId)).run();
  });
}
