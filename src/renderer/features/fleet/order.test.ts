import { describe, expect, test } from 'vitest';
import { holdOrder, matchesQuery, sortRows } from './order.ts';
import { sampleRow } from './sample-row.test-data.ts';

const names = (rows: readonly { name: string }[]): string[] => rows.map((row) => row.name);

describe('sorting', () => {
  test('names in natural order', () => {
    const rows = ['web10', 'Web2', 'api'].map((name) => sampleRow({ id: name, name }));
    expect(names(sortRows(rows, { by: 'name', direction: 'asc' }))).toEqual(['api', 'Web2', 'web10']);
    expect(names(sortRows(rows, { by: 'name', direction: 'desc' }))).toEqual(['web10', 'Web2', 'api']);
  });

  test.each(['asc', 'desc'] as const)('unknown counts stand last (%s)', (direction) => {
    const rows = [null, 5, 0].map((updatesCount) =>
      sampleRow({ name: `n${updatesCount}` }, { updatesCount }),
    );
    expect(names(sortRows(rows, { by: 'updates', direction })).at(-1)).toBe('nnull');
  });

  test('equal rows are ordered by name in both directions', () => {
    const rows = ['b', 'a', 'c'].map((name) => sampleRow({ id: name, name }));
    for (const direction of ['asc', 'desc'] as const) {
      expect(names(sortRows(rows, { by: 'updates', direction }))).toEqual(['a', 'b', 'c']);
    }
  });

  test('by status, what needs attention comes first', () => {
    const rows = [
      sampleRow({ name: 'fine' }),
      sampleRow({ name: 'gone', status: 'unreachable' }),
      sampleRow({ name: 'changed', hostKeyStatus: 'changed' }),
    ];
    expect(names(sortRows(rows, { by: 'status', direction: 'asc' }))).toEqual(['changed', 'gone', 'fine']);
  });
});

test('every word of a search must match something', () => {
  const row = sampleRow({ tags: [{ id: 'x', name: 'Production', color: '#000000' }] });
  expect(matchesQuery(row, '  ')).toBe(true);
  expect(matchesQuery(row, 'WEB trixie')).toBe(true);
  expect(matchesQuery(row, 'prod admin')).toBe(true);
  expect(matchesQuery(row, 'web bookworm')).toBe(false);
});

test('a held order keeps places, drops what is gone and appends what is new', () => {
  const present = new Set(['a', 'c', 'd']);
  expect(holdOrder(['c', 'b', 'a'], ['a', 'c', 'd'], (id) => present.has(id))).toEqual(['c', 'a', 'd']);
});
