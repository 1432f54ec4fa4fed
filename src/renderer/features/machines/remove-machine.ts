import { api } from '../../lib/api.ts';
import { t } from '../../lib/i18n/index.ts';
import { perform } from '../../lib/perform.ts';
import { go } from '../../lib/router.svelte.ts';
import { toasts } from '../../lib/ui/toasts.svelte.ts';

/** Puts a removed machine back. */
export async function restoreMachine({ id, name }: { id: string; name: string }): Promise<boolean> {
  const restored = await perform(() => api['machines.restore']({ id }), name);
  if (restored) toasts.show({ tone: 'ok', text: () => t('machineSettings.restored', { name }) });
  return restored !== undefined;
}

/** Removes a machine and offers to undo it. */
export async function removeMachine({ id, name }: { id: string; name: string }): Promise<void> {
  const done = await perform(() => api['machines.remove']({ id }), name);
  if (!done) return;
  go({ page: 'fleet' });
  toasts.show({
    tone: 'info',
    text: () => t('machineSettings.removed', { name }),
    action: { label: () => t('common.undo'), run: () => void restoreMachine({ id, name }) },
  });
}
