import type { ExecutionDetail, FleetRow } from '../../../shared/contract/models.ts';
import { startableActions, type StartableAction } from '../../../shared/domain/unions.ts';
import { api } from '../../lib/api.ts';
import { t } from '../../lib/i18n/index.ts';
import { perform } from '../../lib/perform.ts';
import { go } from '../../lib/router.svelte.ts';
import { toasts } from '../../lib/ui/toasts.svelte.ts';
import { samePlan } from '../machines/plan.ts';
import { askReboot } from '../maintenance/requests.svelte.ts';
import { isBound, modeOf } from './changed-offer.ts';
import { startAndFollow } from './follow-run.ts';

const isStartable = (action: string): action is StartableAction =>
  (startableActions as readonly string[]).includes(action);

/**
 * Does again what a run was to do. A change of packages is simulated first: it starts only when the machine would still do
 * what was approved, else the reader is led to the plan of today. A reboot is asked for once more.
 */
export async function retryRun(run: ExecutionDetail, row: FleetRow): Promise<void> {
  const { action } = run;
  if (action === 'reboot' || action === 'reboot_verified') {
    askReboot([row]);
    return;
  }
  if (!isStartable(action)) return;
  if (!isBound(action)) {
    await startAndFollow(action, row);
    return;
  }
  const simulated = await perform(
    () => api['plans.simulate']({ machineId: row.id, mode: modeOf(action), packages: [] }),
    row.name,
  );
  if (!simulated) return;
  if (run.planned.length > 0 && samePlan(run.planned, simulated.planned)) {
    await startAndFollow(action, row, { planHash: simulated.planHash });
    return;
  }
  toasts.show({ tone: 'warning', text: () => t('remedy.planDiffers', { name: row.name }) });
  go({ page: 'machine', id: row.id, tab: 'updates' });
}
