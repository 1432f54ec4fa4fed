import { describe, expect, it } from 'vitest';
import type { TimelineEvent } from '../../../shared/contract/models.ts';
import { createSearch, keptPosition, mergeEvents, rowsByDay, spanOf } from './filter.ts';

const event = (id: string, createdAt: string, more: Partial<TimelineEvent> = {}): TimelineEvent => ({
  id,
  machineId: null,
  eventType: 'execution_ended',
  severity: 'info',
  createdAt,
  actorType: null,
  executionId: null,
  snapshotId: null,
  jobId: null,
  message: null,
  data: {},
  ...more,
});
const events = [
  event('c', '2026-03-02T10:00:00Z', { machineId: 'm1', message: 'Upgrade ended', severity: 'error' }),
  event('b', '2026-03-01T23:00:00Z', { machineId: 'm2', eventType: 'host_key_changed' }),
  event('a', '2026-03-01T09:00:00Z'),
];

describe('timeline', () => {
  it('opens each day once', () => {
    expect(
      rowsByDay(events, (iso) => iso.slice(0, 10)).map((row) =>
        row.kind === 'day' ? row.day : row.event.id,
      ),
    ).toEqual(['2026-03-02', 'c', '2026-03-01', 'b', 'a']);
  });

  it('joins pages without doubles, newest first', () => {
    const page = [event('z', '2026-03-01T09:00:00Z'), event('b', '2026-03-01T23:00:00Z', { message: 'new' })];
    expect(mergeEvents(events, page).map((one) => [one.id, one.message])).toEqual([
      ['c', 'Upgrade ended'],
      ['b', 'new'],
      ['z', null],
      ['a', null],
    ]);
  });

  it('searches every word in what the page shows, not in what the core wrote', () => {
    const shown: Record<string, string> = {
      c: 'Exécution terminée Mise à niveau',
      b: 'nas Clé d’hôte changée',
    };
    const search = createSearch();
    const ids = (text: string, words = shown, epoch = 'fr') =>
      search(events, text, ({ id }) => words[id] ?? '', epoch).map(({ id }) => id);
    expect(ids('')).toEqual(['c', 'b', 'a']);
    expect(ids('mise a NIVEAU')).toEqual(['c']);
    expect(ids("cle d'hote")).toEqual(['b']);
    expect(ids('nas mise')).toEqual([]);
    expect(ids('upgrade ended')).toEqual([]);
    expect(ids('host key', { b: 'nas Host key changed' }, 'en')).toEqual(['b']);
  });

  it('takes both dates of a span whole, and none where there is no date yet', () => {
    const span = spanOf({ period: 'dates', from: '2026-03-01', to: '2026-03-02' }, 0);
    expect(new Date(span.since ?? '').getHours()).toBe(0);
    expect(Date.parse(span.before ?? '') - Date.parse(span.since ?? '')).toBe(2 * 86_400_000);
    expect(spanOf({ period: 'dates', from: '', to: '2026-3' }, 0)).toEqual({});
    expect(spanOf({ period: 'any', from: '2026-03-01', to: '' }, 0)).toEqual({});
    expect(spanOf({ period: 'week', from: '', to: '' }, Date.UTC(2026, 2, 8))).toEqual({
      since: '2026-03-01T00:00:00.000Z',
    });
  });

  it('keeps the row at the top in its place while others come above it', () => {
    expect(keptPosition(45, 20, ['a', 'b', 'c', 'd'], ['x', 'y', 'a', 'b', 'c', 'd'])).toBe(85);
    expect(keptPosition(45, 20, ['a', 'b', 'c', 'd'], ['a', 'b', 'c', 'd', 'e'])).toBe(45);
    // The head of the day went: what stood under it holds the place.
    expect(keptPosition(25, 20, ['day 1', 'day 2', 'c'], ['day 1', 'n', 'c'])).toBe(25);
    expect(keptPosition(5, 20, ['a'], ['b'])).toBeNull();
  });
});
