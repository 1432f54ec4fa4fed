import { describe, expect, it } from 'vitest';
import type { BulkMachine } from '../../../shared/contract/models.ts';
import { bulkLines, bulkPercent, endedCount, tally, whyLeftOut } from './bulk-look.ts';

const member = (machineId: string, more: Partial<BulkMachine> = {}): BulkMachine => ({
  machineId,
  machineName: machineId,
  wave: 0,
  status: 'waiting',
  jobId: null,
  executionId: null,
  snapshotId: null,
  startedAt: null,
  finishedAt: null,
  rebootRequired: null,
  error: null,
  ...more,
});
const failure = (data: Record<string, unknown> = {}) => ({ kind: 'cancelled' as const, message: '', data });
const members = [
  member('a', { status: 'ok' }),
  member('b', { wave: 1, status: 'error', error: failure() }),
  member('c', { wave: 1, status: 'running' }),
  member('d', { wave: 2 }),
];

describe('a bulk run', () => {
  it('is drawn wave by wave, an error under its machine', () => {
    expect(bulkLines(members, 'all').map(({ key }) => key)).toEqual([
      'wave 0',
      'a',
      'wave 1',
      'b',
      'b error',
      'c',
      'wave 2',
      'd',
    ]);
  });

  it('can show only what runs or what went wrong', () => {
    expect(bulkLines(members, 'active').map(({ key }) => key)).toEqual(['wave 1', 'c']);
    expect(bulkLines(members, 'problems').map(({ key }) => key)).toEqual(['wave 1', 'b', 'b error']);
  });

  it('counts a machine that failed as ended, and a running one as far as it is', () => {
    expect(bulkPercent({ members }, () => 40)).toBe(60);
    expect(bulkPercent({ members }, () => null)).toBe(50);
    expect(bulkPercent({ members: [] }, () => null)).toBe(0);
  });

  it('tallies what occurs', () => {
    const counts = { ok: 1, error: 1, running: 1, waiting: 1, queued: 0 } as never;
    expect(tally({ counts })).toEqual([
      ['waiting', 1],
      ['running', 1],
      ['ok', 1],
      ['error', 1],
    ]);
    expect(endedCount({ counts, machines: 4 })).toBe(2);
  });

  it('says why a machine was left out, where that is not an error of its own', () => {
    expect(whyLeftOut({ error: failure({ stoppedByFailure: true }) })).toBe('stopped');
    expect(whyLeftOut({ error: failure({ cancelledByUser: true }) })).toBe('cancelled');
    expect(whyLeftOut({ error: failure({ nothingToDo: true }) })).toBe('nothing');
    expect(whyLeftOut({ error: failure() })).toBeNull();
    expect(whyLeftOut({ error: null })).toBeNull();
  });
});
