import type { FleetRow } from '../../../shared/contract/models.ts';

let rows = $state.raw<readonly FleetRow[] | null>(null);

/** The machines whose upgrade waits for a confirmation; null when none does. */
export const upgradeRequest = {
  get rows(): readonly FleetRow[] | null {
    return rows;
  },
  set rows(next: readonly FleetRow[] | null) {
    rows = next;
  },
};
