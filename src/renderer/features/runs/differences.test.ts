import { describe, expect, it } from 'vitest';
import type { ExecutionDetail } from '../../../shared/contract/models.ts';
import type { ExplanationCode } from '../../../shared/domain/unions.ts';
import { differences } from './differences.ts';

const extra = (name: string, code: ExplanationCode, by: string | null): ExecutionDetail['extra'][number] => ({
  name,
  arch: 'amd64',
  fromVersion: null,
  toVersion: '1',
  operation: 'installed',
  origin: null,
  explanation: { code, by },
});
const missing = (name: string, code: ExplanationCode): ExecutionDetail['missing'][number] => ({
  name,
  arch: 'amd64',
  currentVersion: '1',
  targetVersion: '2',
  origin: null,
  operation: 'upgrade',
  security: false,
  explanation: { code, by: null },
});

describe('differences from the plan', () => {
  it('gathers packages of one reason, what nobody approved first', () => {
    expect(
      differences({
        missing: [missing('zsh', 'run_failed'), missing('bash', 'run_failed')],
        extra: [
          extra('telnetd', 'changed_meanwhile', 'apt-get install telnetd (root)'),
          extra('libfoo', 'dependency_of', 'bar'),
          extra('inetd', 'changed_meanwhile', 'apt-get install telnetd (root)'),
        ],
      }),
    ).toEqual([
      {
        kind: 'extra',
        code: 'changed_meanwhile',
        by: 'apt-get install telnetd (root)',
        names: ['inetd', 'telnetd'],
      },
      { kind: 'extra', code: 'dependency_of', by: 'bar', names: ['libfoo'] },
      { kind: 'missing', code: 'run_failed', by: null, names: ['bash', 'zsh'] },
    ]);
  });

  it('keeps two doers of one kind apart, and the same reason for more and for less', () => {
    expect(
      differences({
        missing: [missing('a', 'unknown')],
        extra: [
          extra('b', 'unknown', null),
          extra('c', 'changed_meanwhile', 'x'),
          extra('d', 'changed_meanwhile', 'y'),
        ],
      }),
    ).toHaveLength(4);
    expect(differences({ missing: [], extra: [] })).toEqual([]);
  });
});
