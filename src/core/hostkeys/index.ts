import type { HostKey } from '../../shared/contract/models.ts';
import type { HomeportHandlers } from '../../shared/contract/index.ts';
import { AppError } from '../../shared/domain/errors.ts';
import type { HostKeyStatus } from '../../shared/domain/unions.ts';
import type { CoreContext } from '../context.ts';
import { recordEvent } from '../events/index.ts';
import { noError, patchState } from '../fleet/index.ts';
import type { PresentedHostKey, SshDirectory, SshPool } from '../ssh/types.ts';
import * as store from './store.ts';

/** How exact `last_seen_at` is kept. */
const SEEN_AGAIN_MS = 60 * 60_000;

/**
 * What a presented key means for an address, without recording anything. A key that is none of the approved ones
 * is `changed` once any key of that address has been approved; before that it is `unknown`.
 */
function verdict(known: ReturnType<typeof store.keysAt>, key: PresentedHostKey): HostKeyStatus {
  const same = known.find((k) => k.fingerprintSha256 === key.fingerprintSha256 && k.keyType === key.type);
  if (same?.status === 'approved' || same?.status === 'rejected') return same.status;
  return known.some((k) => k.status === 'approved') ? 'changed' : 'unknown';
}

/** Records the key that a host presented and says what it means; called before anything is sent to the host. */
export function checkHostKey(
  context: CoreContext,
  address: store.Address,
  key: PresentedHostKey,
): HostKeyStatus {
  const known = store.keysAt(context, address);
  const status = verdict(known, key);
  const same = known.find((k) => k.fingerprintSha256 === key.fingerprintSha256 && k.keyType === key.type);
  const isNews = same?.status !== status;
  // Seen again as it was: a commit for each connection would only say so once more.
  if (same && !isNews && context.now().getTime() - Date.parse(same.lastSeenAt) < SEEN_AGAIN_MS) return status;
  context.database.tx(() => {
    if (same) store.touchKey(context, same.id, status);
    else store.insertKey(context, address, key, status);
    if (isNews && status === 'changed') {
      recordEvent(context, {
        machineId: address.machineId,
        eventType: 'host_key.changed',
        severity: 'error',
        actorType: 'system',
        message: 'The host presented another key than the approved one; everything to it is blocked.',
        data: { fingerprint: key.fingerprintSha256, keyType: key.type },
      });
    }
  });
  if (isNews) context.bus.publish('fleet.changed', { machineIds: [address.machineId] });
  return status;
}

/** What a presented key means for an address, without recording that it was seen. */
export function judgeHostKey(
  context: CoreContext,
  address: store.Address,
  key: PresentedHostKey,
): 'approved' | 'unknown' | 'changed' | 'rejected' {
  return verdict(store.keysAt(context, address), key);
}

/** Stores a key as approved; the caller has shown it to the person who says so. Call it inside a transaction. */
export function approveShownKey(context: CoreContext, address: store.Address, key: PresentedHostKey): void {
  const known = store
    .keysAt(context, address)
    .find((one) => one.fingerprintSha256 === key.fingerprintSha256 && one.keyType === key.type);
  if (known) store.setKeyStatus(context, known.id, 'approved');
  else store.insertKey(context, address, key, 'approved');
  recordEvent(context, {
    machineId: address.machineId,
    eventType: 'host_key.approved',
    severity: 'info',
    actorType: 'user',
    message: `Host key ${key.fingerprintSha256} approved.`,
    data: { fingerprint: key.fingerprintSha256, keyType: key.type },
  });
}

export function approvedKeyTypes(context: CoreContext, address: store.Address): readonly string[] {
  return store
    .keysAt(context, address)
    .filter((k) => k.status === 'approved' && k.keyType !== null)
    .map((k) => k.keyType as string);
}

/** All keys that a machine's addresses have presented, the last seen first. */
export function hostKeysOf(context: CoreContext, machineId: string): HostKey[] {
  return store.keysOfMachine(context, machineId);
}

/** Approves or rejects a key. An approved key retires every other key of its type at that address. */
function decide(
  context: CoreContext,
  id: string,
  fingerprint: string,
  decision: 'approve' | 'reject',
): string {
  const row = store.keyById(context, id);
  if (row.machineId === null) throw new AppError('not_found', 'The host key belongs to no machine', { id });
  if (row.fingerprintSha256 !== fingerprint) {
    throw new AppError('conflict', 'The key shown is not the key stored; look at it again', { id });
  }
  const address = { machineId: row.machineId, hostname: row.hostname, port: row.port };
  context.database.tx(() => {
    store.setKeyStatus(context, id, decision === 'approve' ? 'approved' : 'rejected');
    if (decision === 'approve') {
      for (const other of store.keysAt(context, address)) {
        if (other.id === id) continue;
        // A second type of key is usual; a second key of the same type means that the old one is retired.
        if (other.status === 'changed' || (other.keyType === row.keyType && other.status === 'approved')) {
          store.setKeyStatus(context, other.id, 'rejected');
        }
      }
      patchState(context, address.machineId, noError);
    }
    recordEvent(context, {
      machineId: address.machineId,
      eventType: decision === 'approve' ? 'host_key.approved' : 'host_key.rejected',
      severity: 'info',
      actorType: 'user',
      message: `Host key ${fingerprint} ${decision === 'approve' ? 'approved' : 'rejected'}.`,
      data: { fingerprint, keyType: row.keyType },
    });
  });
  return address.machineId;
}

export function hostKeyHandlers(
  context: CoreContext,
  pool: SshPool,
  directory: Pick<SshDirectory, 'target'>,
): Pick<HomeportHandlers, 'hostKeys.scan' | 'hostKeys.decide'> {
  return {
    'hostKeys.scan': async ({ machineId }, { signal }) => {
      const { hostname, port } = directory.target(machineId);
      const presented = await pool.scanHostKey(machineId, { signal });
      checkHostKey(context, { machineId, hostname, port }, presented);
      const row = store
        .keysOfMachine(context, machineId)
        .find((k) => k.fingerprintSha256 === presented.fingerprintSha256 && k.keyType === presented.type);
      if (!row) throw new AppError('internal', 'The scanned key was not recorded');
      return row;
    },
    'hostKeys.decide': ({ id, fingerprintSha256, decision }) => {
      const machineId = decide(context, id, fingerprintSha256, decision);
      pool.drop(machineId);
      context.bus.publish('fleet.changed', { machineIds: [machineId] });
      return {};
    },
  };
}
