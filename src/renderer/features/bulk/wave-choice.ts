import { wavesOf, type WaveRule } from '../../../shared/domain/waves.ts';

/** How the reader divides the machines; the fields hold what was typed. */
export interface WaveChoice {
  way: 'all' | 'first' | 'sizes' | 'percent';
  firstCount: string;
  sizes: string;
  percent: string;
}
export const waveWays = ['all', 'first', 'sizes', 'percent'] as const satisfies readonly WaveChoice['way'][];
export const newWaveChoice = (): WaveChoice => ({
  way: 'first',
  firstCount: '1',
  sizes: '1, 5, 20',
  percent: '25',
});

export type WaveProblem = 'count' | 'percent' | 'sizes';
export type ParsedWaves = { ok: true; rule: WaveRule } | { ok: false; problem: WaveProblem };

/** A whole number within bounds, or null. */
export function wholeNumber(text: string, least: number, most: number): number | null {
  if (!/^\s*\d{1,6}\s*$/.test(text)) return null;
  const value = Number(text);
  return value >= least && value <= most ? value : null;
}

/** The rule that the core is given. `machines`: how many are chosen; "the rest" is one wave. */
export function parseWaves(choice: WaveChoice, machines: number): ParsedWaves {
  switch (choice.way) {
    case 'all':
      return { ok: true, rule: 'all' };
    case 'first': {
      const count = wholeNumber(choice.firstCount, 1, 1000);
      if (count === null) return { ok: false, problem: 'count' };
      const rest = machines - count;
      return { ok: true, rule: { sizes: rest > 0 ? [count, rest] : [count] } };
    }
    case 'sizes': {
      const parts = choice.sizes.split(/[\s,;]+/).filter(Boolean);
      const sizes = parts.map((part) => wholeNumber(part, 1, 1000));
      const good = sizes.filter((size) => size !== null);
      if (good.length === 0 || good.length > 100 || good.length < sizes.length) {
        return { ok: false, problem: 'sizes' };
      }
      return { ok: true, rule: { sizes: good } };
    }
    case 'percent': {
      const text = choice.percent.trim().replace(',', '.');
      const percent = /^\d{1,3}(\.\d+)?$/.test(text) ? Number(text) : NaN;
      if (!(percent >= 1 && percent <= 100)) return { ok: false, problem: 'percent' };
      return { ok: true, rule: { percent } };
    }
  }
}

/** The machines of each wave, in their order. */
export function waveLists<T>(machines: readonly T[], rule: WaveRule): T[][] {
  const lists: T[][] = [];
  wavesOf(machines.length, rule).forEach((wave, i) => {
    (lists[wave] ??= []).push(machines[i]!);
  });
  return lists;
}

/** Sizes as text; equal ones that follow each other are drawn together, and a long row is cut. */
export function sizesText(sizes: readonly number[]): string {
  const parts: string[] = [];
  for (let i = 0; i < sizes.length;) {
    let end = i;
    while (sizes[end] === sizes[i]) end += 1;
    const times = end - i;
    if (times > 2) parts.push(`${times} × ${sizes[i]}`);
    else for (let n = 0; n < times; n++) parts.push(String(sizes[i]));
    i = end;
  }
  return parts.length > 8 ? `${parts.slice(0, 8).join(', ')}, …` : parts.join(', ');
}
