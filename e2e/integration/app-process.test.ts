import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ExecutionDetail } from '../../src/shared/contract/models.ts';
import { startApp, type AppProcess } from '../support/app-process.ts';
import { addHost, jobEnded, openVault, readLog, runJob } from '../support/core-session.ts';
import { installedVersion } from '../support/host-truth.ts';
import { keepOutput, keptOutput, sha256 } from '../support/kept-output.ts';
import {
  createTestbed,
  removeTestbed,
  unavailableReason,
  until,
  type Testbed,
  type TestbedHost,
} from '../testbed/index.ts';

const gateway = resolve(import.meta.dirname, '../../out/main/gateway.js');
const reason = unavailableReason() ?? (existsSync(gateway) ? null : 'needs a build (npm run build)');
const bedName = 'app-process';
const reboots = '/var/log/reboots';

/** Waits as long as the given file is there, and notes its script's processes, up to the login, in /run/held. */
const holdWhile = (file: string) => `if [ -e ${file} ]; then
  p=$$
  while [ "$p" -gt 1 ]; do
    read -r name <"/proc/$p/comm"
    case $name in sshd*) break ;; esac
    echo "$p"
    p=$(sed -n 's/^PPid:[^0-9]*//p' "/proc/$p/status")
  done >/run/held.new
  mv /run/held.new /run/held
  while [ -e ${file} ]; do sleep 0.1; done
fi`;

/** Each reboot is counted, and none happens while the file `/run/hold-reboot` is there. */
const countedReboot = `#!/bin/sh
${holdWhile('/run/hold-reboot')}
cat /proc/sys/kernel/random/boot_id >>${reboots}
exec /usr/sbin/shutdown "$@"
`;

/** The check before a reboot asks awk for the holders of locks; it waits while the file `/run/hold-check` is there. */
const heldCheck = `#!/bin/sh
${holdWhile('/run/hold-check')}
exec /usr/bin/awk "$@"
`;

