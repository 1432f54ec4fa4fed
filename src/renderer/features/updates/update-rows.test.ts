import { describe, expect, it } from 'vitest';
import type { UpdateGroup } from '../../../shared/contract/models.ts';
import { updateRows } from './update-rows.ts';

const group = (packageName: string, names: readonly string[], count = names.length): UpdateGroup => ({
  key: `debian|${packageName}`,
  osFamily: 'debian',
  packageName,
  from: '1',
  to: '2',
  origin: null,
  operation: 'upgrade',
  security: false,
  count,
  machines: names.map((name) => ({ id: name, name })),
});

describe('lines of the updates', () => {
  const groups = [group('bash', ['web', 'db']), group('curl', ['web'], 140)];

  it('are the groups while nothing is open', () => {
    expect(updateRows(groups, () => false).map(({ key }) => key)).toEqual(['debian|bash', 'debian|curl']);
  });

  it('show the machines of an open group under it, and only there', () => {
    expect(updateRows(groups, (key) => key === 'debian|bash').map(({ kind }) => kind)).toEqual([
      'group',
      'machine',
      'machine',
      'foot',
      'group',
    ]);
  });

  it('say how many machines are not named', () => {
    expect(
      updateRows(groups, () => true).flatMap((row) => (row.kind === 'foot' ? [row.unnamed] : [])),
    ).toEqual([0, 139]);
  });

  it('have a key each', () => {
    const keys = updateRows(groups, () => true).map(({ key }) => key);
    expect(new Set(keys).size).toBe(keys.length);
  });
});
