import { describe, expect, it } from 'vitest';
import type { AppliedPackage } from '../../../shared/contract/models.ts';
import { durationOf, packagePairs, sharedLines, stepMs, usualPartner } from './compare.ts';

const change = (
  name: string,
  toVersion: string | null,
  more: Partial<AppliedPackage> = {},
): AppliedPackage => ({
  name,
  arch: null,
  fromVersion: '1',
  toVersion,
  operation: 'upgraded',
  origin: null,
  ...more,
});

describe('packages of two runs', () => {
  it('says what both did alike, and what not, differences first', () => {
    const pairs = packagePairs(
      {
        applied: [
          change('bash', '2'),
          change('curl', '2'),
          change('gone', '2'),
          change('idle', '1', { operation: 'unchanged' }),
        ],
      },
      {
        applied: [
          change('bash', '2', { fromVersion: '1.5' }),
          change('curl', '3'),
          change('new', '2', { operation: 'installed' }),
        ],
      },
    );
    expect(pairs.map(({ name, relation }) => [name, relation])).toEqual([
      ['curl', 'different'],
      ['gone', 'onlyFirst'],
      ['new', 'onlySecond'],
      ['bash', 'same'],
    ]);
    expect(pairs[0]).toMatchObject({ first: { toVersion: '2' }, second: { toVersion: '3' } });
  });

  it('an upgrade and a removal are no likeness', () => {
    const [pair] = packagePairs(
      { applied: [change('x', null, { operation: 'removed' })] },
      { applied: [change('x', '2')] },
    );
    expect(pair?.relation).toBe('different');
  });

  it('keeps architectures apart and names them where a name stands twice', () => {
    const pairs = packagePairs(
      { applied: [change('libc6', '2', { arch: 'amd64' }), change('libc6', '2', { arch: 'i386' })] },
      { applied: [change('libc6', '2', { arch: 'amd64' })] },
    );
    expect(pairs.map(({ name, relation }) => `${name} ${relation}`)).toEqual([
      'libc6:i386 onlyFirst',
      'libc6:amd64 same',
    ]);
  });
});

describe('lines of two runs', () => {
  it('are told once each, by who has them', () => {
    expect(sharedLines(['W: a', 'W: b', 'W: a'], ['W: b', 'E: c'])).toEqual({
      both: ['W: b'],
      first: ['W: a'],
      second: ['E: c'],
    });
  });
});

describe('durations', () => {
  const startedAt = '2026-01-01T00:00:00.000Z';
  const finishedAt = '2026-01-01T00:00:05.000Z';
  it('are unknown while something goes on, and for a step that was left out', () => {
    expect(durationOf({ startedAt, finishedAt })).toBe(5000);
    expect(durationOf({ startedAt, finishedAt: null })).toBeNull();
    const step = { name: 'install', percent: null, detail: null, startedAt, finishedAt };
    expect(stepMs({ steps: [{ ...step, status: 'ok' }] }, 'install')).toBe(5000);
    expect(stepMs({ steps: [{ ...step, status: 'skipped' }] }, 'install')).toBeNull();
    expect(stepMs({ steps: [] }, 'install')).toBeNull();
  });
});

describe('the run to compare with', () => {
  const run = (id: string, action: string, startedAt: string) => ({ id, action, startedAt });
  const runs = [
    run('1', 'apt_upgrade', '2026-01-01'),
    run('2', 'reboot', '2026-01-02'),
    run('3', 'apt_upgrade', '2026-01-03'),
    run('4', 'apt_upgrade', '2026-01-04'),
  ];
  it('is the one of the same action before it', () => {
    expect(usualPartner(runs[2]!, runs)?.id).toBe('1');
    expect(usualPartner(runs[1]!, runs)?.id).toBe('1');
    expect(usualPartner(runs[0]!, runs)).toBeNull();
  });
});
