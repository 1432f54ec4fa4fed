import { describe, expect, test } from 'vitest';
import { groupRows, holdOrder, isSameOrder } from './groups.ts';
import { sampleRow } from './sample-row.test-data.ts';

const tag = (name: string) => ({ id: name, name, color: '#000000' });
const g = (key: string, ...ids: string[]) => ({ key, ids });

describe('groups', () => {
  test('without grouping there is one group, or none without machines', () => {
    expect(groupRows([sampleRow({ id: 'a' }), sampleRow({ id: 'b' })], 'none')).toEqual([g('', 'a', 'b')]);
    expect(groupRows([], 'none')).toEqual([]);
  });

  test('a machine stands under each of its tags, untagged ones last', () => {
    const rows = [
      sampleRow({ id: 'a' }),
      sampleRow({ id: 'b', tags: [tag('web'), tag('Prod')] }),
      sampleRow({ id: 'c', tags: [tag('web')] }),
    ];
    expect(groupRows(rows, 'tag')).toEqual([g('Prod', 'b'), g('web', 'b', 'c'), g('', 'a')]);
  });

  test('systems by release: point releases together, the newest first, unknown last', () => {
    const rows = [
      sampleRow({ id: 'a', osFamily: 'unknown', osVersion: null }),
      sampleRow({ id: 'b', osVersion: '9.1' }),
      sampleRow({ id: 'c', osVersion: '13.2' }),
      sampleRow({ id: 'd', osVersion: '13' }),
      sampleRow({ id: 'e', osFamily: 'ubuntu', osVersion: '24.04.1' }),
    ];
    expect(groupRows(rows, 'os')).toEqual([
      g('debian 13', 'c', 'd'),
      g('debian 9', 'b'),
      g('ubuntu 24.04', 'e'),
      g('', 'a'),
    ]);
  });

  test('by status, the most urgent first', () => {
    const rows = [sampleRow({ id: 'a' }), sampleRow({ id: 'b', status: 'unreachable' })];
    expect(groupRows(rows, 'status').map(({ key }) => key)).toEqual(['unreachable', 'ok']);
  });
});

describe('a held order', () => {
  const everything = () => true;

  test('keeps places, drops what is gone and appends what is new', () => {
    const present = new Set(['a', 'c', 'd']);
    expect(holdOrder([g('', 'c', 'b', 'a')], [g('', 'a', 'c', 'd')], (id) => present.has(id))).toEqual([
      g('', 'c', 'a', 'd'),
    ]);
  });

  test('keeps a machine in its group, and one that no longer fits the filter in the list', () => {
    const shown = [g('error', 'a'), g('ok', 'b', 'c')];
    expect(holdOrder(shown, [g('ok', 'a', 'b')], everything)).toEqual(shown);
  });

  test('puts new machines last in their group, and new groups last', () => {
    expect(holdOrder([g('ok', 'b')], [g('error', 'x'), g('ok', 'a', 'b')], everything)).toEqual([
      g('ok', 'b', 'a'),
      g('error', 'x'),
    ]);
  });

  test('is the same order only when every group and place is', () => {
    expect(isSameOrder([g('a', '1', '2')], [g('a', '1', '2')])).toBe(true);
    expect(isSameOrder([g('a', '1', '2')], [g('a', '2', '1')])).toBe(false);
    expect(isSameOrder([g('a', '1')], [g('b', '1')])).toBe(false);
    expect(isSameOrder([g('a', '1')], [g('a', '1'), g('b', '1')])).toBe(false);
  });
});
