import { readFile, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { resolve } from 'node:path';
import type { z } from 'zod';
import type { credentialsInput } from '../../shared/contract/models.ts';
import { AppError } from '../../shared/domain/errors.ts';
import type { CoreContext } from '../context.ts';
import type { Credentials, CredentialsInput } from '../credentials/credentials.ts';
import { recordEvent } from '../events/index.ts';
import { patchState } from '../fleet/index.ts';
import * as store from './store.ts';

type Ctx = Pick<CoreContext, 'database' | 'now' | 'bus'>;

/** A private key file is small; anything larger is not one. */
const KEY_FILE_MAX_BYTES = 65_536;

/**
 * The change to store, with a key file read where a path was given instead of a pasted key.
 * @throws AppError ssh_key_unreadable
 */
export async function readCredentials(input: z.output<typeof credentialsInput>): Promise<CredentialsInput> {
  const { privateKeyPath, ...change } = input;
  if (!privateKeyPath) return change;
  const path = privateKeyPath.startsWith('~/')
    ? resolve(homedir(), privateKeyPath.slice(2))
    : resolve(privateKeyPath);
  try {
    const { size } = await stat(path);
    if (size > KEY_FILE_MAX_BYTES) throw new Error('larger than a private key can be');
    return { ...change, privateKey: await readFile(path, 'utf8') };
  } catch (error) {
    throw new AppError('ssh_key_unreadable', 'The private key file cannot be read', {
      path: privateKeyPath,
      detail: error instanceof Error && 'code' in error ? String(error.code) : String(error),
    });
  }
}

/** @throws AppError conflict when another machine of the fleet has this address and user */
export function refuseTaken(
  context: Ctx,
  address: { hostname: string; port: number; username: string },
  exceptId: string | null,
): void {
  const taken = store.findByAddress(context, address);
  if (!taken || taken.id === exceptId) return;
  throw new AppError('conflict', 'The fleet already has this machine', {
    machineId: taken.id,
    name: taken.name,
  });
}

/** @throws AppError invalid_input for a jump host that leads back to the machine itself, not_found for a removed one */
export function checkJump(context: Ctx, machineId: string | null, jumpMachineId: string | null): void {
  const path: string[] = [];
  for (let next = jumpMachineId; next !== null;) {
    if (next === machineId || path.includes(next)) {
      throw new AppError('invalid_input', 'The jump hosts lead in a circle', { path });
    }
    path.push(next);
    next = store.machineById(context, next).jumpMachineId;
  }
}

/** @throws AppError invalid_input */
export function checkProxy(machine: Pick<store.MachineFields, 'aptProxyMode' | 'aptProxyUrl'>): void {
  if (machine.aptProxyMode === 'direct' || machine.aptProxyUrl !== null) return;
  throw new AppError('invalid_input', 'This proxy mode needs the address of the proxy', {
    field: 'aptProxyUrl',
  });
}

export interface NewMachine {
  readonly fields: store.MachineFields;
  readonly tagIds: readonly string[];
  readonly description: store.Description;
  /** Where it came from, for the timeline: a file's format, or the id of the machine it copies. */
  readonly origin?: { readonly from: string; readonly [key: string]: unknown };
}

/**
 * Stores a new machine with its credentials and event; call it inside a transaction, or alone. Publishes nothing.
 * @throws AppError conflict, invalid_input, vault_locked, vault_not_set_up
 */
export function addMachine(
  context: Ctx,
  credentials: Pick<Credentials, 'setCredentials'>,
  machine: NewMachine,
  change: CredentialsInput,
): string {
  const { fields, description } = machine;
  refuseTaken(context, fields, null);
  checkJump(context, null, fields.jumpMachineId);
  checkProxy(fields);
  return context.database.tx(() => {
    const machineId = store.insertMachine(context, fields);
    store.setTags(context, machineId, machine.tagIds);
    if (Object.values(description).some((said) => said !== null))
      store.describe(context, machineId, description);
    patchState(context, machineId, { status: 'unknown' });
    credentials.setCredentials(machineId, change);
    recordEvent(context, {
      machineId,
      eventType: 'machine.added',
      severity: 'info',
      actorType: 'user',
      message: `${fields.name} was added.`,
      data: { name: fields.name, ...machine.origin },
    });
    return machineId;
  });
}

export const nothingSaid: store.Description = { group: null, notes: null, chosenKind: null };
