import type { VaultStatus } from '../../../shared/contract/models.ts';
import { watch } from '../api.ts';

let status = $state.raw<VaultStatus | null>(null);

/** Whether secrets can be used. Null until the core has said so. */
export const vault = {
  get status(): VaultStatus | null {
    return status;
  },
  get needsUnlock(): boolean {
    return status?.state === 'locked';
  },
  get needsSetUp(): boolean {
    return status?.state === 'not_set_up';
  },
};

export function followVault(): void {
  watch('vault.watch', {}, (next) => (status = next));
}
