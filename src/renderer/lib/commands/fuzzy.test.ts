import { describe, expect, it } from 'vitest';
import { fuzzyScore } from './fuzzy.ts';

const best = (query: string, names: string[][]) =>
  names
    .map((texts) => ({ texts, score: fuzzyScore(query, texts) }))
    .filter(({ score }) => score > 0)
    .sort((a, b) => b.score - a.score)
    .map(({ texts }) => texts[0]);

const commands = [
  ['Refresh all machines', 'Actualiser toutes les machines'],
  ['Reports', 'Rapports'],
  ['Settings', 'Réglages'],
  ['Start a run in waves', 'Lancer une exécution par vagues'],
];

describe('searching commands', () => {
  it('takes the start of a word before its middle', () => {
    expect(best('re', commands)[0]).toMatch(/^Re/);
    expect(best('set', commands)).toEqual(['Settings']);
  });

  it('finds the name in the other language, without accents', () => {
    expect(best('reglages', commands)).toEqual(['Settings']);
    expect(best('EXÉCUTION', commands)).toEqual(['Start a run in waves']);
    expect(best('vagues', commands)).toEqual(['Start a run in waves']);
  });

  it('takes initials and letters in order, and every word must fit', () => {
    expect(best('ram', commands)).toContain('Refresh all machines');
    expect(best('machines refresh', commands)).toEqual(['Refresh all machines']);
    expect(best('refresh nothing', commands)).toEqual([]);
    expect(best('zz', commands)).toEqual([]);
  });

  it('an empty search fits all alike', () => {
    expect(best('  ', commands)).toHaveLength(4);
  });
});
