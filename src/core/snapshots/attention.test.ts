import { describe, expect, it } from 'vitest';
import { attention as attentionSchema } from '../../shared/contract/models.ts';
import type { AptSnapshot, UpdateSnapshot } from '../../shared/domain/snapshot.ts';
import { fleetRows } from '../fleet/index.ts';
import { insertMachine, testContext } from '../testing/context.ts';
import { attentionOf } from './attention.ts';
import { saveAnalysis } from './index.ts';

function looked(apt: Partial<AptSnapshot>, more: Partial<UpdateSnapshot> = {}): UpdateSnapshot {
  return {
    machineId: 'm',
    hostname: 'web',
    checkedAt: '2026-11-20T12:00:00.000Z',
    os: { family: 'debian', version: '13' },
    status: 'ok',
    host: { architecture: 'amd64' },
    ...more,
    apt: { enabled: true, count: 0, rebootRequired: false, packages: [], distUpgradeCount: 0, ...apt },
  };
}
const kept = (name: string, reason: 'held' | 'phased' | 'needs_removal' | 'unknown', arch?: string) => ({
  name,
  ...(arch === undefined ? {} : { arch }),
  current: '1',
  target: '2',
  reason,
});

describe('what wants attention', () => {
  it('is nothing where nothing does', () => {
    expect(attentionOf(looked({ held: [], removed: [], keptBack: [], listsAgeSeconds: 3600 }))).toEqual([]);
  });

  it('is told by codes and values, the weightiest first', () => {
    const told = attentionOf(
      looked(
        {
          removed: ['exim4'],
          held: ['a', 'b', 'c', 'd', 'e', 'f'],
          keptBack: [
            kept('a', 'held'),
            kept('p', 'phased'),
            kept('z', 'needs_removal', 'i386'),
            kept('y', 'unknown', 'amd64'),
          ],
          listsAgeSeconds: 9 * 86_400 + 5,
        },
        {
          status: 'warning',
          errors: [
            { source: 'apt', kind: 'apt_lock_busy', severity: 'info', message: 'busy' },
            {
              source: 'apt',
              kind: 'apt_disk_full',
              severity: 'warning',
              message: 'full',
              data: { path: '/' },
            },
          ],
        },
      ),
    );
    expect(told).toEqual([
      { code: 'removes', count: 1, packages: ['exim4'] },
      { code: 'problem', kind: 'apt_disk_full', data: { path: '/' } },
      { code: 'lists_old', days: 9 },
      { code: 'held', count: 6, packages: ['a', 'b', 'c', 'd', 'e'] },
      { code: 'kept_back', count: 2, packages: ['z:i386', 'y'] },
    ]);
    for (const one of told ?? []) expect(attentionSchema.parse(one)).toEqual(one);
  });

  it('is unknown, not empty, where the analysis failed', () => {
    expect(attentionOf(looked({ held: ['a'] }, { status: 'error' }))).toBeNull();
    const { distUpgradeCount: _, ...unknown } = looked({}).apt;
    expect(attentionOf({ ...looked({}), apt: unknown })).toBeNull();
  });

  it('reaches the tile; lists of last week make no green one', async () => {
    const context = testContext();
    const machineId = insertMachine(context, 'web');
    const save = async (snapshot: UpdateSnapshot) => {
      await saveAnalysis(context, {
        snapshot: { ...snapshot, machineId },
        messages: [],
        rawOutput: '',
        jobId: 'job',
      });
      return fleetRows(context)[0]?.state;
    };
    expect(fleetRows(context)[0]?.state).not.toHaveProperty('attention');
    expect(await save(looked({ listsAgeSeconds: 7 * 86_400 }))).toMatchObject({
      aptStatus: 'warning',
      attention: [{ code: 'lists_old', days: 7 }],
    });
    expect(await save(looked({ held: ['bash'] }, { status: 'warning' }))).toMatchObject({
      aptStatus: 'warning',
      attention: [{ code: 'held', count: 1, packages: ['bash'] }],
    });
    expect(await save(looked({}))).toMatchObject({ aptStatus: 'ok', attention: [] });
    const failed = looked({ enabled: false }, { status: 'error' });
    expect(await save(failed)).not.toHaveProperty('attention');
  });
});
