import { describe, expect, it } from 'vitest';
import type { PlannedPackage, SnapshotDetail } from '../../../shared/contract/models.ts';
import {
  filterPlan,
  groupPlan,
  nativeArch,
  offerOf,
  packageLabel,
  planRows,
  rebootSuspects,
  samePlan,
  selectedOffer,
} from './plan.ts';

const pkg = (name: string, more: Partial<PlannedPackage> = {}): PlannedPackage => ({
  name,
  arch: 'amd64',
  currentVersion: '1',
  targetVersion: '2',
  origin: 'Debian:13/stable',
  operation: 'upgrade',
  security: false,
  ...more,
});

const plan = [
  pkg('zsh'),
  pkg('openssl', { security: true, origin: 'Debian-Security:13/stable-security' }),
  pkg('exim4', { operation: 'remove', targetVersion: null }),
  pkg('linux-image-6.12.63', { operation: 'install', currentVersion: null }),
  pkg('bash'),
  pkg('docker-ce', { operation: 'hold', security: true }),
];

describe('a plan', () => {
  it('counts what changes and leaves what is held out of it', () => {
    const groups = groupPlan(plan);
    expect(groups.removals.map((one) => one.name)).toEqual(['exim4']);
    expect(groups.upgrades.map((one) => one.name)).toEqual(['bash', 'openssl', 'zsh']);
    expect(groups).toMatchObject({ securityCount: 1, changes: 5 });
  });

  it('shows removals first, then new packages, then security', () => {
    expect(planRows(plan).map((one) => one.name)).toEqual([
      'exim4',
      'linux-image-6.12.63',
      'openssl',
      'bash',
      'zsh',
      'docker-ce',
    ]);
  });

  it('names the architecture only of foreign packages', () => {
    const mixed = [...plan, pkg('libc6', { arch: 'i386' }), pkg('tzdata', { arch: 'all' })];
    const native = nativeArch(mixed);
    expect(mixed.slice(-3).map((one) => packageLabel(one, native))).toEqual([
      'docker-ce',
      'libc6:i386',
      'tzdata',
    ]);
    expect(nativeArch([])).toBeNull();
  });

  it('filters by every word, in name, origin and operation', () => {
    expect(filterPlan(plan, 'SECURITY open').map((one) => one.name)).toEqual(['openssl']);
    expect(filterPlan(plan, 'remove').map((one) => one.name)).toEqual(['exim4']);
    expect(filterPlan(plan, '  ')).toHaveLength(plan.length);
  });

  it('expects a reboot from a kernel that comes, not from one that goes', () => {
    expect(rebootSuspects(plan)).toEqual(['linux-image-6.12.63']);
    expect(rebootSuspects([pkg('linux-image-6.1.0', { operation: 'remove' })])).toEqual([]);
    expect(rebootSuspects([pkg('libc6-dev'), pkg('libc6')])).toEqual(['libc6']);
  });
});

describe('an offer', () => {
  const snapshot: SnapshotDetail = {
    id: '00000000-0000-4000-8000-000000000001',
    machineId: '00000000-0000-4000-8000-000000000002',
    createdAt: '2026-01-10T12:00:00Z',
    status: 'updates_available',
    planHash: 'd'.repeat(64),
    upgradePlanHash: 'u'.repeat(64),
    autoremovePlanHash: 'a'.repeat(64),
    distUpgrade: plan,
    upgrade: [pkg('bash')],
    held: [],
    keptBack: [],
    autoremovable: ['libold1'],
    autoremove: [pkg('libold1', { operation: 'remove', targetVersion: null })],
    editedConffiles: [
      { package: 'bash', path: '/etc/bash.bashrc' },
      { package: 'openssl', path: '/etc/ssl/openssl.cnf' },
    ],
    pendingRepair: [],
    diskBytes: 5,
    downloadBytes: 7,
    listsAt: null,
    errors: [],
  };

  it('binds each plan to its own hash and action', () => {
    expect(offerOf(snapshot, 'dist_upgrade')).toMatchObject({
      action: 'apt_full_upgrade',
      planHash: snapshot.planHash,
      downloadBytes: 7,
    });
    expect(offerOf(snapshot, 'autoremove')).toMatchObject({
      action: 'apt_autoremove',
      planHash: snapshot.autoremovePlanHash,
    });
  });

  it('does not give the sizes and files of one plan to another', () => {
    const offer = offerOf(snapshot, 'upgrade');
    expect(offer).toMatchObject({ action: 'apt_upgrade', downloadBytes: null, diskBytes: null });
    expect(offer?.editedConffiles.map((file) => file.package)).toEqual(['bash']);
    const same = { ...snapshot, upgradePlanHash: snapshot.planHash };
    expect(offerOf(same, 'upgrade')).toMatchObject({ downloadBytes: 7, diskBytes: 5 });
  });

  it('is not made without a hash', () => {
    expect(offerOf({ ...snapshot, planHash: null }, 'dist_upgrade')).toBeNull();
    expect(offerOf({ ...snapshot, upgradePlanHash: null }, 'upgrade')).toBeNull();
    expect(offerOf({ ...snapshot, autoremovePlanHash: null }, 'autoremove')).toBeNull();
    expect(offerOf({ ...snapshot, autoremove: [] }, 'autoremove')).toBeNull();
  });

  it('names what comes along with the chosen packages', () => {
    const offer = selectedOffer(
      {
        mode: 'selected',
        planHash: 's'.repeat(64),
        planned: [
          pkg('nginx'),
          pkg('nginx-common', { operation: 'install' }),
          pkg('zsh', { operation: 'hold' }),
        ],
        removed: [],
        notPlanned: ['snapd'],
        downloadBytes: 1,
        diskBytes: null,
        editedConffiles: [],
      },
      ['nginx', 'snapd'],
    );
    expect(offer).toMatchObject({ pulledIn: ['nginx-common'], notPlanned: ['snapd'], action: 'apt_upgrade' });
  });

  it('knows the same plan in another order, and another version as another plan', () => {
    expect(samePlan(plan, [...plan].reverse())).toBe(true);
    expect(samePlan([pkg('a')], [pkg('a'), pkg('b', { operation: 'hold' })])).toBe(true);
    expect(samePlan([pkg('a')], [pkg('a', { targetVersion: '3' })])).toBe(false);
    expect(samePlan([pkg('a')], [pkg('a', { operation: 'remove' })])).toBe(false);
    expect(samePlan([pkg('a')], [])).toBe(false);
  });
});
