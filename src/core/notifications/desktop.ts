import {
  heardSoFar,
  isQuiet,
  newlyHeard,
  notificationTarget,
} from '../../shared/domain/notification-target.ts';
import type { Notification } from '../../shared/contract/models.ts';
import type { CoreContext } from '../context.ts';
import { reportLanguage } from '../reports/index.ts';
import { readNotificationSettings } from './settings.ts';
import { newest } from './store.ts';
import { notificationText, severalText } from './words.ts';

/** What a host shows on the desktop. */
export interface DesktopNotice {
  readonly title: string;
  readonly body: string;
  /** Where a click leads in the interface, such as `#/runs/<id>`. */
  readonly target: string;
}

/** Runs that end together are told together. */
const GATHER_MS = 1_000;
/** More than these at once are told as one. */
const MOST_AT_ONCE = 3;
const LOOKED_AT = 100;

/**
 * Hands what is new to a host that can show it on the desktop, as the settings want it. What is unread from an earlier
 * start is not told again. Returns the way to stop.
 */
export function createDesktopNotices(
  context: CoreContext,
  show: (notice: DesktopNotice) => void,
  gatherMs = GATHER_MS,
): () => void {
  let heard = heardSoFar(newest(context, LOOKED_AT));
  let timer: ReturnType<typeof setTimeout> | undefined;

  function tell(): void {
    timer = undefined;
    const items = newest(context, LOOKED_AT);
    const fresh = newlyHeard(heard, items);
    heard = heardSoFar(items);
    const { ways, quietUntil } = readNotificationSettings(context);
    if (isQuiet(quietUntil, context.now().getTime())) return;
    const wanted = fresh.filter(({ kind }) => ways[kind] === 'desktop').reverse();
    for (const notice of noticesOf(context, wanted)) show(notice);
  }

  const stop = context.bus.subscribe('notifications.changed', () => {
    timer ??= setTimeout(() => {
      try {
        tell();
      } catch (error) {
        context.log.error('A notification could not be shown', { error: String(error) });
      }
    }, gatherMs);
  });
  return () => {
    stop();
    clearTimeout(timer);
  };
}

function noticesOf(context: CoreContext, wanted: readonly Notification[]): DesktopNotice[] {
  const language = reportLanguage(context);
  const told = wanted.map((one) => ({
    ...notificationText(language, one),
    target: notificationTarget(one),
  }));
  if (told.length <= MOST_AT_ONCE) return told;
  return [{ ...severalText(language, told), target: '#/fleet' }];
}
