import { and, asc, desc, eq, inArray, sql } from 'drizzle-orm';
import { fromJson, type CoreContext } from '../context.ts';
import {
  machineHardware,
  machineMetricsHistory,
  machineMetricsLatest,
  snapshots,
} from '../db/schema/index.ts';
import type { HardwareWarning } from '../../shared/domain/probe.ts';

type Ctx = Pick<CoreContext, 'database'>;
export type MetricsRow = typeof machineMetricsLatest.$inferSelect;
export type HistoryRow = typeof machineMetricsHistory.$inferSelect;

export function latestMetrics(context: Ctx, machineId: string): MetricsRow | undefined {
  const { db } = context.database;
  return db.select().from(machineMetricsLatest).where(eq(machineMetricsLatest.machineId, machineId)).get();
}

export const warningsOf = (row: Pick<MetricsRow, 'warningsJson'> | undefined): HardwareWarning[] =>
  fromJson<HardwareWarning[]>(row?.warningsJson ?? null, []);

export function putMetrics(context: Ctx, values: typeof machineMetricsLatest.$inferInsert): void {
  const { machineId: _, ...set } = values;
  context.database.db
    .insert(machineMetricsLatest)
    .values(values)
    .onConflictDoUpdate({ target: machineMetricsLatest.machineId, set })
    .run();
}

export function deleteMetrics(context: Ctx, machineId: string): void {
  context.database.db.delete(machineMetricsLatest).where(eq(machineMetricsLatest.machineId, machineId)).run();
}

export function putHardware(context: Ctx, values: typeof machineHardware.$inferInsert): void {
  const { machineId: _, ...set } = values;
  context.database.db
    .insert(machineHardware)
    .values(values)
    .onConflictDoUpdate({ target: machineHardware.machineId, set })
    .run();
}

/** The machine's probe, as archived: the newest that worked. */
export function latestProbe(
  context: Ctx,
  machineId: string,
): { id: string; createdAt: string; payloadJson: string } | undefined {
  return context.database.db
    .select({ id: snapshots.id, createdAt: snapshots.createdAt, payloadJson: snapshots.payloadJson })
    .from(machineHardware)
    .innerJoin(snapshots, eq(snapshots.id, machineHardware.probeSnapshotId))
    .where(eq(machineHardware.machineId, machineId))
    .get();
}

export function history(context: Ctx, machineId: string): HistoryRow[] {
  return context.database.db
    .select()
    .from(machineMetricsHistory)
    .where(eq(machineMetricsHistory.machineId, machineId))
    .orderBy(asc(machineMetricsHistory.collectedAt))
    .all();
}

export function addPoint(context: Ctx, values: HistoryRow): void {
  context.database.db.insert(machineMetricsHistory).values(values).onConflictDoNothing().run();
}

export function pointTimes(context: Ctx, machineId: string): string[] {
  return context.database.db
    .select({ at: machineMetricsHistory.collectedAt })
    .from(machineMetricsHistory)
    .where(eq(machineMetricsHistory.machineId, machineId))
    .all()
    .map(({ at }) => at);
}

export function dropPoints(context: Ctx, machineId: string, times: readonly string[]): void {
  for (let at = 0; at < times.length; at += 500) {
    context.database.db
      .delete(machineMetricsHistory)
      .where(
        and(
          eq(machineMetricsHistory.machineId, machineId),
          inArray(machineMetricsHistory.collectedAt, times.slice(at, at + 500)),
        ),
      )
      .run();
  }
}

/** The newest looks at a machine that told how it does, oldest first, without their packages. */
export function recentLooks(
  context: Ctx,
  machineId: string,
  limit: number,
): { id: string; kind: 'machine_probe' | 'apt_update_analyze'; createdAt: string; json: string }[] {
  return context.database.db
    .select({
      id: snapshots.id,
      kind: sql<'machine_probe' | 'apt_update_analyze'>`${snapshots.kind}`,
      createdAt: snapshots.createdAt,
      json: sql<string>`json_object('machineKind', ${snapshots.payloadJson} ->> '$.machineKind',
        'host', json(${snapshots.payloadJson} -> '$.host'), 'probe', json(${snapshots.payloadJson} -> '$.probe'))`,
    })
    .from(snapshots)
    .where(
      and(
        eq(snapshots.machineId, machineId),
        inArray(snapshots.kind, ['machine_probe', 'apt_update_analyze']),
      ),
    )
    .orderBy(desc(snapshots.createdAt))
    .limit(limit)
    .all()
    .reverse();
}
