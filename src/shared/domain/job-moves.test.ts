import { describe, expect, it } from 'vitest';
import { isFinalStatus, nextStatus, statusesAllowing } from './job-moves.ts';
import { jobStatuses } from './unions.ts';

describe('job moves', () => {
  it('leads every unfinished status to an end', () => {
    for (const status of jobStatuses.filter((s) => !isFinalStatus(s))) {
      expect(nextStatus(status, 'fail')).toBe('error');
      expect(nextStatus(status, 'cancel')).toBe('cancelled');
    }
  });

  it('never leaves a final status', () => {
    for (const move of ['start', 'succeed', 'warn', 'fail', 'cancel', 'requeue'] as const) {
      expect(statusesAllowing(move).some(isFinalStatus)).toBe(false);
    }
  });

  it('starts only what is queued and requeues only what runs', () => {
    expect(statusesAllowing('start')).toEqual(['queued']);
    expect(statusesAllowing('requeue')).toEqual(['running']);
  });
});
