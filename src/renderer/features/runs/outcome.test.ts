import { describe, expect, it } from 'vitest';
import type { ExecutionDetail } from '../../../shared/contract/models.ts';
import { outcomeRows } from './outcome.ts';

type Planned = ExecutionDetail['planned'][number];
type Applied = ExecutionDetail['applied'][number];

const planned = (name: string, more: Partial<Planned> = {}): Planned => ({
  name,
  arch: 'amd64',
  currentVersion: '1',
  targetVersion: '2',
  origin: null,
  operation: 'upgrade',
  security: false,
  ...more,
});
const applied = (name: string, more: Partial<Applied> = {}): Applied => ({
  name,
  arch: 'amd64',
  fromVersion: '1',
  toVersion: '2',
  operation: 'upgraded',
  origin: null,
  ...more,
});
const verdicts = (run: Parameters<typeof outcomeRows>[0]) =>
  outcomeRows(run).map((row) => [row.name, row.verdict]);

describe('planned against applied', () => {
  it('puts what nobody approved first', () => {
    expect(
      verdicts({
        status: 'ok',
        planned: [
          planned('bash'),
          planned('zsh'),
          planned('exim4', { operation: 'remove', targetVersion: null }),
        ],
        applied: [
          applied('bash'),
          applied('exim4', { operation: 'removed', toVersion: null }),
          applied('telnetd', { operation: 'installed', fromVersion: null }),
        ],
      }),
    ).toEqual([
      ['telnetd', 'extra'],
      ['zsh', 'missing'],
      ['bash', 'done'],
      ['exim4', 'done'],
    ]);
  });

  it('sees another version than the planned one, and a removal instead of an upgrade', () => {
    expect(
      verdicts({
        status: 'warning',
        planned: [planned('a'), planned('b')],
        applied: [applied('a', { toVersion: '3' }), applied('b', { operation: 'removed', toVersion: null })],
      }),
    ).toEqual([
      ['a', 'different'],
      ['b', 'different'],
    ]);
  });

  it('waits while the run goes on, and never calls done what has no evidence', () => {
    expect(verdicts({ status: 'running', planned: [planned('a')], applied: [] })).toEqual([['a', 'pending']]);
    expect(verdicts({ status: 'interrupted', planned: [planned('a')], applied: [] })).toEqual([
      ['a', 'missing'],
    ]);
  });

  it('says why where the run found it out', () => {
    const rows = outcomeRows({
      status: 'warning',
      planned: [planned('a'), planned('b')],
      applied: [applied('a'), applied('c', { operation: 'installed', fromVersion: null })],
      extra: [{ ...applied('c'), explanation: { code: 'changed_meanwhile', by: 'apt install c' } }],
      missing: [{ ...planned('b'), explanation: { code: 'held', by: null } }],
    });
    expect(rows.map((row) => [row.name, row.why])).toEqual([
      ['c', 'changed_meanwhile'],
      ['b', 'held'],
      ['a', null],
    ]);
  });

  it('leaves what is held and what did not change out', () => {
    expect(
      verdicts({
        status: 'ok',
        planned: [planned('held', { operation: 'hold' })],
        applied: [applied('same', { operation: 'unchanged' })],
      }),
    ).toEqual([]);
  });

  it('tells two architectures of one name apart', () => {
    expect(
      verdicts({
        status: 'ok',
        planned: [planned('libc6'), planned('libc6', { arch: 'i386' })],
        applied: [applied('libc6')],
      }),
    ).toEqual([
      ['libc6:i386', 'missing'],
      ['libc6:amd64', 'done'],
    ]);
  });
});