/** The built application as a process of its own, stopped and killed as no test within one process can do it. */
describe.skipIf(reason !== null)(`the process${reason ? ` (skipped: ${reason})` : ''}`, () => {
  let bed: Testbed;
  let app: AppProcess;
  const dataDir = mkdtempSync(join(tmpdir(), 'homeport-process-'));
  beforeAll(async () => {
    const slow = { packages: ['plain', 'slow'] as ('plain' | 'slow')[], slowSeconds: 20 };
    bed = await createTestbed({
      name: bedName,
      hosts: [
        { name: 'frozen', ...slow },
        { name: 'asleep', kind: 'systemd', ...slow },
        { name: 'down', packages: ['clean'], downtimeSeconds: 12 },
        { name: 'up-again', packages: ['clean'], downtimeSeconds: 1 },
        { name: 'checked', packages: ['clean'] },
        { name: 'unsent', packages: ['clean'] },
        { name: 'sent', packages: ['clean'] },
      ],
    });
    app = await startApp(dataDir);
    await openVault(app);
  });
  afterAll(async () => {
    await app.close();
    await removeTestbed(bedName);
    rmSync(dataDir, { recursive: true, force: true });
  });

  async function start(id: string, action: 'apt_full_upgrade' | 'reboot_verified', waitSeconds?: number) {
    const options = waitSeconds === undefined ? {} : { waitSeconds };
    const { jobs } = await app.client['jobs.start']({ action, machineIds: [id], options });
    return jobs[0]?.jobId ?? '';
  }
  async function runOf(machineId: string): Promise<ExecutionDetail> {
    const { executions } = await app.client['executions.list']({ machineId });
    return app.client['executions.get']({ id: executions[0]?.id ?? '' });
  }
  const file = (host: TestbedHost, path: string) => async () =>
    (await host.run(`test -s ${path}`)).code === 0 ? true : null;

  // For how long the process is stopped matters only by what has happened meanwhile: the run has ended, its host has given
  // up the session (after 4 s here, ClientAliveInterval × ClientAliveCountMax; minutes elsewhere), and both of our own limits
  // are over (12 s without a word from the follow script, 15 s of unanswered keep-alives). More minutes add nothing to it.
  it.each([
    { name: 'frozen', isNetworkGone: false },
    { name: 'asleep', isNetworkGone: true },
  ])(
    '$name: stopped in the middle of an upgrade until that has long ended, it has all of it within 10 s',
    async ({ name, isNetworkGone }) => {
      const host = bed.host(name);
      await host.writeFile(
        '/etc/ssh/sshd_config.d/00-alive.conf',
        'ClientAliveInterval 2\nClientAliveCountMax 2\n',
      );
      await host.restartSshd();
      const id = await addHost(app, host);
      expect(await runJob(app, 'apt_update_analyze', id)).toMatchObject({ status: 'ok' });
      const jobId = await start(id, 'apt_full_upgrade');
      await keepOutput(host);
      await until(
        'dpkg to be at work',
        async () =>
          (await host.run('grep -q "hp-slow: step 2" /var/lib/kept-output')).code === 0 ? true : null,
        30_000,
      );
      const stoppedAt = Date.now();
      app.sleep();
      try {
        if (isNetworkGone) await host.pauseNetwork();
        await until(
          'the run to end on the host',
          async () =>
            (await host.run('cat /var/lib/homeport/runs/*/exit')).stdout.trim() === '0' ? true : null,
          60_000,
        );
        await until(
          'the host to give up the session',
          async () =>
            (await host.run("ss -Htn state established '( sport = :22 )'")).stdout.trim() === ''
              ? true
              : null,
          20_000,
        );
        expect(Date.now() - stoppedAt).toBeGreaterThan(16_000);
        expect(await installedVersion(host, 'hp-slow')).toBe('1.1');
        expect((await host.run('dpkg --audit')).stdout).toBe('');
        expect(readFileSync(`/proc/${app.pid}/stat`, 'utf8')).toMatch(/\) T /);
      } finally {
        if (isNetworkGone) await host.resumeNetwork();
        app.wake();
      }
      const wokenAt = Date.now();
      const run = await until(
        'the run to have its result',
        async () => {
          const now = await runOf(id);
          return now.status === 'running' ? null : now;
        },
        30_000,
      );
      expect(Date.now() - wokenAt).toBeLessThan(10_000);
      const bytes = await keptOutput(host);
      expect(run).toMatchObject({
        status: 'ok',
        verdict: 'exact',
        exitCode: 0,
        logVerified: true,
        logBytes: bytes.byteLength,
        logSha256: sha256(bytes),
      });
      expect(sha256(await readLog(app, run.id))).toBe(sha256(bytes));
      expect(await jobEnded(app, jobId)).toMatchObject({ status: 'ok', error: null });
      expect((await app.client['machines.get']({ id })).state).toMatchObject({
        updatesCount: 0,
        runningJobId: null,
        lastError: null,
      });
    },
  );

  /** A host that counts its reboots, ready to be rebooted. */
  async function rebootable(name: string) {
    const host = bed.host(name);
    await host.writeFile('/usr/local/sbin/shutdown', countedReboot, '755');
    await host.writeFile('/usr/local/sbin/awk', heldCheck, '755');
    const id = await addHost(app, host);
    return { host, id, before: await host.bootId() };
  }
  const timesRebooted = async (host: TestbedHost) =>
    Number((await host.run(`cat ${reboots} 2>/dev/null | wc -l`)).stdout);

  /** Kills the application, does what happens meanwhile, starts it again. The vault is locked then. */
  async function killed(meanwhile: () => Promise<void> = () => Promise.resolve()): Promise<void> {
    await app.kill9();
    await meanwhile();
    app = await startApp(dataDir);
  }

  async function expectRebootedOnce(host: TestbedHost, id: string, jobId: string, before: string) {
    const job = await jobEnded(app, jobId);
    expect(job, JSON.stringify(job.error)).toMatchObject({ status: 'ok', error: null });
    const after = await host.bootId();
    expect(after).not.toBe(before);
    expect((await runOf(id)).reboot).toMatchObject({
      outcome: 'ok',
      beforeBootId: before,
      afterBootId: after,
      // Nobody watched it: nothing is learned from it.
      lastDurationSeconds: null,
    });
    expect(await timesRebooted(host)).toBe(1);
    expect((await app.client['machines.get']({ id })).state).toMatchObject({ runningJobId: null });
  }

  it('killed while the machine is down and started again before it is back: the reboot is verified', async () => {
    const { host, id, before } = await rebootable('down');
    const jobId = await start(id, 'reboot_verified');
    await until(
      'the machine to be seen down',
      async () => (await runOf(id)).reboot?.wentDownAt ?? null,
      30_000,
    );
    await killed();
    expect(await host.running()).toBe(false);
    expect(await runOf(id)).toMatchObject({ status: 'running', reboot: { afterBootId: null } });
    await openVault(app);
    expect(await host.running()).toBe(false);
    await expectRebootedOnce(host, id, jobId, before);
  });

  it('killed while the machine is down and started again when it is back: the reboot is verified', async () => {
    const { host, id, before } = await rebootable('up-again');
    const jobId = await start(id, 'reboot_verified');
    await until(
      'the machine to be seen down',
      async () => (await runOf(id)).reboot?.wentDownAt ?? null,
      30_000,
    );
    await killed(() => host.ready(before));
    await openVault(app);
    await expectRebootedOnce(host, id, jobId, before);
  });

  it('killed during the check: nothing was sent, nothing will be, and it is told', async () => {
    const { host, id, before } = await rebootable('checked');
    await host.run('touch /run/hold-check');
    const jobId = await start(id, 'reboot_verified');
    await until('the check to be under way', file(host, '/run/held'), 20_000);
    await killed(async () => void (await host.run('rm /run/hold-check')));
    await openVault(app);
    const job = await jobEnded(app, jobId);
    expect(job).toMatchObject({ status: 'error', error: { kind: 'execution_interrupted' } });
    expect(await runOf(id)).toMatchObject({ status: 'error', reboot: { outcome: null, requestedAt: null } });
    expect(await timesRebooted(host)).toBe(0);
    expect(await host.bootId()).toBe(before);
    // It stands in nobody's way: asked for again, it reboots.
    await expectRebootedOnceMore(host, id, before);
  });

  async function expectRebootedOnceMore(host: TestbedHost, id: string, before: string) {
    expect(await jobEnded(app, await start(id, 'reboot_verified'))).toMatchObject({ status: 'ok' });
    expect((await runOf(id)).reboot).toMatchObject({ outcome: 'ok', beforeBootId: before });
    expect(await timesRebooted(host)).toBe(1);
  }

  it('killed before the command has reached the machine: it is not sent again, and the machine is found as it was', async () => {
    const { host, id, before } = await rebootable('unsent');
    await host.run('touch /run/hold-reboot');
    const jobId = await start(id, 'reboot_verified', 20);
    await until('the command to be on its way', file(host, '/run/held'), 20_000);
    await killed(async () => {
      // All of it ends on the host before the machine is told anything, as if it had never arrived.
      await host.run('kill -9 $(cat /run/held); rm /run/hold-reboot');
    });
    await openVault(app);
    const job = await jobEnded(app, jobId);
    expect(job).toMatchObject({ status: 'error', error: { kind: 'reboot_boot_id_unchanged' } });
    expect((await runOf(id)).reboot).toMatchObject({
      outcome: 'boot_id_unchanged',
      beforeBootId: before,
      afterBootId: before,
    });
    expect(await timesRebooted(host)).toBe(0);
    await expectRebootedOnceMore(host, id, before);
  });

  it('killed just after the command: it is not sent again, and its work is found', async () => {
    const { host, id, before } = await rebootable('sent');
    await host.run('touch /run/hold-reboot');
    const jobId = await start(id, 'reboot_verified');
    await until('the command to be under way', file(host, '/run/held'), 20_000);
    await killed();
    await openVault(app);
    // The machine is still up when it is looked at again, and goes down only then.
    await until(
      'the wait to go on',
      async () => (await runOf(id)).steps.find((step) => step.name === 'going_down' && step.detail) ?? null,
      20_000,
    );
    expect(await host.bootId()).toBe(before);
    await host.run('rm /run/hold-reboot');
    await expectRebootedOnce(host, id, jobId, before);
  });
});
