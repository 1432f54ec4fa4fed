import { describe, expect, test } from 'vitest';
import { headKey, idsBetween, linesOf, placeKey, stopAfter, stopAt, type Move } from './lines.ts';

const groups = [
  { key: 'web', ids: ['a', 'b', 'c'] },
  { key: 'db', ids: ['d', 'a'] },
];
const lines = (columns: number, folded: string[] = [], isGrouped = true) =>
  linesOf(groups, { columns, isGrouped, isFolded: (key) => folded.includes(key) });
const ids = (list: ReturnType<typeof lines>) =>
  list.map((line) =>
    line.kind === 'head' ? `[${line.group.key}]` : line.places.map(({ id }) => id).join(''),
  );

describe('lines', () => {
  test('each group begins a line of its own; a folded one is its head alone', () => {
    expect(ids(lines(2))).toEqual(['[web]', 'ab', 'c', '[db]', 'da']);
    expect(ids(lines(2, ['web']))).toEqual(['[web]', '[db]', 'da']);
    expect(ids(lines(3, [], false))).toEqual(['abc', 'da']);
  });

  test('keys are unique though a machine stands in two groups', () => {
    for (const columns of [1, 2]) {
      const keys = lines(columns).map(({ key }) => key);
      expect(new Set(keys).size).toBe(keys.length);
    }
  });

  test('places are counted over the whole list', () => {
    expect(lines(2).flatMap((line) => (line.kind === 'machines' ? [line.before] : []))).toEqual([0, 2, 3]);
  });
});

describe('the keyboard', () => {
  const list = lines(2);
  const walk = (from: string, ...moves: Move[]): string | undefined =>
    moves.reduce<string | undefined>((key, move) => stopAfter(list, key ?? null, move)?.key, from);
  const [a, b, c] = ['a', 'b', 'c'].map((id) => placeKey('web', id)) as [string, string, string];
  const d = placeKey('db', 'd');

  test('goes through heads and machines, place by place', () => {
    expect(walk(headKey('web'), 'next')).toBe(a);
    expect(walk(b, 'next')).toBe(c);
    expect(walk(c, 'next')).toBe(headKey('db'));
    expect(walk(d, 'previous')).toBe(headKey('db'));
  });

  test('goes up and down by lines, to the nearest place of a shorter one', () => {
    expect(walk(a, 'down')).toBe(c);
    expect(walk(b, 'down')).toBe(c);
    expect(walk(d, 'up', 'up')).toBe(c);
  });

  test('stays at the edges, and begins at the first when it stood nowhere', () => {
    expect(walk(headKey('web'), 'previous')).toBe(headKey('web'));
    expect(walk(placeKey('db', 'a'), 'next')).toBe(placeKey('db', 'a'));
    expect(walk(a, 'page-down')).toBe(d);
    expect(walk(a, 'last')).toBe(placeKey('db', 'a'));
    expect(stopAfter(list, 'gone', 'down')?.key).toBe(headKey('web'));
    expect(stopAfter([], null, 'down')).toBeNull();
    expect(stopAt(list, 'gone')).toBeNull();
  });

  test('a range holds the machines between two places, in either direction', () => {
    expect(idsBetween(list, b, d)).toEqual(['b', 'c', 'd']);
    expect(idsBetween(list, d, b)).toEqual(['b', 'c', 'd']);
    expect(idsBetween(list, null, b)).toEqual(['b']);
    expect(idsBetween(list, a, headKey('db'))).toEqual([]);
  });
});
