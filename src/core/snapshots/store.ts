import { and, desc, eq } from 'drizzle-orm';
import type { CoreContext } from '../context.ts';
import { newId } from '../db/ids.ts';
import { aptPlannedPackages, snapshots } from '../db/schema/index.ts';
import { dedupKey } from '../../shared/domain/dedup.ts';
import type { AptPackage, UpdateSnapshot } from '../../shared/domain/snapshot.ts';
import type { PlanMode } from '../../shared/domain/unions.ts';
import { storeAptErrors } from '../stored-apt-errors.ts';

type Ctx = Pick<CoreContext, 'database'>;
export type SnapshotRow = typeof snapshots.$inferSelect;

export function insertSnapshot(context: Ctx, values: typeof snapshots.$inferInsert): void {
  context.database.db.insert(snapshots).values(values).run();
}

/** The newest analysis of a machine, whatever its status. */
export function latestAnalysis(context: Ctx, machineId: string): SnapshotRow | undefined {
  return context.database.db
    .select()
    .from(snapshots)
    .where(and(eq(snapshots.machineId, machineId), eq(snapshots.kind, 'apt_update_analyze')))
    .orderBy(desc(snapshots.createdAt))
    .limit(1)
    .get();
}

/** Rows in one statement: far below SQLite's 32,766 variables, far cheaper than a statement a row. */
const ROWS_AT_ONCE = 200;

/** The tables derived from an archived snapshot; also used to rebuild them. Plans of older snapshots are dropped. */
export function deriveFromSnapshot(
  context: Ctx,
  id: string,
  snapshot: UpdateSnapshot,
  createdAt: string,
): void {
  const { db } = context.database;
  const { machineId, apt, os } = snapshot;
  db.delete(aptPlannedPackages).where(eq(aptPlannedPackages.machineId, machineId)).run();
  const rows = (mode: PlanMode, packages: readonly AptPackage[]) =>
    packages.map((p) => ({
      id: newId(),
      snapshotId: id,
      machineId,
      mode,
      name: p.name,
      arch: p.arch ?? null,
      currentVersion: p.currentVersion,
      targetVersion: p.targetVersion,
      origin: p.origin,
      operation: p.operation ?? 'upgrade',
      security: p.severityHint === 'security',
      dedupKey: dedupKey(os.family, p.name, p.currentVersion, p.targetVersion, p.origin),
    }));
  const planned = [
    ...rows('dist_upgrade', apt.packages),
    ...rows('upgrade', apt.upgradePackages ?? []),
    ...rows('autoremove', apt.autoremovePackages ?? []),
  ];
  for (let at = 0; at < planned.length; at += ROWS_AT_ONCE) {
    db.insert(aptPlannedPackages)
      .values(planned.slice(at, at + ROWS_AT_ONCE))
      .run();
  }
  storeAptErrors(context, machineId, { snapshotId: id }, snapshot.errors ?? [], createdAt);
}
