import { describe, expect, it } from 'vitest';
import type { TimelineEvent } from '../../../shared/contract/models.ts';
import { filterEvents, mergeEvents, rowsByDay, type TimelineFilter } from './filter.ts';

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
const everything: TimelineFilter = { severity: null, eventType: null, machineId: null, text: '' };
const events = [
  event('c', '2026-03-02T10:00:00Z', {
    machineId: 'm1',
    eventType: 'run.finished',
    message: 'The plan was applied.',
    severity: 'error',
    data: { action: 'apt_full_upgrade', status: 'ok' },
  }),
  event('b', '2026-03-01T23:00:00Z', { machineId: 'm2', eventType: 'host_key.changed' }),
  event('a', '2026-03-01T09:00:00Z'),
];
/** What a French page shows of them. */
const shown: Record<string, string> = {
  c: 'Exécution terminée Mise à niveau',
  b: 'nas Clé d’hôte changée',
  a: 'Machine vérifiée',
};
const ids = (filter: Partial<TimelineFilter>) =>
  filterEvents(events, { ...everything, ...filter }, ({ id }) => shown[id] ?? '').map(({ id }) => id);

describe('timeline', () => {
  it('filters by severity, type, machine and words', () => {
    expect(ids({})).toEqual(['c', 'b', 'a']);
    expect(ids({ severity: 'error' })).toEqual(['c']);
    expect(ids({ eventType: 'host_key.changed' })).toEqual(['b']);
    expect(ids({ machineId: 'm1' })).toEqual(['c']);
    expect(ids({ text: 'NAS clé' })).toEqual(['b']);
    expect(ids({ text: 'nas mise' })).toEqual([]);
  });

  it('searches what the page shows, not what the core wrote', () => {
    expect(ids({ text: 'mise a NIVEAU' })).toEqual(['c']);
    expect(ids({ text: 'plan applied' })).toEqual([]);
    expect(ids({ text: 'run.finished' })).toEqual([]);
    expect(ids({ text: 'host key' })).toEqual([]);
  });

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
      ['c', 'The plan was applied.'],
      ['b', 'new'],
      ['z', null],
      ['a', null],
    ]);
  });
});
