import type { NotificationKind } from './unions.ts';

/** The address in the interface of what a notification is about, such as `#/runs/<id>`. */
export function notificationTarget(notification: {
  readonly kind: NotificationKind;
  readonly machineId: string | null;
  readonly executionId: string | null;
  readonly bulkRunId: string | null;
  readonly data?: Readonly<Record<string, unknown>>;
}): string {
  const scheduleId = notification.data?.['scheduleId'];
  if (notification.kind === 'schedule_ended' || notification.kind === 'schedule_asks') {
    return typeof scheduleId === 'string' ? `#/schedules/${scheduleId}` : '#/schedules';
  }
  const { kind, machineId, executionId, bulkRunId } = notification;
  if (kind === 'request') return '#/requests';
  if (kind === 'outward_failed') return '#/settings';
  if (bulkRunId !== null) return `#/bulk/${bulkRunId}`;
  if (kind !== 'host_key' && executionId !== null) return `#/runs/${executionId}`;
  if (machineId === null) return '#/fleet';
  const tab =
    kind === 'plan_changed' || kind === 'conffile'
      ? '/updates'
      : kind === 'changed_by_others'
        ? '/history'
        : '';
  return `#/machines/${machineId}${tab}`;
}

/** Whether the desktop stays silent at that moment. */
export const isQuiet = (quietUntil: string | null, nowMs: number): boolean =>
  quietUntil !== null && (quietUntil === 'always' || Date.parse(quietUntil) > nowMs);

/**
 * What was heard between two states of the list and is still new to a person: unread, and not there before as it is now. That
 * one more machine of the same run waits is no news.
 */
export function newlyHeard<
  T extends { id: string; kind: NotificationKind; occurrences: number; readAt: string | null },
>(before: ReadonlyMap<string, number>, items: readonly T[]): T[] {
  return items.filter(
    ({ id, kind, occurrences, readAt }) =>
      readAt === null && (kind === 'request' ? !before.has(id) : (before.get(id) ?? 0) < occurrences),
  );
}

/** For `newlyHeard`. */
export const heardSoFar = (items: readonly { id: string; occurrences: number }[]): Map<string, number> =>
  new Map(items.map(({ id, occurrences }) => [id, occurrences]));
