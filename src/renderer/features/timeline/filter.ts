import type { TimelineEvent } from '../../../shared/contract/models.ts';
import type { Severity } from '../../../shared/domain/unions.ts';

export interface TimelineFilter {
  /** Null = every severity. */
  severity: Severity | null;
  eventType: string | null;
  machineId: string | null;
  text: string;
}

/** The events that pass; every word of the text must be in the message, the type or the machine's name. */
export function filterEvents(
  events: readonly TimelineEvent[],
  filter: TimelineFilter,
  machineName: (id: string) => string | null,
): TimelineEvent[] {
  const words = filter.text.toLowerCase().split(/\s+/).filter(Boolean);
  return events.filter((event) => {
    if (filter.severity !== null && event.severity !== filter.severity) return false;
    if (filter.eventType !== null && event.eventType !== filter.eventType) return false;
    if (filter.machineId !== null && event.machineId !== filter.machineId) return false;
    if (words.length === 0) return true;
    const name = event.machineId === null ? '' : (machineName(event.machineId) ?? '');
    const line = `${event.message ?? ''} ${event.eventType} ${name}`.toLowerCase();
    return words.every((word) => line.includes(word));
  });
}

export type TimelineRow = { kind: 'day'; day: string; iso: string } | { kind: 'event'; event: TimelineEvent };

/** Events newest first with a row before each local day; its `iso` is the day's newest event. `dayOf` turns an ISO date into the day's key. */
export function rowsByDay(events: readonly TimelineEvent[], dayOf: (iso: string) => string): TimelineRow[] {
  const rows: TimelineRow[] = [];
  let day: string | null = null;
  for (const event of events) {
    const next = dayOf(event.createdAt);
    if (next !== day) rows.push({ kind: 'day', day: next, iso: event.createdAt });
    day = next;
    rows.push({ kind: 'event', event });
  }
  return rows;
}

/** Adds a page to the events that are there: newest first, each once. */
export function mergeEvents(
  present: readonly TimelineEvent[],
  added: readonly TimelineEvent[],
): TimelineEvent[] {
  const byId = new Map(present.map((event) => [event.id, event]));
  for (const event of added) byId.set(event.id, event);
  return [...byId.values()].sort((a, b) =>
    a.createdAt === b.createdAt ? (a.id < b.id ? 1 : -1) : a.createdAt < b.createdAt ? 1 : -1,
  );
}
