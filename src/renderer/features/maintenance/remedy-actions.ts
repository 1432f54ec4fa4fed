import type { FleetRow } from '../../../shared/contract/models.ts';
import type { ErrorKind } from '../../../shared/domain/errors.ts';
import { overlays } from '../../lib/frame/overlays.svelte.ts';
import { t } from '../../lib/i18n/index.ts';
import { go } from '../../lib/router.svelte.ts';
import { startJobs } from '../../lib/state/jobs.svelte.ts';
import { vault } from '../../lib/state/vault.svelte.ts';
import { isContactable } from '../fleet/status.ts';
import { remediesOfAll, type Remedy } from './remedies.ts';
import { diagnoseIntent, requests } from './requests.svelte.ts';

export interface RemedyAction {
  remedy: Remedy;
  label: string;
  disabled: boolean;
  run: () => void;
}

/** What a place can do better than the general way: a run knows what is to be tried again. */
export type RemedyOverrides = Partial<Record<Remedy, () => void>>;

/** Remedies that need the machine itself, and therefore wait while something runs there. */
const onMachine: readonly Remedy[] = ['retry', 'repair', 'refresh', 'clean'];

/** The buttons for the errors of a machine, the likeliest first. */
export function remedyActions(
  kinds: readonly ErrorKind[],
  row: FleetRow,
  overrides: RemedyOverrides = {},
): RemedyAction[] {
  return remediesOfAll(kinds).map((remedy) => ({
    remedy,
    label: t(`remedy.${remedy}`),
    disabled: onMachine.includes(remedy) && (!isContactable(row) || row.state.runningJobId !== null),
    run: overrides[remedy] ?? (() => general(remedy, row)),
  }));
}

function general(remedy: Remedy, row: FleetRow): void {
  const { id } = row;
  switch (remedy) {
    case 'retry':
    case 'refresh':
      void startJobs('apt_update_analyze', [id]);
      return;
    case 'repair':
      requests.repair = row;
      return;
    case 'clean':
      requests.clean = row;
      return;
    case 'showPlan':
    case 'decide':
      go({ page: 'machine', id, tab: 'updates' });
      return;
    case 'testConnection':
      diagnoseIntent.ask(id);
      go({ page: 'machine', id });
      return;
    case 'unlock':
      overlays.vault = vault.status?.state === 'not_set_up' ? 'set_up' : 'unlock';
      return;
    case 'settings':
      go({ page: 'machine', id, tab: 'settings' });
      return;
    case 'hostKey':
      go({ page: 'machine', id });
  }
}
