import { isoNow, type CoreContext } from '../context.ts';
import { newId } from '../db/ids.ts';
import { machineEvents } from '../db/schema/index.ts';
import { notify } from '../notifications/notify.ts';
import type { NewEvent } from './new-event.ts';

/**
 * Writes one event of the timeline, and the notification that it makes or settles; call it inside the transaction of what
 * it tells. The news of it leaves once that transaction has ended: transactions are synchronous.
 */
export function recordEvent(
  context: Pick<CoreContext, 'database' | 'now'> & Partial<Pick<CoreContext, 'bus'>>,
  event: NewEvent,
): void {
  const id = newId();
  context.database.db
    .insert(machineEvents)
    .values({
      id,
      machineId: event.machineId,
      eventType: event.eventType,
      severity: event.severity,
      createdAt: event.at ?? isoNow(context),
      actorType: event.actorType,
      executionId: event.executionId ?? null,
      snapshotId: event.snapshotId ?? null,
      jobId: event.jobId ?? null,
      message: event.message,
      payloadJson: event.data ? JSON.stringify(event.data) : null,
    })
    .run();
  const heard = notify(context, event);
  queueMicrotask(() => {
    context.bus?.publish('event.recorded', { eventId: id });
    if (heard) context.bus?.publish('notifications.changed', {});
  });
}
