import { describe, expect, test } from 'vitest';
import { sampleRow } from '../../renderer/features/fleet/sample-row.test-data.ts';
import { matcher } from './fleet-search.ts';

const production = { id: 'x', name: 'Production', color: '#000000' };
const found = (row: ReturnType<typeof sampleRow>, query: string): boolean => matcher(query)(row);

describe('searching machines', () => {
  const row = sampleRow(
    { tags: [production], machineKind: 'lxc' },
    { updatesCount: 4, rebootRequired: true },
  );

  test.each(['  ', 'WEB trixie', 'prod admin', 'admin@web-01.lan', '"debian 13"', 'amd64', 'prod -staging'])(
    '%j finds it',
    (query) => expect(found(row, query)).toBe(true),
  );
  test.each(['web bookworm', 'prod -web', '"web trixie"', 'unreachable'])('%j does not', (query) =>
    expect(found(row, query)).toBe(false),
  );

  test('words of the status in both languages, with or without accents', () => {
    for (const query of [
      'updates',
      'mises a jour',
      'Reboot needed',
      'à redémarrer',
      'conteneur',
      'container',
    ]) {
      expect(found(row, query), query).toBe(true);
    }
    const gone = sampleRow({ status: 'unreachable' });
    for (const query of ['unreachable', 'INJOIGNABLE']) {
      expect(found(gone, query), query).toBe(true);
      expect(found(row, query), query).toBe(false);
    }
    const changed = sampleRow({ hostKeyStatus: 'changed' });
    expect(found(changed, '"cle d\'hote changee"')).toBe(true);
  });

  test('an unfinished phrase is searched as far as it is typed', () => {
    expect(found(row, '"debian 1')).toBe(true);
    expect(found(row, '-')).toBe(true);
  });
});
