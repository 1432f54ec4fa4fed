import {
  defaultNotificationSettings,
  type NotificationSettings,
  notificationSettingsChange,
  type NotificationSettingsChange,
} from '../../shared/contract/models.ts';
import type { CoreContext } from '../context.ts';
import { readSetting, writeSetting } from '../settings/index.ts';

const KEY = 'notifications';

type Ctx = Pick<CoreContext, 'database' | 'now'>;

export function readNotificationSettings(context: Pick<CoreContext, 'database'>): NotificationSettings {
  return over(defaultNotificationSettings, readSetting(context, KEY, notificationSettingsChange, {}));
}

export function changeNotificationSettings(
  context: Ctx,
  change: NotificationSettingsChange,
): NotificationSettings {
  const next = over(readNotificationSettings(context), change);
  writeSetting(context, KEY, next);
  return next;
}

/** A kind that was not known when the settings were stored has its default. */
function over(present: NotificationSettings, change: NotificationSettingsChange): NotificationSettings {
  const given = Object.entries(change.ways ?? {}).filter(([, way]) => way !== undefined);
  return {
    ways: { ...present.ways, ...(Object.fromEntries(given) as Partial<NotificationSettings['ways']>) },
    quietUntil: change.quietUntil === undefined ? present.quietUntil : change.quietUntil,
    desktopOffered: change.desktopOffered ?? present.desktopOffered,
  };
}
