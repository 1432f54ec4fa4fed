import { and, asc, eq } from 'drizzle-orm';
import type { VaultWrapKind } from '../../shared/domain/unions.ts';
import { newId } from '../db/ids.ts';
import type { Database } from '../db/open.ts';
import {
  machineCredentials,
  machineEvents,
  outwardChannels,
  powerEndpoints,
  terminalScreens,
  vaultWraps,
} from '../db/schema/index.ts';
import type { SecretUse } from './types.ts';

export type Wrap = typeof vaultWraps.$inferSelect;

export const wrapPlace = (id: string) => ({ table: 'vault_wraps', rowId: id, column: 'wrapped_key' });

export function listWraps({ db }: Database): Wrap[] {
  return db.select().from(vaultWraps).orderBy(asc(vaultWraps.id)).all();
}

export function findWrap({ db }: Database, kind: VaultWrapKind): Wrap | undefined {
  return db.select().from(vaultWraps).where(eq(vaultWraps.kind, kind)).get();
}

export function saveWrap({ db }: Database, wrap: Wrap): void {
  db.insert(vaultWraps).values(wrap).run();
}

/** Returns false when the wrap is no longer the one that was read. */
export function replaceWrap({ db }: Database, old: Wrap, wrap: Wrap): boolean {
  const same = and(eq(vaultWraps.id, old.id), eq(vaultWraps.wrappedKey, old.wrappedKey));
  return db.update(vaultWraps).set(wrap).where(same).run().changes === 1;
}

export function deleteWrap({ db }: Database, id: string): void {
  db.delete(vaultWraps).where(eq(vaultWraps.id, id)).run();
}

/** Removes every wrap and every ciphertext that only they could open. */
export function eraseVault({ db, tx }: Database, at: string): void {
  tx(() => {
    db.delete(vaultWraps).run();
    db.update(machineCredentials)
      .set({
        encPassword: null,
        encSudoPassword: null,
        encPrivateKey: null,
        encKeyPassphrase: null,
        status: 'unknown',
        updatedAt: at,
      })
      .run();
    db.update(outwardChannels).set({ encSecret: null, updatedAt: at }).run();
    db.update(powerEndpoints)
      .set({ encApiCredentials: null, encSecureOnPassword: null, updatedAt: at })
      .run();
    db.delete(terminalScreens).run();
  });
}

export function recordUse({ db }: Database, use: SecretUse, columns: readonly string[], at: string): void {
  const fields = use.fields ?? columns;
  const named = fields.length === 1 ? { field: fields[0] } : { fields };
  db.insert(machineEvents)
    .values({
      id: newId(),
      machineId: use.machineId,
      eventType: 'secret_decrypted',
      severity: 'info',
      createdAt: at,
      actorType: 'system',
      message: null,
      payloadJson: JSON.stringify({ ...named, reason: use.reason }),
    })
    .run();
}
