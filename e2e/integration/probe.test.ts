import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { HardwareDetail } from '../../src/shared/contract/hardware.ts';
import { addHost, openCoreSession, openVault, runJob, type CoreSession } from '../support/core-session.ts';
import { stageHardware, staged, unstageHardware } from '../support/staged-hardware.ts';
import { createTestbed, removeTestbed, unavailableReason, type Testbed } from '../testbed/index.ts';

const reason = unavailableReason();
const bedName = 'd-probe-it';

describe.skipIf(reason !== null)(`probing real hosts${reason ? ` (skipped: ${reason})` : ''}`, () => {
  let bed: Testbed;
  let session: CoreSession;
  const ids = new Map<string, string>();
  const id = (name: string): string => ids.get(name) ?? '';
  beforeAll(async () => {
    bed = await createTestbed({
      name: bedName,
      hosts: [
        { name: 'user', sudo: 'none', shell: 'fish', noisy: true, packages: ['clean'] },
        { name: 'rooted', sudo: 'root', suite: 'trixie', packages: ['clean'] },
        { name: 'bureau', shell: 'tcsh', noisy: true, locale: 'fr_FR.UTF-8', packages: ['clean'] },
        {
          name: 'unit',
          kind: 'systemd',
          suite: 'trixie',
          sudo: 'none',
          locale: 'fr_FR.UTF-8',
          packages: ['clean'],
        },
        { name: 'sudoless', sudo: 'missing', packages: ['clean'] },
      ],
    });
    session = await openCoreSession();
    await openVault(session);
    for (const host of bed.hosts) ids.set(host.name, await addHost(session, host));
  });
  afterAll(async () => {
    await session.close();
    await removeTestbed(bedName);
  });

  async function probed(name: string): Promise<HardwareDetail> {
    const job = await runJob(session, 'machine_probe', id(name));
    expect(job, JSON.stringify(session.logged)).toMatchObject({ status: 'ok', error: null });
    expect(job.snapshotId).not.toBeNull();
    return session.client['hardware.get']({ machineId: id(name) });
  }
  const said = async (name: string, command: string): Promise<string> =>
    (await bed.host(name).run(command)).stdout.trim();

  it.each(['user', 'rooted', 'bureau', 'unit', 'sudoless'])(
    '%s: what is shown is what the host itself says',
    async (name) => {
      const { probe, metrics, host, history } = await probed(name);
      if (!probe) throw new Error('There is no probe');
      expect(probe.asRoot).toBe(name === 'rooted');

      // free(1), df(1), nproc(1), ip(8), uname(1) and stat -f on the host, not by way of the application.
      const [total = 0] = (await said(name, "free -b | awk '/^Mem:/ { print $2 }'")).split('\n').map(Number);
      expect(probe.memory?.totalBytes).toBe(total);
      const available = Number(await said(name, "free -b | awk '/^Mem:/ { print $7 }'"));
      expect(Math.abs((probe.memory?.availableBytes ?? 0) - available)).toBeLessThan(total / 4);
      const [size, used] = (await said(name, 'df --output=size,used -B1 / | tail -n 1'))
        .split(/\s+/)
        .map(Number);
      const root = probe.filesystems?.find(({ mount }) => mount === '/');
      expect(root?.sizeBytes).toBe(size);
      expect(Math.abs((root?.usedBytes ?? 0) - (used ?? 0))).toBeLessThan(16 * 1024 * 1024);
      expect(root?.inodesTotal).toBe(Number(await said(name, 'stat -f -c %c /')));
      expect(root?.type).toBe(await said(name, 'findmnt -n -o FSTYPE /'));
      expect(probe.processor.threads).toBe(Number(await said(name, 'nproc')));
      expect(probe.processor.model).toBe(
        await said(name, "sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -n 1"),
      );
      const card = probe.interfaces?.find((one) => one.name === 'eth0');
      expect(card?.addresses.map(({ address, prefix }) => `${address}/${prefix}`)).toContain(
        `${bed.host(name).address}/24`,
      );
      expect(card?.mac).toBe(await said(name, 'cat /sys/class/net/eth0/address'));
      expect(host?.kernel).toBe(await said(name, 'uname -r'));
      const bootedAt = Number(await said(name, "awk '/^btime/ { print $2 }' /proc/stat"));
      expect(Math.abs(Date.parse(probe.bootedAt ?? '') / 1000 - bootedAt)).toBeLessThan(10);

      // The hosts share our clock.
      expect(Math.abs(probe.clock?.skewMs ?? 1e9)).toBeLessThanOrEqual(
        (probe.clock?.uncertaintyMs ?? 0) + 20,
      );
      expect(probe.clock?.uncertaintyMs).toBeGreaterThan(0);
      expect(metrics?.threads).toBe(probe.processor.threads);
      expect(history).toHaveLength(1);
      expect(history[0]?.rootUsedPercent).toBeCloseTo(metrics?.rootUsedPercent ?? -1);
      const { state, status } = await session.client['machines.get']({ id: id(name) });
      expect(status).toBe('online');
      expect(state.memoryUsedPercent).toBe(metrics?.memoryUsedPercent);
      // A probe is no analysis: what packages wait stays unknown.
      expect(state).toMatchObject({ aptStatus: null, updatesCount: null, lastError: null });
    },
  );

  it('failed units are named, and the warning goes when they are mended', async () => {
    const host = bed.host('unit');
    await host.writeFile(
      '/run/systemd/system/hp-broken.service',
      '[Unit]\nDescription=Échec voulu\n[Service]\nType=oneshot\nExecStart=/bin/false\n',
    );
    await host.run('systemctl daemon-reload; systemctl start hp-broken.service');
    const failing = (await said('unit', 'systemctl --failed --plain --no-legend')).split('\n');
    const before = await probed('unit');
    expect(before.probe?.failedUnits).toEqual(failing.map((line) => line.split(' ')[0]));
    expect(before.warnings.find(({ code }) => code === 'units_failed')).toMatchObject({
      value: failing.length,
      names: before.probe?.failedUnits,
    });
    const { state } = await session.client['machines.get']({ id: id('unit') });
    expect(state.hardwareWarnings?.map(({ code }) => code)).toContain('units_failed');
    await host.run('systemctl reset-failed');
    expect((await probed('unit')).warnings.map(({ code }) => code)).not.toContain('units_failed');
    const { events } = await session.client['timeline.list']({ machineId: id('unit'), limit: 100 });
    const told = events.filter(({ eventType }) => eventType.startsWith('hardware.'));
    expect(
      told.map(({ eventType, data }) => [eventType, (data['warning'] as { code: string }).code]),
    ).toEqual(
      expect.arrayContaining([
        ['hardware.warning', 'units_failed'],
        ['hardware.recovered', 'units_failed'],
      ]),
    );
  });

  it('a refresh adds to the same history and keeps what the probe found', async () => {
    expect((await runJob(session, 'apt_update_analyze', id('rooted'))).status).toBe('ok');
    const after = await session.client['hardware.get']({ machineId: id('rooted') });
    expect(after.metrics?.collectedAt).not.toBe(after.probedAt);
    expect(after.history.at(-1)?.at).toBe(after.metrics?.collectedAt);
    expect(after.probe).not.toBeNull();
  });

  it('watching tells each new look, and nothing for the progress of a job', async () => {
    const abort = new AbortController();
    const seen: (string | undefined)[] = [];
    const watching = (async () => {
      for await (const detail of session.client['hardware.watch'](
        { machineId: id('user') },
        { signal: abort.signal },
      )) {
        seen.push(detail.metrics?.collectedAt);
        if (seen.length === 1) void runJob(session, 'machine_probe', id('user'));
        if (seen.length === 2) return;
      }
    })();
    await watching;
    abort.abort();
    expect(seen[1]).not.toBe(seen[0]);
  });

  it('disks, sensors and SMART: with root all, without it all but what only root may read', async () => {
    const host = bed.host('bureau');
    await stageHardware(host);
    try {
      const { probe, warnings } = await probed('bureau');
      expect(probe?.asRoot).toBe(false);
      expect(probe?.gaps.map(({ part }) => part)).toEqual(['units']);
      expect(probe?.firmware).toMatchObject({ product: staged.product, serial: staged.serial, mode: 'uefi' });
      const disk = (name: string) => probe?.disks?.find((one) => one.name === name);
      expect(disk('sda')).toMatchObject({
        sizeBytes: staged.sdaBytes,
        transport: 'sata',
        rotational: true,
        smart: { state: 'failing', temperatureC: 39, reallocatedSectors: 1208 },
      });
      expect(disk('nvme0n1')).toMatchObject({
        transport: 'nvme',
        smart: { state: 'passed', wearPercent: 93 },
      });
      expect(disk('md0')).toMatchObject({ kind: 'raid', raidLevel: 'raid1', raidMissing: 1 });
      expect(probe?.temperatures?.map(({ sensor, celsius }) => `${sensor} ${celsius}`)).toEqual([
        'coretemp 86',
        'nvme 41.85',
      ]);
      expect(warnings.map(({ code }) => code)).toEqual(
        expect.arrayContaining([
          'smart_failing',
          'raid_degraded',
          'smart_sectors',
          'smart_wear',
          'temperature_high',
        ]),
      );
    } finally {
      await unstageHardware(host);
    }

    const plain = bed.host('user');
    await stageHardware(plain);
    try {
      const { probe, warnings } = await probed('user');
      expect(probe?.gaps).toEqual(
        expect.arrayContaining([
          { part: 'smart', reason: 'needs_root' },
          { part: 'serials', reason: 'needs_root' },
        ]),
      );
      expect(probe?.firmware).toMatchObject({ product: staged.product, serial: null });
      expect(probe?.disks?.every(({ smart }) => smart === null)).toBe(true);
      expect(warnings.map(({ code }) => code)).not.toContain('smart_failing');
      expect(warnings.map(({ code }) => code)).toContain('temperature_high');
    } finally {
      await unstageHardware(plain);
    }
  });

  it('root that is refused is a warning, and the rest is read all the same', async () => {
    const host = bed.host('sudoless');
    await stageHardware(host);
    try {
      const job = await runJob(session, 'machine_probe', id('sudoless'));
      expect(job).toMatchObject({ status: 'warning', error: { kind: 'sudo_missing' } });
      const { probe } = await session.client['hardware.get']({ machineId: id('sudoless') });
      expect(probe?.gaps).toContainEqual({ part: 'smart', reason: 'root_refused' });
      expect(probe?.disks?.length).toBeGreaterThan(3);
    } finally {
      await unstageHardware(host);
    }
  });

  it('a host that answers with something else is an error, and what was known stays', async () => {
    const before = await session.client['hardware.get']({ machineId: id('rooted') });
    const host = bed.host('rooted');
    // An awk that gives up in the middle of everything, as on a machine that runs out of memory.
    await host.run(
      "mv /bin/grep /bin/grep.away; printf '#!/bin/sh\\nkill -9 $PPID\\n' > /bin/grep; chmod 755 /bin/grep",
    );
    try {
      const job = await runJob(session, 'machine_probe', id('rooted'));
      expect(job).toMatchObject({ status: 'error', error: { kind: 'output_unparseable' } });
      expect(await session.client['hardware.get']({ machineId: id('rooted') })).toEqual(before);
    } finally {
      await host.run('mv -f /bin/grep.away /bin/grep');
    }
  });

  it('everything is the same after rebuilding from the archive', async () => {
    const all = () =>
      Promise.all([...ids.values()].map((one) => session.client['hardware.get']({ machineId: one })));
    const before = await all();
    await session.client['maintenance.rebuild']({});
    expect(await all()).toEqual(before);
  });
});
