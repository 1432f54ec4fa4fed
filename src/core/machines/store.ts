import { and, eq, isNull } from 'drizzle-orm';
import { AppError } from '../../shared/domain/errors.ts';
import type { AptProxyMode } from '../../shared/domain/unions.ts';
import { isoNow, type CoreContext } from '../context.ts';
import { newId } from '../db/ids.ts';
import { machines, machineTags, tags } from '../db/schema/index.ts';

type Ctx = Pick<CoreContext, 'database' | 'now'>;
export type MachineRow = typeof machines.$inferSelect;

export interface MachineFields {
  readonly name: string;
  readonly hostname: string;
  readonly port: number;
  readonly username: string;
  readonly jumpMachineId: string | null;
  readonly allowLegacyAlgorithms: boolean;
  readonly aptProxyMode: AptProxyMode;
  readonly aptProxyUrl: string | null;
}

/** @throws AppError not_found; a removed machine is found only with `removedToo`. */
export function machineById(context: Ctx, id: string, removedToo = false): MachineRow {
  const row = context.database.db.select().from(machines).where(eq(machines.id, id)).get();
  if (!row || (row.deletedAt !== null && !removedToo)) {
    throw new AppError('not_found', 'No such machine', { machineId: id });
  }
  return row;
}

export function insertMachine(context: Ctx, fields: MachineFields): string {
  const now = isoNow(context);
  const id = newId();
  context.database.db
    .insert(machines)
    .values({
      id,
      ...fields,
      osFamily: 'unknown',
      machineKind: 'unknown',
      status: 'unknown',
      createdAt: now,
      updatedAt: now,
    })
    .run();
  return id;
}

export function updateMachine(context: Ctx, id: string, patch: Partial<typeof machines.$inferInsert>): void {
  context.database.db
    .update(machines)
    .set({ ...patch, updatedAt: isoNow(context) })
    .where(eq(machines.id, id))
    .run();
}

/** The machine with this address and user, if the fleet has it. */
export function findByAddress(
  context: Ctx,
  address: { hostname: string; port: number; username: string },
): MachineRow | undefined {
  return context.database.db
    .select()
    .from(machines)
    .where(
      and(
        eq(machines.hostname, address.hostname),
        eq(machines.port, address.port),
        eq(machines.username, address.username),
        isNull(machines.deletedAt),
      ),
    )
    .get();
}

export function addresses(context: Ctx): { id: string; name: string; hostname: string; port: number }[] {
  return context.database.db
    .select({ id: machines.id, name: machines.name, hostname: machines.hostname, port: machines.port })
    .from(machines)
    .where(isNull(machines.deletedAt))
    .all();
}

export function setTags(context: Ctx, machineId: string, tagIds: readonly string[]): void {
  const { db } = context.database;
  db.delete(machineTags).where(eq(machineTags.machineId, machineId)).run();
  for (const tagId of new Set(tagIds)) db.insert(machineTags).values({ machineId, tagId }).run();
}

export function allTags(context: Ctx): { id: string; name: string; color: string }[] {
  return context.database.db
    .select()
    .from(tags)
    .orderBy(tags.name)
    .all()
    .map(({ id, name, color }) => ({ id, name, color: color ?? '#808080' }));
}

/** @throws AppError conflict when the name is taken */
export function insertTag(context: Ctx, name: string, color: string) {
  const { db } = context.database;
  if (db.select().from(tags).where(eq(tags.name, name)).get()) {
    throw new AppError('conflict', 'A tag of this name exists', { name });
  }
  const row = { id: newId(), name, color };
  db.insert(tags)
    .values({ ...row, createdAt: isoNow(context) })
    .run();
  return row;
}
