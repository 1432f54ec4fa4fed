import { describe, expect, it } from 'vitest';
import type { AptPackage, UpdateSnapshot } from '../../shared/domain/snapshot.ts';
import type { CoreContext } from '../context.ts';
import { newId } from '../db/ids.ts';
import { snapshots } from '../db/schema/index.ts';
import { updateMachine } from '../machines/index.ts';
import { deriveFromSnapshot } from '../snapshots/index.ts';
import { insertMachine, testContext } from '../testing/context.ts';
import { machinesOfUpdate, updateGroups } from './store.ts';

const lib = { name: 'tb-lib', currentVersion: '1.0', targetVersion: '1.1', origin: 'Debian:12/stable' };
const secure: AptPackage = { ...lib, name: 'tb-secure', operation: 'upgrade', severityHint: 'security' };
const gone: AptPackage = { ...lib, name: 'tb-gone', targetVersion: '', operation: 'remove' };

function analysed(context: CoreContext, name: string, packages: AptPackage[]): string {
  const machineId = insertMachine(context, name);
  const id = newId();
  const createdAt = context.now().toISOString();
  const snapshot: UpdateSnapshot = {
    machineId,
    hostname: name,
    checkedAt: createdAt,
    os: { family: 'debian', version: '12' },
    status: 'updates_available',
    apt: {
      enabled: true,
      count: packages.length,
      rebootRequired: false,
      packages,
      upgradePackages: packages,
    },
  };
  context.database.db
    .insert(snapshots)
    .values({ id, machineId, kind: 'apt_update_analyze', createdAt, status: 'ok', payloadJson: '{}' })
    .run();
  deriveFromSnapshot(context, id, snapshot, createdAt);
  return machineId;
}

const all = { securityOnly: false, offset: 0, limit: 10 };

describe('updates over the fleet', () => {
  it('show each update once with the machines that wait for it, the most wanted first', () => {
    const context = testContext();
    const a = analysed(context, 'a', [lib, gone]);
    const b = analysed(context, 'b', [lib, secure]);
    const old = analysed(context, 'old', [{ ...lib, currentVersion: '0.9' }]);
    const { groups, total } = updateGroups(context, all);
    expect(total).toBe(4);
    expect(groups[0]).toMatchObject({
      packageName: 'tb-lib',
      from: '1.0',
      to: '1.1',
      osFamily: 'debian',
      count: 2,
      security: false,
    });
    const machinesOf = (key = '') => machinesOfUpdate(context, { key, offset: 0, limit: 10 });
    expect(machinesOf(groups[0]?.key)).toEqual({
      machines: [
        { id: a, name: 'a' },
        { id: b, name: 'b' },
      ],
      total: 2,
    });
    expect(groups[1]).toMatchObject({ packageName: 'tb-secure', security: true });
    expect(machinesOf(groups.find(({ from }) => from === '0.9')?.key).machines).toEqual([
      { id: old, name: 'old' },
    ]);
    expect(groups.find(({ packageName }) => packageName === 'tb-gone')).toMatchObject({
      to: null,
      operation: 'remove',
    });
  });

  it('are searched, narrowed to security and read by pages', () => {
    const context = testContext();
    analysed(context, 'a', [lib, secure, gone]);
    const names = (more: object) =>
      updateGroups(context, { ...all, ...more }).groups.map((g) => g.packageName);
    expect(names({ search: 'SECU' })).toEqual(['tb-secure']);
    expect(names({ securityOnly: true })).toEqual(['tb-secure']);
    expect(names({ offset: 1, limit: 1 })).toHaveLength(1);
    expect(updateGroups(context, { ...all, limit: 1 }).total).toBe(3);
  });

  it('leave out machines that were removed', () => {
    const context = testContext();
    const id = analysed(context, 'a', [lib]);
    const key = updateGroups(context, all).groups[0]?.key ?? '';
    updateMachine(context, id, { deletedAt: context.now().toISOString() });
    expect(updateGroups(context, all)).toEqual({ groups: [], total: 0 });
    expect(machinesOfUpdate(context, { key, offset: 0, limit: 10 })).toEqual({ machines: [], total: 0 });
  });

  it('name the machines in the order of their numbers, page by page', () => {
    const context = testContext();
    for (const name of ['web-10', 'web-2', 'Web-1']) analysed(context, name, [lib]);
    const key = updateGroups(context, all).groups[0]?.key ?? '';
    const page = (offset: number) =>
      machinesOfUpdate(context, { key, offset, limit: 2 }).machines.map(({ name }) => name);
    expect([page(0), page(2)]).toEqual([['Web-1', 'web-2'], ['web-10']]);
  });
});
