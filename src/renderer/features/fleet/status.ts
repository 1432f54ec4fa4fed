import type { FleetRow } from '../../../shared/contract/models.ts';

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
