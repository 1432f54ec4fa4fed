import { describe, expect, test } from 'vitest';
import { createNameRanks, sortRows } from './order.ts';
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
      sampleRow({ id: `${updatesCount}`, name: `n${updatesCount}` }, { updatesCount }),
    );
    expect(names(sortRows(rows, { by: 'updates', direction })).at(-1)).toBe('nnull');
  });

  test('a reboot that is not known stands last, one that is needed last but for those', () => {
    const rows = [null, true, false].map((rebootRequired) =>
      sampleRow({ id: `${rebootRequired}`, name: `${rebootRequired}` }, { rebootRequired }),
    );
    expect(names(sortRows(rows, { by: 'reboot', direction: 'asc' }))).toEqual(['false', 'true', 'null']);
    expect(names(sortRows(rows, { by: 'reboot', direction: 'desc' }))).toEqual(['true', 'false', 'null']);
  });

  test('equal rows are ordered by name in both directions', () => {
    const rows = ['b', 'a', 'c'].map((name) => sampleRow({ id: name, name }));
    for (const direction of ['asc', 'desc'] as const) {
      expect(names(sortRows(rows, { by: 'updates', direction }))).toEqual(['a', 'b', 'c']);
    }
  });

  test('by status, what needs attention comes first', () => {
    const rows = [
      sampleRow({ id: '1', name: 'fine' }),
      sampleRow({ id: '2', name: 'gone', status: 'unreachable' }),
      sampleRow({ id: '3', name: 'changed', hostKeyStatus: 'changed' }),
    ];
    expect(names(sortRows(rows, { by: 'status', direction: 'asc' }))).toEqual(['changed', 'gone', 'fine']);
  });

  test('releases in natural order within a family', () => {
    const rows = ['9.1', '13.2', '12'].map((osVersion) =>
      sampleRow({ id: osVersion, name: osVersion, osVersion }),
    );
    expect(names(sortRows(rows, { by: 'os', direction: 'asc' }))).toEqual(['9.1', '12', '13.2']);
  });
});

test('remembered ranks follow a machine that is renamed, added or removed', () => {
  const ranksOf = createNameRanks();
  const a = sampleRow({ id: '1', name: 'a' });
  const b = sampleRow({ id: '2', name: 'b' });
  const first = ranksOf([a, b]);
  expect([...first]).toEqual([
    ['1', 0],
    ['2', 1],
  ]);
  expect(ranksOf([{ ...a, status: 'error' }, b])).toBe(first);
  expect(ranksOf([{ ...a, name: 'c' }, b]).get('1')).toBe(1);
  expect(ranksOf([b]).get('2')).toBe(0);
});
