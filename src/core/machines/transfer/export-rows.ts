import { asc, eq, isNull, sql } from 'drizzle-orm';
import type { Tag } from '../../../shared/contract/models.ts';
import type { CoreContext } from '../../context.ts';
import {
  machineCredentials,
  machineDescriptions,
  machineHostKeys,
  machines,
  machineTags,
  tags,
} from '../../db/schema/index.ts';
import type { ExportMachine } from './export.ts';

/** The whole fleet as it may be written to a file, by name. Of the credentials only the ways of logging in are read. */
export function exportMachines({ database: { db } }: Pick<CoreContext, 'database'>): ExportMachine[] {
  const tagsOf = new Map<string, Tag[]>();
  for (const { machineId, ...tag } of db
    .select({ machineId: machineTags.machineId, id: tags.id, name: tags.name, color: tags.color })
    .from(machineTags)
    .innerJoin(tags, eq(tags.id, machineTags.tagId))
    .orderBy(asc(tags.name))
    .all()) {
    const list = tagsOf.get(machineId) ?? [];
    list.push({ ...tag, color: tag.color ?? '#808080' });
    tagsOf.set(machineId, list);
  }
  const keysOf = approvedKeys(db);
  return db
    .select({
      id: machines.id,
      name: machines.name,
      hostname: machines.hostname,
      port: machines.port,
      username: machines.username,
      jumpMachineId: machines.jumpMachineId,
      allowLegacyAlgorithms: machines.allowLegacyAlgorithms,
      aptProxyMode: machines.aptProxyMode,
      aptProxyUrl: machines.aptProxyUrl,
      group: machineDescriptions.groupName,
      notes: machineDescriptions.notes,
      chosenKind: machineDescriptions.chosenKind,
      authMethod: machineCredentials.authMethod,
      sudoMode: machineCredentials.sudoMode,
    })
    .from(machines)
    .leftJoin(machineDescriptions, eq(machineDescriptions.machineId, machines.id))
    .leftJoin(machineCredentials, eq(machineCredentials.machineId, machines.id))
    .where(isNull(machines.deletedAt))
    .orderBy(asc(sql`lower(${machines.name})`), asc(machines.id))
    .all()
    .map((row) => ({
      ...row,
      tags: tagsOf.get(row.id) ?? [],
      hostKeys: (keysOf.get(row.id) ?? []).filter(
        ({ hostname, port }) => hostname === row.hostname && port === row.port,
      ),
    }));
}

interface ApprovedKey {
  readonly hostname: string;
  readonly port: number;
  readonly keyType: string;
  readonly publicKey: string;
}

/** By machine. A key of which only the fingerprint is known cannot be written. */
function approvedKeys(db: CoreContext['database']['db']): Map<string, ApprovedKey[]> {
  const keysOf = new Map<string, ApprovedKey[]>();
  for (const { machineId, keyType, publicKey, ...address } of db
    .select({
      machineId: machineHostKeys.machineId,
      hostname: machineHostKeys.hostname,
      port: machineHostKeys.port,
      keyType: machineHostKeys.keyType,
      publicKey: machineHostKeys.publicKey,
    })
    .from(machineHostKeys)
    .where(eq(machineHostKeys.status, 'approved'))
    .orderBy(asc(machineHostKeys.keyType))
    .all()) {
    if (machineId === null || keyType === null || publicKey === null) continue;
    const list = keysOf.get(machineId) ?? [];
    list.push({ ...address, keyType, publicKey });
    keysOf.set(machineId, list);
  }
  return keysOf;
}
