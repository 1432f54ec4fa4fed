import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { addHost, openCoreSession, openVault, runJob, type CoreSession } from '../support/core-session.ts';
import {
  createTestbed,
  removeTestbed,
  unavailableReason,
  type Testbed,
  type TestbedHost,
} from '../testbed/index.ts';

const reason = unavailableReason();
const bedName = 'reboot-hosts';

/** A kernel that is to be booted some day, of the flavour that runs: a machine of its own would ask for a reboot. */
async function newerKernel(host: TestbedHost): Promise<void> {
  const running = (await host.run('uname -r')).stdout.trim();
  await host.run(`touch "/boot/vmlinuz-999.${running}" && mkdir -p "/lib/modules/999.${running}"`);
}

/** Verified reboots of hosts that are not as most are: the newest Debian, and containers that share a kernel with their host. */
describe.skipIf(reason !== null)(`reboots of other hosts${reason ? ` (skipped: ${reason})` : ''}`, () => {
  let bed: Testbed;
  let session: CoreSession;
  beforeAll(async () => {
    const common = { packages: ['clean'] as 'clean'[], rebootPending: true, downtimeSeconds: 2 };
    bed = await createTestbed({
      name: bedName,
      hosts: [
        { name: 'trixie', suite: 'trixie', ...common },
        { name: 'trixie-systemd', suite: 'trixie', kind: 'systemd', ...common },
        { name: 'lxc', container: 'lxc', ...common },
        { name: 'lxcfs', sudo: 'none', packages: ['clean'] },
        { name: 'lxc-systemd', suite: 'trixie', kind: 'systemd', container: 'lxc', sudo: 'root', ...common },
      ],
    });
    session = await openCoreSession();
    await openVault(session);
  });
  afterAll(async () => {
    await session.close();
    await removeTestbed(bedName);
  });

  const machine = (id: string) => session.client['machines.get']({ id });

  async function rebootAndProve(host: TestbedHost, id: string) {
    const before = await host.bootId();
    const job = await runJob(session, 'reboot_verified', id);
    expect(job, JSON.stringify([job.error, session.logged])).toMatchObject({ status: 'ok', error: null });
    const run = await session.client['executions.get']({ id: job.executionId ?? '' });
    const after = await host.bootId();
    expect(after).not.toBe(before);
    expect(run.reboot).toMatchObject({ outcome: 'ok', beforeBootId: before, afterBootId: after });
    expect(run.reboot?.wentDownAt).not.toBeNull();
    expect(run.reboot?.lastDurationSeconds).toBeGreaterThan(0);
    return run;
  }

  it.each(['trixie', 'trixie-systemd'])(
    '%s: a new boot is proved, and nothing asks for one any more',
    async (name) => {
      const host = bed.host(name);
      // As Debian delivers it: an address whose logins failed is shut out for a while (OpenSSH 9.8 and later).
      await host.run("sed -i '/PerSourcePenalties/d' /etc/ssh/sshd_config.d/10-testbed.conf");
      await host.restartSshd();
      const id = await addHost(session, host);
      expect(await runJob(session, 'apt_update_analyze', id)).toMatchObject({ status: 'ok', error: null });
      expect((await machine(id)).state).toMatchObject({
        rebootRequired: true,
        rebootEvidence: { reasons: ['marker_file'], packages: ['linux-image-amd64'] },
      });
      await rebootAndProve(host, id);
      const { state } = await machine(id);
      expect(state.rebootRequired).not.toBe(true);
      expect(state.rebootEvidence?.reasons).toEqual([]);
    },
  );

  it.each(['lxc', 'lxc-systemd'])(
    '%s: a container is judged by the marker alone, whoever looks, and its reboot is proved by its own boot id',
    async (name) => {
      const host = bed.host(name);
      const id = await addHost(session, host);
      await newerKernel(host);
      expect(await runJob(session, 'apt_update_analyze', id)).toMatchObject({ status: 'ok', error: null });
      const judged = { runningKernel: null, newestKernel: null };
      expect(await machine(id)).toMatchObject({
        machineKind: 'lxc',
        state: { rebootRequired: true, rebootEvidence: { reasons: ['marker_file'], ...judged } },
      });
      await rebootAndProve(host, id);
      // This look was the login user's, who may not read what process 1 was started with.
      expect(await machine(id)).toMatchObject({
        machineKind: 'lxc',
        state: { rebootRequired: false, rebootEvidence: { reasons: [], ...judged } },
      });
      await runJob(session, 'apt_update_analyze', id);
      expect(await machine(id)).toMatchObject({ machineKind: 'lxc', state: { rebootRequired: false } });
    },
  );

  it('lxcfs: whoever may become root nowhere sees it by what lies over /proc', async () => {
    const host = bed.host('lxcfs');
    // As lxcfs does it for the containers of Proxmox VE.
    const mounted = await host.run(
      'mount -t tmpfs lxcfs /mnt && cat /proc/uptime >/mnt/uptime && mount --bind /mnt/uptime /proc/uptime',
    );
    expect(mounted.code, mounted.stderr).toBe(0);
    await newerKernel(host);
    const id = await addHost(session, host);
    await runJob(session, 'apt_update_analyze', id);
    expect(await machine(id)).toMatchObject({
      machineKind: 'lxc',
      state: { rebootRequired: false, rebootEvidence: { reasons: [], runningKernel: null } },
    });
  });
});
