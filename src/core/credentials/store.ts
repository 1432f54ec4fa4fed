import { eq } from 'drizzle-orm';
import { newId } from '../db/ids.ts';
import type { Database } from '../db/open.ts';
import { machineCredentials, machineEvents, machines } from '../db/schema/index.ts';

export type CredentialsRow = typeof machineCredentials.$inferSelect;

export function machineExists({ db }: Database, machineId: string): boolean {
  return db.select({ id: machines.id }).from(machines).where(eq(machines.id, machineId)).get() !== undefined;
}

export function findCredentials({ db }: Database, machineId: string): CredentialsRow | undefined {
  return db.select().from(machineCredentials).where(eq(machineCredentials.machineId, machineId)).get();
}

export function saveCredentials({ db }: Database, row: CredentialsRow): void {
  const { machineId: _key, createdAt: _created, ...changes } = row;
  db.insert(machineCredentials)
    .values(row)
    .onConflictDoUpdate({ target: machineCredentials.machineId, set: changes })
    .run();
}

/** Returns false when the machine has no credentials. */
export function saveTest({ db }: Database, machineId: string, ok: boolean, at: string): boolean {
  const { changes } = db
    .update(machineCredentials)
    .set({ status: ok ? 'ok' : 'error', lastTestAt: at })
    .where(eq(machineCredentials.machineId, machineId))
    .run();
  return changes === 1;
}

export function recordChange({ db }: Database, machineId: string, payload: object, at: string): void {
  db.insert(machineEvents)
    .values({
      id: newId(),
      machineId,
      eventType: 'credentials_changed',
      severity: 'info',
      createdAt: at,
      actorType: 'user',
      payloadJson: JSON.stringify(payload),
    })
    .run();
}

/** Machines that cannot be reached without a stored secret: their own, or one of a jump host on their way. */
export function machinesWithSecrets({ raw }: Database): Set<string> {
  const ids = raw
    .prepare(
      `with recursive needing(id) as (
         select machine_id from machine_credentials
         where coalesce(enc_password, enc_sudo_password, enc_private_key, enc_key_passphrase) is not null
         union
         select machines.id from machines join needing on machines.jump_machine_id = needing.id
       )
       select id from needing`,
    )
    .pluck()
    .all() as string[];
  return new Set(ids);
}
