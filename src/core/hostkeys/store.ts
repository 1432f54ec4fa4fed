import { and, desc, eq } from 'drizzle-orm';
import type { HostKey } from '../../shared/contract/models.ts';
import { AppError } from '../../shared/domain/errors.ts';
import type { HostKeyStatus } from '../../shared/domain/unions.ts';
import { isoNow, type CoreContext } from '../context.ts';
import { newId } from '../db/ids.ts';
import { machineHostKeys } from '../db/schema/index.ts';
import type { PresentedHostKey } from '../ssh/types.ts';

type Ctx = Pick<CoreContext, 'database' | 'now'>;
type Row = typeof machineHostKeys.$inferSelect;

export interface Address {
  readonly machineId: string;
  readonly hostname: string;
  readonly port: number;
}

export function keysAt(context: Ctx, { machineId, hostname, port }: Address): Row[] {
  return context.database.db
    .select()
    .from(machineHostKeys)
    .where(
      and(
        eq(machineHostKeys.machineId, machineId),
        eq(machineHostKeys.hostname, hostname),
        eq(machineHostKeys.port, port),
      ),
    )
    .all();
}

export function keysOfMachine(context: Ctx, machineId: string): HostKey[] {
  return context.database.db
    .select()
    .from(machineHostKeys)
    .where(eq(machineHostKeys.machineId, machineId))
    .orderBy(desc(machineHostKeys.lastSeenAt))
    .all()
    .map((row) => toHostKey(row));
}

export function keyById(context: Ctx, id: string): Row {
  const row = context.database.db.select().from(machineHostKeys).where(eq(machineHostKeys.id, id)).get();
  if (!row) throw new AppError('not_found', 'No such host key', { id });
  return row;
}

export function insertKey(context: Ctx, address: Address, key: PresentedHostKey, status: HostKeyStatus): Row {
  const now = isoNow(context);
  return context.database.db
    .insert(machineHostKeys)
    .values({
      id: newId(),
      ...address,
      keyType: key.type,
      fingerprintSha256: key.fingerprintSha256,
      publicKey: key.publicKey,
      status,
      firstSeenAt: now,
      lastSeenAt: now,
    })
    .returning()
    .get();
}

export function touchKey(context: Ctx, id: string, status: HostKeyStatus): void {
  context.database.db
    .update(machineHostKeys)
    .set({ status, lastSeenAt: isoNow(context) })
    .where(eq(machineHostKeys.id, id))
    .run();
}

export function setKeyStatus(context: Ctx, id: string, status: HostKeyStatus): void {
  context.database.db.update(machineHostKeys).set({ status }).where(eq(machineHostKeys.id, id)).run();
}

export function toHostKey(row: Row): HostKey {
  return {
    id: row.id,
    machineId: row.machineId ?? '',
    hostname: row.hostname,
    port: row.port,
    keyType: row.keyType,
    fingerprintSha256: row.fingerprintSha256,
    status: row.status,
    firstSeenAt: row.firstSeenAt,
    lastSeenAt: row.lastSeenAt,
  };
}
