import type { FleetRow } from '../../../shared/contract/models.ts';

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
export function tileStatus(row: FleetRow): TileStatus {
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

/** Whether an action can be sent: nothing goes to a host whose key is not approved. */
export const isContactable = (row: FleetRow): boolean => row.hostKeyStatus === 'approved';

/** Whether a bulk upgrade can include it: the core refuses the whole request for one machine without a plan. */
export const isUpgradable = (row: FleetRow): boolean =>
  isContactable(row) && (row.state.updatesCount ?? 0) > 0;

/** Whether the last analysis is older than the setting; never analysed is not stale but unknown. */
export function isStale(row: FleetRow, nowMs: number, staleAfterHours: number): boolean {
  const { analyzedAt } = row.state;
  return analyzedAt !== null && nowMs - new Date(analyzedAt).getTime() > staleAfterHours * 3_600_000;
}
