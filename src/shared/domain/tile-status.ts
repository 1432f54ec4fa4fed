import type { ListedMachine } from './listed-machine.ts';

/** What the tile says in one word. Everything unknown has looks of its own and is never `ok`. */
export type TileStatus =
  | 'ok'
  | 'updates'
  | 'security'
  | 'warning'
  | 'error'
  | 'unreachable'
  | 'blocked'
  | 'fingerprint'
  | 'rejected'
  | 'never'
  | 'running';

/** The status of a machine, worst first: trust, reachability, error, then what the last analysis found. */
export function tileStatus(row: ListedMachine): TileStatus {
  const { state } = row;
  if (row.hostKeyStatus === 'changed') return 'blocked';
  if (row.hostKeyStatus === 'rejected') return 'rejected';
  if (state.runningJobId !== null) return 'running';
  if (row.hostKeyStatus === 'unknown') return 'fingerprint';
  if (row.status === 'blocked') return 'error';
  if (row.status === 'unreachable') return 'unreachable';
  if (row.status === 'error' || state.aptStatus === 'error' || state.lastError !== null) return 'error';
  if (state.aptStatus === null || state.updatesCount === null) return 'never';
  if ((state.securityCount ?? 0) > 0) return 'security';
  if (state.aptStatus === 'warning') return 'warning';
  // A failing disk is not green because its packages are up to date; the badge says which warning it is.
  if (state.hardwareWarnings?.some(({ severity }) => severity === 'error')) return 'warning';
  if (state.aptStatus === 'updates_available' || state.updatesCount > 0) return 'updates';
  return 'ok';
}
