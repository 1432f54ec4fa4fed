import { and, eq, isNull, sql } from 'drizzle-orm';
import { AppError, type ErrorKind } from '../../shared/domain/errors.ts';
import type { AptProxyMode, MachineKind } from '../../shared/domain/unions.ts';
import { isoNow, type CoreContext } from '../context.ts';
import { newId } from '../db/ids.ts';
import { machineDescriptions, machines, machineState, machineTags } from '../db/schema/index.ts';

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

/** Whether there is such a machine, and it is not removed. */
export function isKnownMachine(context: Ctx, id: string): boolean {
  const row = context.database.db
    .select({ deletedAt: machines.deletedAt })
    .from(machines)
    .where(eq(machines.id, id))
    .get();
  return row?.deletedAt === null;
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
        sql`lower(${machines.hostname}) = ${address.hostname.toLowerCase()}`,
        eq(machines.port, address.port),
        eq(machines.username, address.username),
        isNull(machines.deletedAt),
      ),
    )
    .get();
}

/** The machines of the fleet with what tells them apart. */
export function addresses(
  context: Ctx,
): { id: string; name: string; hostname: string; port: number; username: string }[] {
  return context.database.db
    .select({
      id: machines.id,
      name: machines.name,
      hostname: machines.hostname,
      port: machines.port,
      username: machines.username,
    })
    .from(machines)
    .where(isNull(machines.deletedAt))
    .all();
}

export function setTags(context: Ctx, machineId: string, tagIds: readonly string[]): void {
  const { db } = context.database;
  db.delete(machineTags).where(eq(machineTags.machineId, machineId)).run();
  for (const tagId of new Set(tagIds)) db.insert(machineTags).values({ machineId, tagId }).run();
}

/** What a person says about a machine; null where nothing is said. */
export interface Description {
  readonly group: string | null;
  readonly notes: string | null;
  readonly chosenKind: MachineKind | null;
}

export function descriptionOf(context: Ctx, machineId: string): Description {
  const row = context.database.db
    .select()
    .from(machineDescriptions)
    .where(eq(machineDescriptions.machineId, machineId))
    .get();
  return { group: row?.groupName ?? null, notes: row?.notes ?? null, chosenKind: row?.chosenKind ?? null };
}

export function describe(context: Ctx, machineId: string, description: Description): void {
  const { group: groupName, notes, chosenKind } = description;
  const values = { groupName, notes, chosenKind, updatedAt: isoNow(context) };
  context.database.db
    .insert(machineDescriptions)
    .values({ machineId, ...values })
    .onConflictDoUpdate({ target: machineDescriptions.machineId, set: values })
    .run();
}

/** Machines of the fleet that are reached through this one, by name. */
export function jumpUsers(context: Ctx, machineId: string): { id: string; name: string }[] {
  return context.database.db
    .select({ id: machines.id, name: machines.name })
    .from(machines)
    .where(and(eq(machines.jumpMachineId, machineId), isNull(machines.deletedAt)))
    .orderBy(machines.name)
    .all();
}

export function lastErrorOf(context: Ctx, machineId: string): { lastErrorKind: ErrorKind | null } {
  const row = context.database.db
    .select({ lastErrorKind: machineState.lastErrorKind })
    .from(machineState)
    .where(eq(machineState.machineId, machineId))
    .get();
  return { lastErrorKind: row?.lastErrorKind ?? null };
}
