import { describe, expect, it } from 'vitest';
import { readFileSync } from 'node:fs';
import type { MachineProbe, ProbeFilesystem } from '../../shared/domain/probe.ts';
import { findingsOf, settleWarnings, type Observed } from './warnings.ts';

const golden = (name: string): MachineProbe =>
  (
    JSON.parse(readFileSync(new URL(`../debian/fixtures/probe/${name}.json`, import.meta.url), 'utf8')) as {
      probe: MachineProbe;
    }
  ).probe;
const observedIn = (probe: MachineProbe, isContainer = false): Observed => ({
  load: probe.load,
  threads: probe.processor.threads,
  memory: probe.memory,
  filesystems: probe.filesystems,
  isContainer,
  probe,
});
const nothing: Observed = {
  load: null,
  threads: null,
  memory: null,
  filesystems: null,
  isContainer: false,
  probe: null,
};
const brief = (observed: Observed): string[] =>
  findingsOf(observed).map(({ code, severity, subject }) => `${severity} ${code} ${subject ?? ''}`.trim());
const filesystem = (changes: Partial<ProbeFilesystem>): ProbeFilesystem => ({
  mount: '/srv',
  device: '/dev/sdb1',
  type: 'ext4',
  readOnly: false,
  sizeBytes: 0,
  usedBytes: 0,
  availableBytes: 0,
  inodesTotal: null,
  inodesUsed: null,
  ...changes,
});
const GB = 1e9;

describe('warnings of real and written machines', () => {
  it('a server with a failing disk, a worn one, half a mirror, and too hot', () => {
    expect(brief(observedIn(golden('staged-server')))).toEqual([
      'error smart_failing sda',
      'error raid_degraded md0',
      'error load_high',
      'warning smart_sectors sda',
      'warning smart_wear nvme0n1',
      'warning temperature_high coretemp Package id 0',
    ]);
  });

  it('a Proxmox host: one warning for a full pool, none for its data sets, its disc, or a loose sensor', () => {
    expect(brief(observedIn(golden('written-proxmox-zfs')))).toEqual([
      'warning filesystem_space /',
      'warning filesystem_space /mnt/usb backup',
      'warning filesystem_inodes /mnt/usb backup',
      'warning pool_unhealthy rpool',
      'warning memory_low',
      'warning load_high',
      'warning units_failed',
    ]);
  });

  it('a container is not blamed for the load of its host', () => {
    expect(brief(observedIn(golden('trixie-container'), true))).toEqual([]);
  });
});

describe('limits', () => {
  const space = (usedBytes: number, availableBytes: number, changes: Partial<ProbeFilesystem> = {}) =>
    brief({ ...nothing, filesystems: [filesystem({ usedBytes, availableBytes, ...changes })] });

  it('a file system is full by its share while little is left', () => {
    expect(space(89 * GB, 11 * GB)).toEqual([]);
    expect(space(91 * GB, 9 * GB)).toEqual(['warning filesystem_space /srv']);
    expect(space(98 * GB, 2 * GB)).toEqual(['error filesystem_space /srv']);
    expect(space(19_000 * GB, 1000 * GB)).toEqual([]);
    expect(space(100 * GB, 0, { type: 'iso9660' })).toEqual([]);
    expect(space(100 * GB, 0, { readOnly: true })).toEqual([]);
    expect(space(0, 0)).toEqual([]);
  });

  it('inodes, and a root that the kernel made read-only', () => {
    expect(space(1, 9 * GB, { inodesTotal: 100, inodesUsed: 95 })).toEqual([
      'warning filesystem_inodes /srv',
    ]);
    expect(space(1, 9 * GB, { mount: '/', readOnly: true })).toEqual(['error filesystem_read_only /']);
    expect(space(1, 9 * GB, { mount: '/', readOnly: true, type: 'squashfs' })).toEqual([]);
  });

  it('memory by what programs can still get', () => {
    const memory = (availableBytes: number | null) =>
      brief({ ...nothing, memory: { totalBytes: 100, availableBytes } });
    expect(memory(null)).toEqual([]);
    expect(memory(10)).toEqual([]);
    expect(memory(9)).toEqual(['warning memory_low']);
    expect(memory(3)).toEqual(['error memory_low']);
  });

  it('load by processor, over five minutes', () => {
    const load = (five: number, threads: number | null) =>
      brief({ ...nothing, load: [99, five, 0], threads });
    expect(load(7.9, 4)).toEqual([]);
    expect(load(8, 4)).toEqual(['warning load_high']);
    expect(load(16, 4)).toEqual(['error load_high']);
    expect(load(99, null)).toEqual([]);
  });

  it('the clock only beyond what the measurement can tell', () => {
    const probe = golden('bookworm-user');
    const clock = (skewMs: number, uncertaintyMs: number) =>
      brief({ ...nothing, probe: { ...probe, clock: { skewMs, uncertaintyMs } } });
    expect(clock(4_000, 10)).toEqual([]);
    expect(clock(-6_000, 10)).toEqual(['warning clock_skew']);
    expect(clock(6_000, 2_000)).toEqual([]);
    expect(clock(400_000, 10)).toEqual(['error clock_skew']);
  });
});

describe('warnings over time', () => {
  const full = { ...nothing, filesystems: [filesystem({ usedBytes: 95, availableBytes: 5 })] };
  const free = { ...nothing, filesystems: [filesystem({ usedBytes: 5, availableBytes: 95 })] };

  it('keep the day on which they began, and go when it was seen that they are over', () => {
    const first = settleWarnings([], full, '2026-01-01T00:00:00.000Z');
    expect(first.appeared).toHaveLength(1);
    const second = settleWarnings(first.warnings, full, '2026-01-02T00:00:00.000Z');
    expect(second).toMatchObject({ appeared: [], gone: [] });
    expect(second.warnings[0]?.since).toBe('2026-01-01T00:00:00.000Z');
    const third = settleWarnings(second.warnings, free, '2026-01-03T00:00:00.000Z');
    expect(third).toMatchObject({ warnings: [], appeared: [] });
    expect(third.gone).toHaveLength(1);
  });

  it('stay while nobody could look', () => {
    const server = golden('staged-server');
    const { warnings } = settleWarnings([], observedIn(server), '2026-01-01T00:00:00.000Z');
    // A refresh sees neither disks nor sensors nor the clock.
    const refreshed = settleWarnings(warnings, free, '2026-01-02T00:00:00.000Z');
    expect(refreshed.warnings.map(({ code }) => code)).toEqual(
      expect.arrayContaining(['smart_failing', 'smart_wear', 'raid_degraded', 'temperature_high']),
    );
    // A disk that sleeps, or was asked without root, has not become well.
    for (const smart of [null, { ...server.disks![0]!.smart!, state: 'standby' as const }]) {
      const asleep = { ...server, disks: server.disks!.map((disk) => ({ ...disk, smart })) };
      const codes = settleWarnings(warnings, observedIn(asleep), '2026-01-02T00:00:00.000Z').warnings;
      expect(codes.map(({ code }) => code)).toContain('smart_failing');
    }
    // One that was taken out is gone.
    const without = { ...server, disks: server.disks!.filter(({ name }) => name !== 'sda') };
    const left = settleWarnings(warnings, observedIn(without), '2026-01-02T00:00:00.000Z').warnings;
    expect(left.map(({ code }) => code)).not.toContain('smart_failing');
  });
});
