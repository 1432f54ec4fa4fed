import { asc, eq, isNull, sql } from 'drizzle-orm';
import type { Tag } from '../../../shared/contract/models.ts';
import type { CoreContext } from '../../context.ts';
import {
  machineCredentials,
  machineDescriptions,
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
    .map((row) => ({ ...row, tags: tagsOf.get(row.id) ?? [] }));
}
