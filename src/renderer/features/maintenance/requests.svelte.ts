import type { FleetRow } from '../../../shared/contract/models.ts';
import { t } from '../../lib/i18n/index.ts';
import { toasts } from '../../lib/ui/toasts.svelte.ts';
import { isRebootable } from './reboot.ts';

let rebootRows = $state.raw<readonly FleetRow[] | null>(null);
let repairRow = $state.raw<FleetRow | null>(null);
let cleanRow = $state.raw<FleetRow | null>(null);

/** What waits for a confirmation; null when nothing does. The dialogs of the whole window read it. */
export const requests = {
  get reboot(): readonly FleetRow[] | null {
    return rebootRows;
  },
  set reboot(rows: readonly FleetRow[] | null) {
    rebootRows = rows;
  },
  get repair(): FleetRow | null {
    return repairRow;
  },
  set repair(row: FleetRow | null) {
    repairRow = row;
  },
  get clean(): FleetRow | null {
    return cleanRow;
  },
  set clean(row: FleetRow | null) {
    cleanRow = row;
  },
};

/** Asks whether these machines are to be rebooted; says so when none of them can be. */
export function askReboot(rows: readonly FleetRow[]): void {
  if (rows.length === 0) return;
  if (rows.some(isRebootable)) rebootRows = [...rows];
  else toasts.show({ tone: 'warning', text: () => t('reboot.nothing') });
}

let diagnoseId = $state<string | null>(null);
/** Hands the wish for a connection test over to the page of the machine, once. */
export const diagnoseIntent = {
  /** The machine whose test is wanted and not yet begun. */
  get machineId(): string | null {
    return diagnoseId;
  },
  ask(machineId: string): void {
    diagnoseId = machineId;
  },
  taken(): void {
    diagnoseId = null;
  },
};
