import { describe, expect, it } from 'vitest';
import { newWaveChoice, parseWaves, sizesText, waveLists, type WaveChoice } from './wave-choice.ts';

const names = (count: number): string[] => Array.from({ length: count }, (_, i) => `m${i + 1}`);
const lists = (choice: Partial<WaveChoice>, count: number): string[][] => {
  const parsed = parseWaves({ ...newWaveChoice(), ...choice }, count);
  if (!parsed.ok) throw new Error(parsed.problem);
  return waveLists(names(count), parsed.rule);
};
const sizes = (choice: Partial<WaveChoice>, count: number): number[] =>
  lists(choice, count).map(({ length }) => length);

describe('choice of waves', () => {
  it('takes a few first and the whole rest in one wave', () => {
    expect(lists({ way: 'first', firstCount: '2' }, 5)).toEqual([
      ['m1', 'm2'],
      ['m3', 'm4', 'm5'],
    ]);
  });

  it('makes one wave where the first takes all', () => {
    expect(sizes({ way: 'first', firstCount: '9' }, 5)).toEqual([5]);
    expect(sizes({ way: 'all' }, 5)).toEqual([5]);
  });

  it('repeats the last of the sizes', () => {
    expect(sizes({ way: 'sizes', sizes: '1, 5' }, 14)).toEqual([1, 5, 5, 3]);
    expect(sizes({ way: 'sizes', sizes: ' 2;3 4 ' }, 9)).toEqual([2, 3, 4]);
  });

  it('gives each wave its share, whole machines only', () => {
    expect(sizes({ way: 'percent', percent: '25' }, 10)).toEqual([3, 3, 3, 1]);
    expect(sizes({ way: 'percent', percent: '33,5' }, 3)).toEqual([2, 1]);
  });

  it('has no wave for no machine', () => {
    for (const way of ['all', 'first', 'sizes', 'percent'] as const) expect(sizes({ way }, 0)).toEqual([]);
  });

  it.each([
    [{ way: 'first', firstCount: '0' }, 'count'],
    [{ way: 'first', firstCount: '1.5' }, 'count'],
    [{ way: 'first', firstCount: '' }, 'count'],
    [{ way: 'sizes', sizes: '1, two' }, 'sizes'],
    [{ way: 'sizes', sizes: '1, 0' }, 'sizes'],
    [{ way: 'sizes', sizes: ' , ' }, 'sizes'],
    [{ way: 'percent', percent: '0' }, 'percent'],
    [{ way: 'percent', percent: '101' }, 'percent'],
    [{ way: 'percent', percent: '-5' }, 'percent'],
  ] as const)('%j is refused', (choice, problem) => {
    expect(parseWaves({ ...newWaveChoice(), ...choice }, 10)).toEqual({ ok: false, problem });
  });

  it('writes sizes shortly', () => {
    expect(sizesText([1, 5, 5, 3])).toBe('1, 5, 5, 3');
    expect(sizesText([2, 2, 2, 2, 1])).toBe('4 × 2, 1');
    expect(sizesText([1, 2, 3, 4, 5, 6, 7, 8, 9, 10])).toBe('1, 2, 3, 4, 5, 6, 7, 8, …');
    expect(sizesText([])).toBe('');
  });
});
