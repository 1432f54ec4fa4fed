import type { FleetRow } from '../../../shared/contract/models.ts';
import type { BulkAction } from './bulk-actions.ts';

export interface BulkRequest {
  readonly action: BulkAction;
  /** The machines to choose among; all of the fleet where the reader picks them. */
  readonly rows: readonly FleetRow[] | null;
}

let request = $state.raw<BulkRequest | null>(null);

/** What the start dialog has been asked for; null while it is closed. */
export const bulkRequest = {
  get value(): BulkRequest | null {
    return request;
  },
  close(): void {
    request = null;
  },
};

/** Opens the start dialog, for these machines or, with null, for machines that the reader picks. */
export function askBulk(action: BulkAction, rows: readonly FleetRow[] | null): void {
  request = { action, rows };
}
