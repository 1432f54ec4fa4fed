import { and, desc, eq, lt } from 'drizzle-orm';
import type { ReportSummary } from '../../shared/contract/models.ts';
import { AppError } from '../../shared/domain/errors.ts';
import type { ReportKind } from '../../shared/domain/unions.ts';
import { isoNow, type CoreContext } from '../context.ts';
import { newId } from '../db/ids.ts';
import { machines, reports } from '../db/schema/index.ts';

type Ctx = Pick<CoreContext, 'database' | 'now'>;

export function insertReport(
  context: Ctx,
  report: {
    /** Null for a report about the fleet. */
    machineId: string | null;
    executionId: string | null;
    kind?: ReportKind;
    title: string;
    path: string;
    summary: unknown;
  },
): string {
  const id = newId();
  context.database.db
    .insert(reports)
    .values({
      id,
      machineId: report.machineId,
      executionId: report.executionId,
      kind: report.kind ?? 'machine',
      title: report.title,
      path: report.path,
      createdAt: isoNow(context),
      summaryJson: JSON.stringify(report.summary),
    })
    .run();
  return id;
}

const columns = {
  id: reports.id,
  machineId: reports.machineId,
  machineName: machines.name,
  executionId: reports.executionId,
  title: reports.title,
  createdAt: reports.createdAt,
  pinned: reports.pinned,
};

export function listReports(
  context: Ctx,
  filter: { machineId?: string | undefined; before?: string | undefined; limit: number },
): ReportSummary[] {
  return context.database.db
    .select(columns)
    .from(reports)
    .leftJoin(machines, eq(machines.id, reports.machineId))
    .where(
      and(
        filter.machineId ? eq(reports.machineId, filter.machineId) : undefined,
        filter.before ? lt(reports.createdAt, filter.before) : undefined,
      ),
    )
    .orderBy(desc(reports.createdAt))
    .limit(filter.limit)
    .all();
}

export function reportById(context: Ctx, id: string): ReportSummary & { path: string } {
  const row = context.database.db
    .select({ ...columns, path: reports.path })
    .from(reports)
    .leftJoin(machines, eq(machines.id, reports.machineId))
    .where(eq(reports.id, id))
    .get();
  if (!row) throw new AppError('not_found', 'No such report', { id });
  return row;
}
