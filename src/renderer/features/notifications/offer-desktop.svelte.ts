import { t } from '../../lib/i18n/index.ts';
import { jobs } from '../../lib/state/jobs.svelte.ts';
import { toasts } from '../../lib/ui/toasts.svelte.ts';
import { askPermission, desktopPermission } from './desktop.ts';
import { notifications } from './notifications.svelte.ts';

/**
 * Offers notifications on the desktop when there is a first reason for them: something runs that a person may not want to
 * wait for. Once; the browser itself is only asked when the person says so.
 */
export function offerDesktop(): void {
  $effect.root(() => {
    $effect(() => {
      const { settings } = notifications;
      if (jobs.active.length === 0 || settings === null || settings.desktopOffered) return;
      if (desktopPermission() !== 'default' || !document.hasFocus()) return;
      void notifications.set({ desktopOffered: true });
      toasts.show({
        tone: 'info',
        text: () => t('notifications.offer'),
        action: { label: () => t('notifications.allow'), run: () => void askPermission() },
      });
    });
  });
}
