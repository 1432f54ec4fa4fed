import BellOff from '@lucide/svelte/icons/bell-off';
import BellRing from '@lucide/svelte/icons/bell-ring';
import Languages from '@lucide/svelte/icons/languages';
import LayoutList from '@lucide/svelte/icons/layout-list';
import Lock from '@lucide/svelte/icons/lock';
import LockOpen from '@lucide/svelte/icons/lock-open';
import Rows3 from '@lucide/svelte/icons/rows-3';
import Settings from '@lucide/svelte/icons/settings';
import SunMoon from '@lucide/svelte/icons/sun-moon';
import ZoomIn from '@lucide/svelte/icons/zoom-in';
import { isQuiet } from '../../../shared/domain/notification-target.ts';
import { api } from '../../lib/api.ts';
import type { Command } from '../../lib/commands/command.ts';
import { overlays } from '../../lib/frame/overlays.svelte.ts';
import { languageName } from '../../lib/i18n/locale.svelte.ts';
import { perform } from '../../lib/perform.ts';
import { go } from '../../lib/router.svelte.ts';
import { clock } from '../../lib/state/clock.svelte.ts';
import { preferences } from '../../lib/state/preferences.svelte.ts';
import { zoomBy, zoomTo } from '../../lib/state/zoom.ts';
import { vault } from '../../lib/state/vault.svelte.ts';
import { notifications } from '../notifications/notifications.svelte.ts';
import { named, type PlainKey } from './named.ts';

/** The sections of the settings page, by the id of their heading. */
const sections: readonly [string, PlainKey][] = [
  ['appearance', 'settings.appearance'],
  ['fleet', 'settings.fleet'],
  ['notifications', 'notifications.title'],
  ['outward', 'outward.title'],
  ['vault', 'settings.vault'],
  ['maintenance', 'settings.maintenance'],
  ['about', 'settings.about'],
];

function openSection(id: string): void {
  go({ page: 'settings' });
  requestAnimationFrame(() =>
    requestAnimationFrame(() => {
      const heading = document.getElementById(`settings-${id}`);
      heading?.scrollIntoView({ block: 'start' });
      heading?.setAttribute('tabindex', '-1');
      heading?.focus();
    }),
  );
}

/** What the settings page changes, without going there. */
export function settingCommands(): Command[] {
  const { theme, density, language, fleetView } = preferences.value;
  const quiet = isQuiet(notifications.settings?.quietUntil ?? null, clock.nowMs);
  return [
    ...(['system', 'light', 'dark'] as const).map((value) =>
      named(
        `theme.${value}`,
        'settings',
        ['settings.theme', `settings.theme.${value}`],
        SunMoon,
        () => preferences.set({ theme: value }),
        { isOn: theme === value },
      ),
    ),
    ...(['comfortable', 'compact'] as const).map((value) =>
      named(
        `density.${value}`,
        'settings',
        ['settings.density', `settings.density.${value}`],
        Rows3,
        () => preferences.set({ density: value }),
        { isOn: density === value },
      ),
    ),
    ...(['en', 'fr'] as const).map((value) =>
      named(
        `language.${value}`,
        'settings',
        'settings.language',
        Languages,
        () => preferences.set({ language: value }),
        { isOn: language === value, detail: languageName(value), names: [languageName(value)] },
      ),
    ),
    named('zoom.in', 'settings', 'settings.zoom.in', ZoomIn, () => zoomBy(1)),
    named('zoom.out', 'settings', 'settings.zoom.out', ZoomIn, () => zoomBy(-1)),
    named('zoom.reset', 'settings', 'settings.zoom.reset', ZoomIn, () => zoomTo(100)),
    named('layout', 'settings', 'fleet.keys.layout', LayoutList, () =>
      preferences.set({ fleetView: fleetView === 'table' ? 'tiles' : 'table' }),
    ),
    named(
      'quiet',
      'settings',
      quiet ? 'notifications.quiet.end' : 'notifications.quiet.start',
      quiet ? BellRing : BellOff,
      () => notifications.set({ quietUntil: quiet ? null : 'always' }),
    ),
    ...sections.map(([id, title]) =>
      named(`section.${id}`, 'settings', ['settings.title', title], Settings, () => openSection(id)),
    ),
  ];
}

/** Locking and unlocking, as far as the vault allows it now. */
export function vaultCommands(): Command[] {
  const status = vault.status;
  if (status?.state === 'locked') {
    return [
      named('vault.unlock', 'actions', 'vault.unlock.title', LockOpen, () => (overlays.vault = 'unlock')),
    ];
  }
  if (status?.state === 'not_set_up') {
    return [
      named('vault.setUp', 'actions', 'vault.setUp.title', LockOpen, () => (overlays.vault = 'set_up')),
    ];
  }
  if (!status?.wraps.includes('passphrase')) return [];
  return [
    named('vault.lock', 'actions', 'palette.lock', Lock, () => perform(() => api['vault.lock']({}))),
    named('vault.change', 'actions', 'vault.change.title', Lock, () => (overlays.vault = 'change')),
  ];
}
