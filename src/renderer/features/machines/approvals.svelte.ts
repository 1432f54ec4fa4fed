import { SvelteMap } from 'svelte/reactivity';
import type { HostKey, ImportCandidate } from '../../../shared/contract/models.ts';
import { toAppError, type AppError } from '../../../shared/domain/errors.ts';
import { api } from '../../lib/api.ts';
import { perform } from '../../lib/perform.ts';
import { fleet } from '../../lib/state/fleet.svelte.ts';
import { knownKey, replacedBy, type KnownKey } from './known-keys.ts';

export interface Approval {
  machineId: string;
  phase: 'waiting' | 'scanning' | 'ready' | 'failed';
  key: HostKey | null;
  /** The approved key that a changed one would replace. */
  oldKey: HostKey | null;
  error: AppError | null;
}

export interface Approvals {
  readonly all: Approval[];
  readonly approvedIds: string[];
  /** Machines whose undecided key known_hosts trusts. */
  readonly trustedIds: string[];
  readonly decided: number;
  known(approval: Approval): KnownKey;
  /** Fetches the keys that have not been fetched. */
  scanAll(): Promise<void>;
  scan(machineId: string): Promise<void>;
  decide(machineId: string, decision: 'approve' | 'reject'): Promise<void>;
  approveTrusted(): Promise<void>;
}

/** Hosts are asked for their keys a few at a time. */
const scansAtOnce = 6;

/** The decisions about the host keys of these machines. */
export function createApprovals(machineIds: readonly string[]): Approvals {
  const rows = new SvelteMap<string, Approval>(
    machineIds.map((machineId) => [
      machineId,
      { machineId, phase: 'waiting', key: null, oldKey: null, error: null },
    ]),
  );
  let candidates = $state.raw<readonly ImportCandidate[]>([]);
  const all = $derived([...rows.values()]);
  const approvedIds = $derived(
    all.filter((row) => row.key?.status === 'approved').map((row) => row.machineId),
  );
  const known = (approval: Approval): KnownKey =>
    approval.key === null ? 'unknown' : knownKey(approval.key, candidates);
  const trustedIds = $derived(
    all
      .filter((row) => row.key?.status === 'unknown' && known(row) === 'trusted')
      .map((row) => row.machineId),
  );

  function change(machineId: string, change: Partial<Approval>): void {
    const row = rows.get(machineId);
    if (row) rows.set(machineId, { ...row, ...change });
  }

  async function scan(machineId: string): Promise<void> {
    change(machineId, { phase: 'scanning', error: null });
    try {
      const key = await api['hostKeys.scan']({ machineId });
      const oldKey =
        key.status === 'changed' ? replacedBy(key, await api['machines.get']({ id: machineId })) : null;
      change(machineId, { phase: 'ready', key, oldKey });
    } catch (thrown) {
      change(machineId, { phase: 'failed', error: toAppError(thrown) });
    }
  }

  async function decide(machineId: string, decision: 'approve' | 'reject'): Promise<void> {
    const key = rows.get(machineId)?.key;
    if (!key) return;
    const done = await perform(
      () => api['hostKeys.decide']({ id: key.id, fingerprintSha256: key.fingerprintSha256, decision }),
      fleet.get(machineId)?.name,
    );
    if (done)
      change(machineId, { key: { ...key, status: decision === 'approve' ? 'approved' : 'rejected' } });
  }

  async function readKnownHosts(): Promise<void> {
    try {
      candidates = (await api['machines.importCandidates']({})).candidates;
    } catch (error) {
      // Without it every key is compared by eye, which is always possible.
      console.warn('known_hosts could not be read', error);
    }
  }

  return {
    get all() {
      return all;
    },
    get approvedIds() {
      return approvedIds;
    },
    get trustedIds() {
      return trustedIds;
    },
    get decided() {
      return all.filter((row) => row.key?.status === 'approved' || row.key?.status === 'rejected').length;
    },
    known,
    async scanAll() {
      const waiting = [...rows.values()].filter((row) => row.phase === 'waiting').map((row) => row.machineId);
      const lane = async (): Promise<void> => {
        for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) await scan(next);
      };
      await Promise.all([readKnownHosts(), ...Array.from({ length: scansAtOnce }, lane)]);
    },
    scan,
    decide,
    async approveTrusted() {
      for (const machineId of trustedIds) await decide(machineId, 'approve');
    },
  };
}
