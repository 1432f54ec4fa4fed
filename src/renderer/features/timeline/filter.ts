import type { TimelineEvent } from '../../../shared/contract/models.ts';
import { folded } from '../../lib/commands/fuzzy.ts';

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

const newestFirst = (a: TimelineEvent, b: TimelineEvent): number =>
  a.createdAt === b.createdAt ? (a.id < b.id ? 1 : -1) : a.createdAt < b.createdAt ? 1 : -1;

/** Adds a page to the events that are there: newest first, each once. */
export function mergeEvents(
  present: readonly TimelineEvent[],
  added: readonly TimelineEvent[],
): TimelineEvent[] {
  const byId = new Map(present.map((event) => [event.id, event]));
  for (const event of added) byId.set(event.id, event);
  return [...byId.values()].sort(newestFirst);
}

export const periods = ['any', 'day', 'week', 'month', 'dates'] as const;
export type Period = (typeof periods)[number];

const dayMs = 86_400_000;
const lengths = { day: dayMs, week: 7 * dayMs, month: 30 * dayMs } as const;

/** Local midnight of a date such as `2026-03-01`, `days` later; undefined where it is no date. */
function midnight(date: string, days = 0): string | undefined {
  const match = /^(\d{4})-(\d{2})-(\d{2})$/.exec(date);
  if (!match) return undefined;
  const at = new Date(Number(match[1]), Number(match[2]) - 1, Number(match[3]) + days);
  return Number.isNaN(at.getTime()) ? undefined : at.toISOString();
}

/** The moments between which events are wanted; `from` and `to` are local dates, both included. */
export function spanOf(
  { period, from, to }: { period: Period; from: string; to: string },
  nowMs: number,
): { since?: string; before?: string } {
  if (period === 'any') return {};
  if (period !== 'dates') return { since: new Date(nowMs - lengths[period]).toISOString() };
  const since = midnight(from);
  const before = midnight(to, 1);
  return { ...(since && { since }), ...(before && { before }) };
}

/**
 * Where the reader was, after rows came or went: the scroll position that keeps the row which was at the top in its place.
 * `before` and `after` are the keys of all rows. Null where nothing that was in view is left.
 */
export function keptPosition(
  scrollTop: number,
  rowHeight: number,
  before: readonly string[],
  after: readonly string[],
): number | null {
  const index = Math.floor(scrollTop / rowHeight);
  const places = new Map(after.map((key, at) => [key, at]));
  // The top row may be the head of a day that is gone: the next row that is still there holds the place.
  for (let at = index; at < before.length; at++) {
    const now = places.get(before[at] ?? '');
    if (now !== undefined) return scrollTop + (now - at) * rowHeight;
  }
  return null;
}

/** A search that remembers what it made of each event: thousands are looked at for each letter that is typed. */
export function createSearch(): (
  events: readonly TimelineEvent[],
  text: string,
  shownText: (event: TimelineEvent) => string,
  /** Changes when `shownText` says something else of the same events: the language. */
  epoch: string,
) => TimelineEvent[] {
  let made = new WeakMap<TimelineEvent, string>();
  let madeIn = '';
  return (events, text, shownText, epoch) => {
    const words = folded(text).split(/\s+/).filter(Boolean);
    if (words.length === 0) return [...events];
    if (epoch !== madeIn) made = new WeakMap();
    madeIn = epoch;
    return events.filter((event) => {
      let line = made.get(event);
      if (line === undefined) made.set(event, (line = folded(shownText(event))));
      return words.every((word) => line.includes(word));
    });
  };
}
