import type { TimelineEvent } from '../../../shared/contract/models.ts';
import type { Severity } from '../../../shared/domain/unions.ts';

export interface TimelineFilter {
  /** Null = every severity. */
  severity: Severity | null;
  eventType: string | null;
  machineId: string | null;
  text: string;
}

/** Without case and accents, so that `mise a jour` finds "Mise à jour". */
const folded = (text: string): string => text.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase();

/** The events that pass; every word of the text must be in what the page shows of the event (`shownText`). */
export function filterEvents(
  events: readonly TimelineEvent[],
  filter: TimelineFilter,
  shownText: (event: TimelineEvent) => string,
): TimelineEvent[] {
  const words = folded(filter.text).split(/\s+/).filter(Boolean);
  return events.filter((event) => {
    if (filter.severity !== null && event.severity !== filter.severity) return false;
    if (filter.eventType !== null && event.eventType !== filter.eventType) return false;
    if (filter.machineId !== null && event.machineId !== filter.machineId) return false;
    if (words.length === 0) return true;
    const line = folded(shownText(event));
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
