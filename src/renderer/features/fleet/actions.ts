import type { FleetRow } from '../../../shared/contract/models.ts';
import { t } from '../../lib/i18n/index.ts';
import { go } from '../../lib/router.svelte.ts';
import { startJobs } from '../../lib/state/jobs.svelte.ts';
import { toasts } from '../../lib/ui/toasts.svelte.ts';
import { isContactable, isUpgradable } from './status.ts';
import { upgradeRequest } from './upgrade-request.svelte.ts';

/** Refreshes what can be contacted among the rows, and says so when nothing can. */
export async function refresh(rows: readonly FleetRow[]): Promise<void> {
  const ids = contactable(rows).map((row) => row.id);
  if (ids.length > 0) await startJobs('apt_update_analyze', ids);
}

/** Reads the hardware of what can be contacted among the rows, and says so when nothing can. */
export async function probe(rows: readonly FleetRow[]): Promise<void> {
  const ids = contactable(rows).map((row) => row.id);
  if (ids.length > 0) await startJobs('machine_probe', ids);
}

/** One machine: its plan is shown before it is applied. Several: a confirmation says what will happen and where. */
export function upgrade(rows: readonly FleetRow[]): void {
  if (rows.length === 0) return;
  const found = rows.filter(isUpgradable);
  const [only] = rows.length === 1 ? rows : found;
  if (only === undefined) toasts.show({ tone: 'warning', text: () => t('fleet.nothingToUpgrade') });
  else if (rows.length === 1 || found.length === 1) go({ page: 'machine', id: only.id, tab: 'updates' });
  else upgradeRequest.rows = [...rows];
}

function contactable(rows: readonly FleetRow[]): FleetRow[] {
  const found = rows.filter(isContactable);
  if (found.length === 0 && rows.length > 0)
    toasts.show({ tone: 'warning', text: () => t('fleet.nothingToDo') });
  return found;
}
