import { describe, expect, it } from 'vitest';
import { sampleRow } from '../fleet/sample-row.test-data.ts';
import { bulkActions, canTake, inOrder, isDestructive } from './bulk-actions.ts';

const row = (name: string, updatesCount: number | null = 0) =>
  sampleRow({ id: name, name }, { updatesCount });

describe('actions of a bulk run', () => {
  it('are destructive where they reboot', () => {
    expect(bulkActions.filter(isDestructive)).toEqual(['reboot_verified', 'reboot']);
  });

  it('never go to a host whose key is not approved', () => {
    const changed = sampleRow({ hostKeyStatus: 'changed' }, { updatesCount: 4 });
    expect(bulkActions.filter((action) => canTake(action, changed))).toEqual([]);
  });

  it('upgrade only where an update is known', () => {
    expect(canTake('apt_full_upgrade', row('a', 3))).toBe(true);
    expect(canTake('apt_full_upgrade', row('a', 0))).toBe(false);
    expect(canTake('apt_full_upgrade', row('a', null))).toBe(false);
    expect(canTake('apt_update_analyze', row('a', null))).toBe(true);
  });
});

describe('order of the machines', () => {
  const rows = [row('web-10', 5), row('web-2', 5), row('db', 30), row('new', null)];
  const names = (...args: [Parameters<typeof inOrder>[1], string[]?]) =>
    inOrder(rows, ...args).map(({ name }) => name);

  it('is by name as people count', () => {
    expect(names('name')).toEqual(['db', 'new', 'web-2', 'web-10']);
  });

  it('is by updates, the unknown last in both directions', () => {
    expect(names('fewest')).toEqual(['web-2', 'web-10', 'db', 'new']);
    expect(names('most')).toEqual(['db', 'web-2', 'web-10', 'new']);
  });

  it('begins with those put first', () => {
    expect(names('fewest', ['new', 'web-10'])).toEqual(['new', 'web-10', 'web-2', 'db']);
  });

  it('leaves the selection itself as it is', () => {
    inOrder(rows, 'most');
    expect(rows.map(({ name }) => name)).toEqual(['web-10', 'web-2', 'db', 'new']);
  });
});
