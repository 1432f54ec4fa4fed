import { and, desc, eq, sql, type SQL } from 'drizzle-orm';
import { updateSnapshotSchema } from '../../shared/domain/snapshot.ts';
import type { CoreContext } from '../context.ts';
import { snapshots } from '../db/schema/index.ts';
import type { FormerNeed } from '../debian/reboot-need.ts';

/** What the machine's newest look that got as far said about a reboot; null when none did. */
export function formerRebootNeed(
  context: Pick<CoreContext, 'database'>,
  machineId: string,
): FormerNeed | null {
  const row = newestPayload(
    context,
    machineId,
    sql`json_extract(${snapshots.payloadJson}, '$.apt.rebootEvidence') is not null`,
  );
  if (!row) return null;
  const { apt, host } = updateSnapshotSchema.parse(JSON.parse(row.payloadJson));
  return apt.rebootEvidence ? { evidence: apt.rebootEvidence, bootId: host?.bootId } : null;
}

/** The container that the newest look as root found the machine to be; null when it found none, or there was no such look. */
export function containerSeenByRoot(
  context: Pick<CoreContext, 'database'>,
  machineId: string,
): string | null {
  const row = newestPayload(
    context,
    machineId,
    sql`json_extract(${snapshots.payloadJson}, '$.host.asRoot') = 1`,
  );
  if (!row) return null;
  const { machineKind, host } = updateSnapshotSchema.parse(JSON.parse(row.payloadJson));
  return machineKind === 'lxc' ? (host?.virtualization ?? 'lxc') : null;
}

function newestPayload(
  context: Pick<CoreContext, 'database'>,
  machineId: string,
  condition: SQL,
): { payloadJson: string } | undefined {
  return context.database.db
    .select({ payloadJson: snapshots.payloadJson })
    .from(snapshots)
    .where(and(eq(snapshots.machineId, machineId), eq(snapshots.kind, 'apt_update_analyze'), condition))
    .orderBy(desc(snapshots.createdAt))
    .limit(1)
    .get();
}
