import { expect, it } from 'vitest';
import type { RequestSummary } from '../../../shared/contract/requests.ts';
import { groupRequests, totalOf } from './groups.ts';

const none = { upgrades: 0, installs: 0, removals: 0, security: 0 };
const request = (id: string, runId: string | null, more: Partial<RequestSummary> = {}): RequestSummary =>
  ({
    id,
    action: 'apt_full_upgrade',
    schedule: runId === null ? null : { id: 's', runId, further: [] },
    changes: none,
    ...more,
  }) as RequestSummary;

it('puts together what one run asks, where the first of it stands', () => {
  const groups = groupRequests([
    request('a', 'run 1'),
    request('b', null),
    request('c', 'run 2'),
    request('d', 'run 1'),
    request('e', 'run 1', { action: 'reboot' }),
    request('f', null),
  ]);
  expect(groups.map(({ requests }) => requests.map(({ id }) => id).join())).toEqual([
    'a,d',
    'b',
    'c',
    'e',
    'f',
  ]);
});

it('adds up what they change', () => {
  const changes = { upgrades: 3, installs: 1, removals: 0, security: 2 };
  expect(
    totalOf([request('a', 'r', { changes }), request('b', 'r', { changes: { ...changes, removals: 4 } })]),
  ).toEqual({ upgrades: 6, installs: 2, removals: 4, security: 4 });
});
