import { describe, expect, it } from 'vitest';
import type { PlannedPackage } from '../../../shared/contract/models.ts';
import { filterPlan, groupPlan, nativeArch, packageLabel, planRows, rebootSuspects } from './plan.ts';

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
