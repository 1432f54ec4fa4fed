import { and, desc, eq, lt, ne } from 'drizzle-orm';
import type { TimelineEvent } from '../../shared/contract/models.ts';
import type { z } from 'zod';
import type { HomeportHandlers } from '../../shared/contract/index.ts';
import type { timelineEvent } from '../../shared/contract/models.ts';
import { fromJson, isoNow, type CoreContext } from '../context.ts';
import { newId } from '../db/ids.ts';
import { machineEvents } from '../db/schema/index.ts';

/** Written at every use of a secret: an audit trail, not news. */
const SECRET_DECRYPTED = 'secret_decrypted';

export interface NewEvent {
  readonly machineId: string | null;
  /** Past tense, dotted: `run.finished`. The page's catalogue has a sentence for each. */
  readonly eventType: string;
  readonly severity: z.output<typeof timelineEvent>['severity'];
  readonly actorType: NonNullable<TimelineEvent['actorType']>;
  /** When it happened, where that is not now: ISO 8601 UTC. */
  readonly at?: string;
  readonly executionId?: string;
  readonly snapshotId?: string;
  readonly jobId?: string;
  /** One English sentence, for exports and logs. Never a secret. */
  readonly message: string;
  /** Values for the catalogue's sentence. Never a secret. */
  readonly data?: Record<string, unknown>;
}

/** Writes one event of the timeline; call it inside the transaction of what it tells. */
export function recordEvent(context: Pick<CoreContext, 'database' | 'now'>, event: NewEvent): void {
  context.database.db
    .insert(machineEvents)
    .values({
      id: newId(),
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
}

/** Events newest first, of one machine or of all. */
export function listEvents(
  context: Pick<CoreContext, 'database'>,
  filter: { machineId?: string | undefined; before?: string | undefined; limit: number; withAudit: boolean },
): TimelineEvent[] {
  const rows = context.database.db
    .select()
    .from(machineEvents)
    .where(
      and(
        filter.machineId ? eq(machineEvents.machineId, filter.machineId) : undefined,
        filter.before ? lt(machineEvents.createdAt, filter.before) : undefined,
        filter.withAudit ? undefined : ne(machineEvents.eventType, SECRET_DECRYPTED),
      ),
    )
    .orderBy(desc(machineEvents.createdAt))
    .limit(filter.limit)
    .all();
  return rows.map(({ payloadJson, ...row }) => ({
    id: row.id,
    machineId: row.machineId,
    eventType: row.eventType,
    severity: row.severity,
    createdAt: row.createdAt,
    actorType: row.actorType,
    executionId: row.executionId,
    snapshotId: row.snapshotId,
    jobId: row.jobId,
    message: row.message,
    data: fromJson<Record<string, unknown>>(payloadJson, {}),
  }));
}

export function eventHandlers(context: CoreContext): Pick<HomeportHandlers, 'timeline.list'> {
  return { 'timeline.list': (input) => ({ events: listEvents(context, input) }) };
}
