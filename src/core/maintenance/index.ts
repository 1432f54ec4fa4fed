import { asc, eq, isNotNull, sql } from 'drizzle-orm';
import type { HomeportHandlers } from '../../shared/contract/index.ts';
import { AppError } from '../../shared/domain/errors.ts';
import { executionResultSchema } from '../../shared/domain/execution-result.ts';
import { updateSnapshotSchema } from '../../shared/domain/snapshot.ts';
import type { CoreContext } from '../context.ts';
import {
  aptAppliedPackages,
  aptErrors,
  aptPlannedPackages,
  executions,
  fleetUpdates,
  machines,
} from '../db/schema/index.ts';
import { deriveFromResult } from '../executions/index.ts';
import { patchState } from '../fleet/index.ts';
import { rebuildHardware } from '../hardware/index.ts';
import { recountMessages } from '../messages/index.ts';
import { rebuildReportTexts } from '../reports/index.ts';
import { deriveFromSnapshot, latestAnalysis, stateFromSnapshot } from '../snapshots/index.ts';

/**
 * Empties every table that is derived from archived payloads and fills it again from them, in one transaction.
 * Returns the number of rows by table.
 */
export function rebuildDerived(context: CoreContext): Record<string, number> {
  const { database } = context;
  const { db } = database;
  const made = database.tx(() => {
    // Both: what was counted wrong, if ever, is not counted down but counted anew.
    db.delete(fleetUpdates).run();
    db.delete(aptPlannedPackages).run();
    db.delete(aptAppliedPackages).run();
    db.delete(aptErrors).run();
    for (const { id } of db.select({ id: machines.id }).from(machines).all()) {
      const latest = latestAnalysis(context, id);
      if (latest) {
        const snapshot = readPayload(updateSnapshotSchema, latest.payloadJson, 'snapshot', latest.id);
        deriveFromSnapshot(context, latest.id, snapshot, latest.createdAt);
        patchState(context, id, stateFromSnapshot(snapshot));
      }
      rebuildHardware(context, id);
    }
    const ended = db
      .select({ row: executions, osFamily: machines.osFamily })
      .from(executions)
      .innerJoin(machines, eq(machines.id, executions.machineId))
      .where(isNotNull(executions.resultJson))
      .orderBy(asc(executions.id))
      .all();
    for (const { row, osFamily } of ended) {
      const result = readPayload(executionResultSchema, row.resultJson ?? '', 'execution', row.id);
      deriveFromResult(context, result, osFamily, row.finishedAt ?? row.startedAt);
    }
    return { texts: rebuildReportTexts(context), matters: recountMessages(context) };
  });
  const count = (
    table: typeof aptPlannedPackages | typeof aptAppliedPackages | typeof aptErrors | typeof fleetUpdates,
  ) =>
    db
      .select({ n: sql<number>`count(*)` })
      .from(table)
      .get()?.n ?? 0;
  return {
    apt_planned_packages: count(aptPlannedPackages),
    apt_applied_packages: count(aptAppliedPackages),
    apt_errors: count(aptErrors),
    fleet_updates: count(fleetUpdates),
    report_texts: made.texts,
    message_matters: made.matters,
  };
}

function readPayload<T>(
  schema: { safeParse(value: unknown): { success: true; data: T } | { success: false } },
  text: string,
  what: string,
  id: string,
): T {
  const parsed = schema.safeParse(JSON.parse(text));
  if (!parsed.success) throw new AppError('internal', `The archived ${what} ${id} is not valid`, { id });
  return parsed.data;
}

export function maintenanceHandlers(context: CoreContext): Pick<HomeportHandlers, 'maintenance.rebuild'> {
  return {
    'maintenance.rebuild': () => {
      const started = performance.now();
      const rebuilt = rebuildDerived(context);
      context.bus.publish('fleet.changed', {
        machineIds: context.database.db
          .select({ id: machines.id })
          .from(machines)
          .all()
          .map((m) => m.id),
      });
      return { rebuilt, durationMs: performance.now() - started };
    },
  };
}
