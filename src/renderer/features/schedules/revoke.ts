import type { ArmedRun } from '../../../shared/contract/schedules.ts';
import { api } from '../../lib/api.ts';
import { t } from '../../lib/i18n/index.ts';
import { perform } from '../../lib/perform.ts';
import { toasts } from '../../lib/ui/toasts.svelte.ts';

/** Takes armed work back from its host and says what came of it. */
export async function revokeArmed({ id, machineName: name }: ArmedRun): Promise<void> {
  const reply = await perform(() => api['schedules.revoke']({ id }), name);
  if (!reply) return;
  toasts.show({
    tone: reply.outcome === 'started' ? 'warning' : 'info',
    text: () => t(`schedule.revoked.${reply.outcome}`, { name }),
  });
}
