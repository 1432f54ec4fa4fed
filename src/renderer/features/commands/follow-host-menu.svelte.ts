import { electronHostName } from '../../../shared/wire/page-port.ts';
import { untrack } from 'svelte';
import { api, watch } from '../../lib/api.ts';
import { locale } from '../../lib/i18n/locale.svelte.ts';
import { router } from '../../lib/router.svelte.ts';
import { connection } from '../../lib/state/connection.svelte.ts';
import { fleet } from '../../lib/state/fleet.svelte.ts';
import { preferences } from '../../lib/state/preferences.svelte.ts';
import { vault } from '../../lib/state/vault.svelte.ts';
import { view } from '../fleet/view.svelte.ts';
import { notifications } from '../notifications/notifications.svelte.ts';
import { hostMenus, menuCommands } from './host-menu.ts';

/** What changes together is told once. */
const gatherMs = 100;

/** In Electron: keeps the desktop's menu in step with the commands of the page that has the focus, and runs what is chosen. */
export function followHostMenu(): void {
  if (window.homeportHost !== electronHostName) return;
  const page = crypto.randomUUID();
  let shown = '';
  let timer: ReturnType<typeof setTimeout> | undefined;

  function tell(): void {
    timer = undefined;
    if (!document.hasFocus() || connection.state !== 'connected') return;
    const menus = hostMenus(menuCommands());
    const text = JSON.stringify(menus);
    if (text === shown) return;
    shown = text;
    api['hostMenu.show']({ page, menus }).catch((error: unknown) => {
      shown = '';
      console.error('The menu could not be shown', error);
    });
  }
  const tellSoon = (): void => {
    timer ??= setTimeout(tell, gatherMs);
  };

  // Another window may have made the menu in the meantime.
  addEventListener('focus', () => {
    shown = '';
    tellSoon();
  });
  $effect.root(() => {
    $effect(() => {
      // What decides which commands there are and how they are called; the state of each machine does not.
      void [connection.generation, locale.language, router.route, preferences.value, vault.status];
      void [view.selected.length, view.activeId, fleet.rows.size, notifications.unread];
      untrack(tellSoon);
    });
  });
  watch('hostMenu.chosen', { page }, ({ command }) => {
    void menuCommands()
      .find((one) => one.id === command)
      ?.run();
  });
}
