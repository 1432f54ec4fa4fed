import { and, desc, eq, gte, inArray, lt, lte, ne, or } from 'drizzle-orm';
import type { TimelineEvent } from '../../shared/contract/models.ts';
import type { ActorType, Severity } from '../../shared/domain/unions.ts';
import { fromJson, type CoreContext } from '../context.ts';
import { machineEvents } from '../db/schema/index.ts';

type Ctx = Pick<CoreContext, 'database'>;

/** Written at every use of a secret: an audit trail, not news. */
const SECRET_DECRYPTED = 'secret_decrypted';

export interface EventFilter {
  readonly machineId?: string | undefined;
  readonly severity?: Severity | undefined;
  /** One of these; none = every kind. */
  readonly eventTypes?: readonly string[] | undefined;
  readonly actorType?: ActorType | undefined;
  /** Not before this moment: ISO 8601 UTC. */
  readonly since?: string | undefined;
  readonly withAudit: boolean;
}

/** Where a page goes on: before this moment, or, at this very moment, before this id. */
interface Page {
  readonly before?: string | undefined;
  readonly beforeId?: string | undefined;
  readonly limit: number;
}

const conditions = (filter: EventFilter, eventType?: string) => [
  filter.machineId ? eq(machineEvents.machineId, filter.machineId) : undefined,
  eventType ? eq(machineEvents.eventType, eventType) : undefined,
  filter.severity ? eq(machineEvents.severity, filter.severity) : undefined,
  filter.actorType ? eq(machineEvents.actorType, filter.actorType) : undefined,
  filter.since ? gte(machineEvents.createdAt, filter.since) : undefined,
  filter.withAudit ? undefined : ne(machineEvents.eventType, SECRET_DECRYPTED),
];

function page(context: Ctx, filter: EventFilter & Page, eventType?: string): TimelineEvent[] {
  const { before, beforeId } = filter;
  return context.database.db
    .select()
    .from(machineEvents)
    .where(
      and(
        ...conditions(filter, eventType),
        // The first half alone bounds the search in the index.
        before ? (beforeId ? lte : lt)(machineEvents.createdAt, before) : undefined,
        before && beforeId
          ? or(lt(machineEvents.createdAt, before), lt(machineEvents.id, beforeId))
          : undefined,
      ),
    )
    .orderBy(desc(machineEvents.createdAt), desc(machineEvents.id))
    .limit(filter.limit)
    .all()
    .map(asEvent);
}

const newestFirst = (a: TimelineEvent, b: TimelineEvent): number =>
  a.createdAt === b.createdAt ? (a.id < b.id ? 1 : -1) : a.createdAt < b.createdAt ? 1 : -1;

/** Events newest first, of one machine or of all. Several kinds are read each from its index and then joined. */
export function listEvents(context: Ctx, filter: EventFilter & Page): TimelineEvent[] {
  const types = [...new Set(filter.eventTypes ?? [])];
  if (types.length < 2) return page(context, filter, types[0]);
  return types
    .flatMap((type) => page(context, filter, type))
    .sort(newestFirst)
    .slice(0, filter.limit);
}

/** Of these events, those that pass the filter, newest first. */
export function eventsById(context: Ctx, ids: readonly string[], filter: EventFilter): TimelineEvent[] {
  const types = filter.eventTypes ?? [];
  return context.database.db
    .select()
    .from(machineEvents)
    .where(
      and(
        inArray(machineEvents.id, [...ids]),
        types.length > 0 ? inArray(machineEvents.eventType, [...types]) : undefined,
        ...conditions(filter),
      ),
    )
    .all()
    .map(asEvent)
    .sort(newestFirst);
}

/** The kinds of event that there are, by name; each is found with one step through the index. */
export function eventTypes(context: Ctx): string[] {
  const found = context.database.raw
    .prepare(
      `with recursive kinds(kind) as (
         select min(event_type) from machine_events
         union all
         select (select min(event_type) from machine_events where event_type > kind) from kinds where kind is not null
       ) select kind from kinds where kind is not null`,
    )
    .pluck()
    .all() as string[];
  return found.filter((kind) => kind !== SECRET_DECRYPTED);
}

function asEvent(row: typeof machineEvents.$inferSelect): TimelineEvent {
  return {
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
    data: fromJson<Record<string, unknown>>(row.payloadJson, {}),
  };
}
