import { untrack } from 'svelte';
import type {
  Notification,
  NotificationSettingsChange,
  NotificationState,
} from '../../../shared/contract/models.ts';
import { heardSoFar, newlyHeard, notificationTarget } from '../../../shared/domain/notification-target.ts';
import { api, watch } from '../../lib/api.ts';
import { t } from '../../lib/i18n/index.ts';
import { perform } from '../../lib/perform.ts';
import { router } from '../../lib/router.svelte.ts';
import { toasts } from '../../lib/ui/toasts.svelte.ts';
import { tellDesktop } from './desktop.ts';
import { notificationText } from './notification-text.ts';

/** More than these at once are told as one. */
const mostAtOnce = 3;

let state = $state.raw<NotificationState | null>(null);
let isFocused = $state(document.hasFocus());
let heard: ReadonlyMap<string, number> | null = null;

const isOpenDecision = ({ kind, resolvedAt }: Notification): boolean =>
  resolvedAt === null &&
  (kind === 'host_key' ||
    kind === 'plan_changed' ||
    kind === 'conffile' ||
    kind === 'vault_locked' ||
    kind === 'request');

/** What a person should hear of, as the core has it; the same in every window. */
export const notifications = {
  get items(): readonly Notification[] {
    return state?.items ?? [];
  },
  get loaded(): boolean {
    return state !== null;
  },
  get unread(): number {
    return state?.unread ?? 0;
  },
  get settings(): NotificationState['settings'] | null {
    return state?.settings ?? null;
  },
  /** What waits for a person's decision. */
  get waiting(): readonly Notification[] {
    return this.items.filter(isOpenDecision);
  },
  get others(): readonly Notification[] {
    return this.items.filter((one) => !isOpenDecision(one));
  },
  async set(change: NotificationSettingsChange): Promise<void> {
    await perform(() => api['notifications.set'](change));
  },
  async mark(ids: readonly string[], read: boolean): Promise<void> {
    await perform(() => api['notifications.mark']({ ids: [...ids], read }));
  },
  async markAll(): Promise<void> {
    await perform(() => api['notifications.mark']({ all: true, read: true }));
  },
};

/** Follows the notifications, tells those that are new, and takes what the reader looks at as read. */
export function followNotifications(): void {
  addEventListener('focus', () => (isFocused = true));
  addEventListener('blur', () => (isFocused = false));
  watch('notifications.watch', {}, (next) => {
    state = next;
    const fresh = heard === null ? [] : newlyHeard(heard, next.items);
    heard = heardSoFar(next.items);
    const unseen = fresh.filter((one) => !isLookedAt(one)).reverse();
    if (unseen.length === 0) return;
    tellHere(unseen);
    tellDesktop(unseen, next.settings);
  });
  $effect.root(() => {
    $effect(() => {
      const { route } = router;
      const seen = (state?.items ?? []).filter((one) => one.readAt === null && isLookedAt(one));
      if (seen.length === 0 || !isFocused) return;
      void route;
      untrack(
        () =>
          void notifications.mark(
            seen.map(({ id }) => id),
            true,
          ),
      );
    });
  });
}

/** Whether the run that it is about is open in this window, and the window is in use. */
function isLookedAt({ executionId, bulkRunId }: Notification): boolean {
  const { route } = router;
  return (
    isFocused &&
    ((route.page === 'run' && route.id === executionId) || (route.page === 'bulk' && route.id === bulkRunId))
  );
}

/** The window itself tells in a corner what it is not showing. */
function tellHere(worth: readonly Notification[]): void {
  if (!isFocused) return;
  if (worth.length > mostAtOnce) {
    toasts.show({ tone: 'info', text: () => t('notifications.several', { count: worth.length }) });
    return;
  }
  for (const one of worth) {
    toasts.show({
      tone: one.severity === 'error' ? 'danger' : one.severity === 'warning' ? 'warning' : 'ok',
      text: () => t('notifications.told', notificationText(one)),
      action: {
        label: () => t('notifications.show'),
        run: () => (location.hash = notificationTarget(one).slice(1)),
      },
    });
  }
}
