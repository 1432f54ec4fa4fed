import { and, desc, eq, sql, type SQL } from 'drizzle-orm';
import { rebootEvidenceSchema } from '../../shared/domain/snapshot.ts';
import type { CoreContext } from '../context.ts';
import { snapshots } from '../db/schema/index.ts';
import type { FormerNeed } from '../debian/reboot-need.ts';

/** What the machine's newest look that got as far said about a reboot; null when none did. */
export function formerRebootNeed(
  context: Pick<CoreContext, 'database'>,
  machineId: string,
): FormerNeed | null {
  const evidence = fromPayload('$.apt.rebootEvidence');
  const row = context.database.db
    .select({ evidence, bootId: fromPayload('$.host.bootId') })
    .from(snapshots)
    .where(and(ofAnalyses(machineId), sql`${evidence} is not null`))
    .orderBy(desc(snapshots.createdAt))
    .limit(1)
    .get();
  if (!row?.evidence) return null;
  return { evidence: rebootEvidenceSchema.parse(JSON.parse(row.evidence)), bootId: row.bootId ?? undefined };
}

/** The container that the newest look as root found the machine to be; null when it found none, or there was no such look. */
export function containerSeenByRoot(
  context: Pick<CoreContext, 'database'>,
  machineId: string,
): string | null {
  const row = context.database.db
    .select({ kind: fromPayload('$.machineKind'), virtualization: fromPayload('$.host.virtualization') })
    .from(snapshots)
    .where(and(ofAnalyses(machineId), sql`${fromPayload('$.host.asRoot')} = 1`))
    .orderBy(desc(snapshots.createdAt))
    .limit(1)
    .get();
  return row?.kind === 'lxc' ? (row.virtualization ?? 'lxc') : null;
}

/** One value of an archived analysis: reading the whole of it costs milliseconds. */
function fromPayload(path: string): SQL<string | null> {
  return sql<string | null>`json_extract(${snapshots.payloadJson}, ${sql.raw(`'${path}'`)})`;
}

function ofAnalyses(machineId: string): SQL | undefined {
  return and(eq(snapshots.machineId, machineId), eq(snapshots.kind, 'apt_update_analyze'));
}
