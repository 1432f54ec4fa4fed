import { and, desc, eq, sql } from 'drizzle-orm';
import { updateSnapshotSchema } from '../../shared/domain/snapshot.ts';
import type { CoreContext } from '../context.ts';
import { snapshots } from '../db/schema/index.ts';
import type { FormerNeed } from '../debian/reboot-need.ts';

/** What the machine's newest look that got as far said about a reboot; null when none did. */
export function formerRebootNeed(
  context: Pick<CoreContext, 'database'>,
  machineId: string,
): FormerNeed | null {
  const row = context.database.db
    .select({ payloadJson: snapshots.payloadJson })
    .from(snapshots)
    .where(
      and(
        eq(snapshots.machineId, machineId),
        eq(snapshots.kind, 'apt_update_analyze'),
        sql`json_extract(${snapshots.payloadJson}, '$.apt.rebootEvidence') is not null`,
      ),
    )
    .orderBy(desc(snapshots.createdAt))
    .limit(1)
    .get();
  if (!row) return null;
  const { apt, host } = updateSnapshotSchema.parse(JSON.parse(row.payloadJson));
  return apt.rebootEvidence ? { evidence: apt.rebootEvidence, bootId: host?.bootId } : null;
}
