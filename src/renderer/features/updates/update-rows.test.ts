import { describe, expect, it } from 'vitest';
import type { UpdateGroup } from '../../../shared/contract/models.ts';
import { AppError } from '../../../shared/domain/errors.ts';
import { updateRows, type NamedMachines } from './update-rows.ts';

const group = (packageName: string, count: number): UpdateGroup => ({
  key: `debian|${packageName}`,
  osFamily: 'debian',
  packageName,
  from: '1',
  to: '2',
  origin: null,
  operation: 'upgrade',
  security: false,
  count,
});
const named = (...names: string[]): NamedMachines => ({
  machines: names.map((name) => ({ id: name, name })),
  error: null,
});

describe('lines of the updates', () => {
  const groups = [group('bash', 2), group('curl', 140)];
  const kinds = (open: Record<string, NamedMachines>) =>
    updateRows(groups, (key) => open[key]).map(({ kind }) => kind);

  it('are the groups while nothing is open', () => {
    expect(updateRows(groups, () => undefined).map(({ key }) => key)).toEqual(['debian|bash', 'debian|curl']);
  });

  it('show the machines of an open group under it, and only there', () => {
    expect(kinds({ 'debian|bash': named('web', 'db') })).toEqual([
      'group',
      'machine',
      'machine',
      'foot',
      'group',
    ]);
  });

  it('show that the names are being read, and why they could not be, never an empty list', () => {
    expect(kinds({ 'debian|bash': { machines: null, error: null } })).toEqual(['group', 'reading', 'group']);
    const error = new AppError('disconnected', 'gone');
    expect(updateRows(groups, () => ({ machines: null, error }))[1]).toMatchObject({
      kind: 'reading',
      error,
    });
  });

  it('say how many machines are not named', () => {
    expect(
      updateRows(groups, () => named('web', 'db')).flatMap((row) =>
        row.kind === 'foot' ? [row.unnamed] : [],
      ),
    ).toEqual([0, 138]);
  });

  it('have a key each', () => {
    const keys = updateRows(groups, () => named('web', 'db')).map(({ key }) => key);
    expect(new Set(keys).size).toBe(keys.length);
  });
});
