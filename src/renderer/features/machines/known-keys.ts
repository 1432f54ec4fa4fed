import type { HostKey, ImportCandidate, MachineDetail } from '../../../shared/contract/models.ts';

/** What known_hosts on this computer says about a key that a host presented. */
export type KnownKey = 'trusted' | 'differs' | 'unknown';

/**
 * `differs` = known_hosts has a key of the same type for this host, and it is another one. A key of another type says
 * nothing: hosts have several.
 */
export function knownKey(
  key: Pick<HostKey, 'hostname' | 'port' | 'keyType' | 'fingerprintSha256'>,
  candidates: readonly ImportCandidate[],
): KnownKey {
  const known = candidates
    .filter((one) => one.port === key.port && one.hostname.toLowerCase() === key.hostname.toLowerCase())
    .flatMap((one) => one.knownHostKeys);
  if (known.some((one) => one.fingerprintSha256 === key.fingerprintSha256)) return 'trusted';
  return known.some((one) => one.keyType === key.keyType) ? 'differs' : 'unknown';
}

/** The approved key that this one takes the place of: of its own type first, the newest of any otherwise. */
export function replacedBy(key: HostKey | null, machine: Pick<MachineDetail, 'hostKeys'>): HostKey | null {
  const approved = machine.hostKeys
    .filter((one) => one.status === 'approved')
    .sort((a, b) => b.lastSeenAt.localeCompare(a.lastSeenAt));
  return approved.find((one) => one.keyType === key?.keyType) ?? approved[0] ?? null;
}
