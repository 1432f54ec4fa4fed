import type { HomeportHandlers } from '../../shared/contract/index.ts';
import type { NotificationState } from '../../shared/contract/models.ts';
import type { CoreContext } from '../context.ts';
import { changedIds } from '../watch.ts';
import { changeNotificationSettings, readNotificationSettings } from './settings.ts';
import { forgetBefore, mark, newest, unreadCount } from './store.ts';

const SHOWN = 100;
const GAP_MS = 150;
/** What was read is kept for so long. */
const KEPT_MS = 90 * 24 * 60 * 60_000;

export function notificationState(context: CoreContext): NotificationState {
  return {
    items: newest(context, SHOWN),
    unread: unreadCount(context),
    settings: readNotificationSettings(context),
  };
}

export function notificationHandlers(
  context: CoreContext,
): Pick<HomeportHandlers, 'notifications.watch' | 'notifications.mark' | 'notifications.set'> {
  forgetBefore(context, new Date(context.now().getTime() - KEPT_MS).toISOString());
  return {
    'notifications.watch': async function* (_input, { signal }) {
      const changes = changedIds(context.bus, 'notifications.changed', () => ['all'], signal, GAP_MS);
      for await (const _ of changes) yield notificationState(context);
    },
    'notifications.mark': ({ read, ...which }) => {
      const changed = mark(context, which, read);
      if (changed > 0) context.bus.publish('notifications.changed', {});
      return { changed };
    },
    'notifications.set': (change) => {
      const settings = changeNotificationSettings(context, change);
      context.bus.publish('notifications.changed', {});
      return settings;
    },
  };
}
