import type { Notification as Told, NotificationState } from '../../../shared/contract/models.ts';
import { isQuiet, notificationTarget } from '../../../shared/domain/notification-target.ts';
import { t } from '../../lib/i18n/index.ts';
import { notificationText } from './notification-text.ts';

/** More than these at once are told as one. */
const mostAtOnce = 3;
const leaderLock = 'homeport-desktop-notices';
const focusLock = 'homeport-window-in-use';

let isLeader = false;

/** Inside Electron the main process tells the desktop, also when no window is open. */
export const isBrowser = (): boolean => window.homeportHost === undefined && 'Notification' in window;

export type DesktopPermission = 'granted' | 'denied' | 'default' | 'none';
export const desktopPermission = (): DesktopPermission => (isBrowser() ? Notification.permission : 'none');

/** Asks the browser; only from something that a person pressed. */
export const askPermission = async (): Promise<DesktopPermission> =>
  isBrowser() ? Notification.requestPermission() : 'none';

/** Of several windows one tells the desktop, and none while one is in use. */
export function standForDesktop(): void {
  if (!isBrowser()) return;
  // A promise that stays open keeps the lock for as long as the window lives.
  void navigator.locks.request(leaderLock, () => {
    isLeader = true;
    return new Promise(() => undefined);
  });
  const holdWhileFocused = (): void => {
    if (!document.hasFocus()) return;
    void navigator.locks.request(
      focusLock,
      { mode: 'shared' },
      () => new Promise<void>((release) => addEventListener('blur', () => release(), { once: true })),
    );
  };
  holdWhileFocused();
  addEventListener('focus', holdWhileFocused);
}

async function isAnyWindowInUse(): Promise<boolean> {
  const { held = [] } = await navigator.locks.query();
  return held.some(({ name }) => name === focusLock);
}

/** Shows what is new on the desktop, where the browser and the settings allow it. */
export function tellDesktop(items: readonly Told[], settings: NotificationState['settings']): void {
  if (!isLeader || desktopPermission() !== 'granted' || isQuiet(settings.quietUntil, Date.now())) return;
  const wanted = items.filter(({ kind }) => settings.ways[kind] === 'desktop');
  if (wanted.length === 0) return;
  void isAnyWindowInUse().then((inUse) => {
    if (inUse) return;
    if (wanted.length > mostAtOnce) {
      const lines = wanted.slice(0, 4).map((one) => {
        const { title, text } = notificationText(one);
        return t('notifications.told', { title, text });
      });
      show(t('notifications.several', { count: wanted.length }), lines.join('\n'), 'several', '#/fleet');
      return;
    }
    for (const one of wanted) {
      const { title, text, reason } = notificationText(one);
      show(title, reason === null ? text : `${text}\n${reason}`, one.id, notificationTarget(one));
    }
  });
}

function show(title: string, body: string, tag: string, target: string): void {
  const shown = new Notification(title, { body, tag, icon: '/icon.svg' });
  shown.onclick = () => {
    window.focus();
    location.hash = target.slice(1);
    shown.close();
  };
}
