import { expect, it } from 'vitest';
import { heardSoFar, newlyHeard } from './notification-target.ts';

const one = (
  id: string,
  kind: 'run_failed' | 'request',
  occurrences: number,
  readAt: string | null = null,
) => ({
  id,
  kind,
  occurrences,
  readAt,
});

it('hears what is unread and was not there before, or happened again', () => {
  const before = heardSoFar([one('a', 'run_failed', 1), one('b', 'run_failed', 1)]);
  const now = [
    one('a', 'run_failed', 2),
    one('b', 'run_failed', 1),
    one('c', 'run_failed', 1),
    one('d', 'run_failed', 1, '2026-01-01T00:00:00.000Z'),
  ];
  expect(newlyHeard(before, now).map(({ id }) => id)).toEqual(['a', 'c']);
});

it('hears of a run that asks once, however many machines it asks about', () => {
  const before = heardSoFar([one('a', 'request', 1)]);
  expect(newlyHeard(before, [one('a', 'request', 40), one('b', 'request', 3)]).map(({ id }) => id)).toEqual([
    'b',
  ]);
});
