import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ExecutionDetail, Job } from '../../src/shared/contract/models.ts';
import type { StartableAction } from '../../src/shared/domain/unions.ts';
import {
  addHost,
  jobEnded,
  openCoreSession,
  openVault,
  runJob,
  type CoreSession,
} from '../support/core-session.ts';
import {
  createTestbed,
  removeTestbed,
  unavailableReason,
  until,
  type Testbed,
  type TestbedHost,
} from '../testbed/index.ts';

const reason = unavailableReason();
const bedName = 'reboot';

/** A reboot command of the host's own; the real one stays /usr/sbin/shutdown. */
async function rebootCommand(host: TestbedHost, lines: string): Promise<void> {
  await host.writeFile('/usr/local/sbin/shutdown', `#!/bin/sh\n${lines}\n`, '755');
}

/** A background job on the host that outlives the session which starts it. */
const detached = (commands: string) => `setsid sh -c '${commands}' </dev/null >/dev/null 2>&1 &`;

describe.skipIf(reason !== null)(`reboots${reason ? ` (skipped: ${reason})` : ''}`, () => {
  let bed: Testbed;
  let session: CoreSession;
  beforeAll(async () => {
    bed = await createTestbed({
      name: bedName,
      hosts: [
        { name: 'well', downtimeSeconds: 2, packages: ['clean'], rebootPending: true },
        { name: 'guarded', packages: ['clean'] },
        { name: 'deaf', packages: ['clean'] },
        { name: 'gone', packages: ['clean'], sudo: 'root' },
        { name: 'same', packages: ['clean'], sudo: 'nopasswd' },
        { name: 'barred', packages: ['clean'] },
        { name: 'locked', packages: ['clean'] },
        { name: 'fired', packages: ['clean'], downtimeSeconds: 3 },
        { name: 'given-up', packages: ['clean'] },
        { name: 'new-keys', packages: ['clean'] },
        { name: 'restarted', packages: ['clean'], downtimeSeconds: 6 },
        { name: 'whole', kind: 'systemd', packages: ['clean'], rebootPending: true },
      ],
    });
    session = await openCoreSession({ concurrency: 16 });
    await openVault(session);
  });
  afterAll(async () => {
    await session.close();
    await removeTestbed(bedName);
  });

  async function start(
    id: string,
    action: StartableAction,
    options: { waitSeconds?: number } = {},
  ): Promise<string> {
    const { jobs } = await session.client['jobs.start']({ action, machineIds: [id], options });
    return jobs[0]?.jobId ?? '';
  }

  async function rebooted(
    name: string,
    action: StartableAction,
    options: { waitSeconds?: number } = {},
  ): Promise<{ job: Job; run: ExecutionDetail; id: string }> {
    const id = await addHost(session, bed.host(name));
    const job = await jobEnded(session, await start(id, action, options));
    const run = await session.client['executions.get']({ id: job.executionId ?? '' });
    return { job, run, id };
  }

  async function runOf(jobId: string): Promise<ExecutionDetail | null> {
    const { jobs } = await session.client['jobs.list']({ limit: 500 });
    const executionId = jobs.find((job) => job.id === jobId)?.executionId;
    return executionId ? session.client['executions.get']({ id: executionId }) : null;
  }

  it('ok: a new boot is proved, the evidence read again, the duration learned', async () => {
    const host = bed.host('well');
    const before = await host.bootId();
    const id = await addHost(session, host);
    await runJob(session, 'apt_update_analyze', id);
    expect((await session.client['machines.get']({ id })).state.rebootRequired).toBe(true);
    const job = await jobEnded(session, await start(id, 'reboot_verified'));
    expect(job, JSON.stringify(session.logged)).toMatchObject({ status: 'ok', error: null });
    const run = await session.client['executions.get']({ id: job.executionId ?? '' });
    expect(run.reboot).toMatchObject({
      outcome: 'ok',
      beforeBootId: before,
      afterBootId: await host.bootId(),
      waitLimitSeconds: 600,
      expectedSeconds: null,
      nextRecommendedWaitSeconds: 60,
    });
    const { requestedAt, wentDownAt, cameBackAt, lastDurationSeconds } = run.reboot ?? {};
    expect(String(requestedAt) < String(wentDownAt) && String(wentDownAt) < String(cameBackAt)).toBe(true);
    expect(lastDurationSeconds).toBeGreaterThan(1);
    expect(run.steps.map(({ status }) => status)).not.toContain('error');
    const report = await session.client['reports.get']({ id: run.reportId ?? '' });
    expect(report.markdown).toContain(`${before.replaceAll('-', '\\-')}`);
    const { state } = await session.client['machines.get']({ id });
    expect(state.rebootRequired).not.toBe(true);
    const { events } = await session.client['timeline.list']({ machineId: id, limit: 50 });
    expect(events.map((event) => event.eventType)).toContain('reboot.finished');
  });

  it('reboot_command_failed: the command speaks for itself and the machine stays', async () => {
    await rebootCommand(
      bed.host('guarded'),
      'echo "W: aborting reboot due to 10-veto exiting with code 1" >&2; exit 3',
    );
    const { job, run } = await rebooted('guarded', 'reboot_verified');
    expect(job).toMatchObject({ status: 'error', error: { kind: 'reboot_command_failed' } });
    expect(job.error?.message).toContain('10-veto');
    expect(run).toMatchObject({
      exitCode: 3,
      reboot: { outcome: 'reboot_command_failed', wentDownAt: null },
    });
  });

  it('ssh_never_went_down: the command says yes and does nothing', async () => {
    await rebootCommand(bed.host('deaf'), 'exit 0');
    const { job, run } = await rebooted('deaf', 'reboot_verified', { waitSeconds: 5 });
    expect(job.error?.kind).toBe('reboot_ssh_never_went_down');
    expect(run.reboot).toMatchObject({ outcome: 'ssh_never_went_down', wentDownAt: null });
  });

  it('machine_did_not_return: it goes down and stays away', async () => {
    await rebootCommand(bed.host('gone'), 'exec /usr/sbin/poweroff');
    const { job, run, id } = await rebooted('gone', 'reboot_verified', { waitSeconds: 8 });
    expect(job.error?.kind).toBe('reboot_machine_did_not_return');
    expect(run.reboot).toMatchObject({
      outcome: 'machine_did_not_return',
      afterBootId: null,
      cameBackAt: null,
    });
    expect(run.reboot?.wentDownAt).not.toBeNull();
    expect((await session.client['machines.get']({ id })).state.runningJobId).toBeNull();
  });

  it('boot_id_unchanged: only sshd was away', async () => {
    const host = bed.host('same');
    await rebootCommand(
      host,
      detached(
        'mv /usr/sbin/sshd /usr/sbin/sshd.away; sleep 0.5; killall -9 sshd || pkill -9 sshd; sleep 5; mv /usr/sbin/sshd.away /usr/sbin/sshd',
      ),
    );
    const { job, run } = await rebooted('same', 'reboot_verified', { waitSeconds: 24 });
    expect(job.error?.kind).toBe('reboot_boot_id_unchanged');
    expect(run.reboot).toMatchObject({ outcome: 'boot_id_unchanged', afterBootId: await host.bootId() });
    expect(run.reboot?.wentDownAt).not.toBeNull();
  });

  it('timeout: it answers and lets nobody in', async () => {
    await rebootCommand(bed.host('barred'), 'echo "System is booting up." >/etc/nologin');
    const { job, run } = await rebooted('barred', 'reboot_verified', { waitSeconds: 10 });
    expect(job.error?.kind).toBe('reboot_timeout');
    expect(run.reboot).toMatchObject({ outcome: 'timeout', afterBootId: null });
  });

  it('reboot: says that SSH went away, and no more', async () => {
    const { job, run } = await rebooted('fired', 'reboot');
    expect(job).toMatchObject({ status: 'ok', error: null });
    expect(run.reboot).toMatchObject({ outcome: 'ok', afterBootId: null, cameBackAt: null });
    expect(run.reboot?.wentDownAt).not.toBeNull();
    await bed.host('fired').ready(run.reboot?.beforeBootId ?? '');
  });

  it('a held lock refuses it, with the holder', async () => {
    const host = bed.host('locked');
    const before = await host.bootId();
    await host.run(detached('exec flock /var/lib/dpkg/lock-frontend sleep 30'));
    await until(
      'the lock to be held',
      async () => ((await host.run('! flock -n /var/lib/dpkg/lock-frontend true')).code === 0 ? true : null),
      5_000,
    );
    const { job, run } = await rebooted('locked', 'reboot_verified');
    expect(job).toMatchObject({ status: 'error', error: { kind: 'apt_lock_busy' } });
    expect(job.error?.data['holder']).toMatch(/^(flock|sleep) \(\d+\)$/);
    expect(run.reboot).toMatchObject({ outcome: null, requestedAt: null });
    await host.run('pkill -x sleep; pkill -x flock');

    const alive = '0193b1c2-aaaa-7bbb-8ccc-0123456789ab';
    await host.run(`mkdir -p /var/lib/homeport/runs/${alive}`);
    await host.run(
      detached(
        `printf "{\\"boot_id\\":\\"${before}\\",\\"pid\\":%s,\\"how\\":\\"setsid\\"}\\n" $$ >/var/lib/homeport/runs/${alive}/status.json; exec sleep 300`,
      ),
    );
    await until(
      'the run to be there',
      async () =>
        (await host.run(`grep -c boot_id /var/lib/homeport/runs/${alive}/status.json`)).code === 0
          ? true
          : null,
      5_000,
    );
    const { rows } = await session.client['fleet.snapshot']({});
    const id = rows.find((row) => row.name === 'locked')?.id ?? '';
    const busy = await jobEnded(session, await start(id, 'reboot'));
    expect(busy.error).toMatchObject({ kind: 'apt_lock_busy', data: { executionId: alive } });
    expect(await host.bootId()).toBe(before);
  });

  it('cancel while waiting stops the waiting', async () => {
    await rebootCommand(bed.host('given-up'), 'exec /usr/sbin/poweroff');
    const id = await addHost(session, bed.host('given-up'));
    const jobId = await start(id, 'reboot_verified');
    await until(
      'the machine to be down',
      async () => (await runOf(jobId))?.reboot?.wentDownAt ?? null,
      30_000,
    );
    expect(await session.client['jobs.cancel']({ id: jobId })).toEqual({ outcome: 'requested' });
    const job = await jobEnded(session, jobId);
    expect(job.status).toBe('cancelled');
    const run = await runOf(jobId);
    expect(run).toMatchObject({ status: 'cancelled', error: { kind: 'cancelled' } });
    expect(run?.error?.message).toContain('may still come back');
  });

  it('another host key ends the wait at once', async () => {
    await rebootCommand(
      bed.host('new-keys'),
      'rm -f /etc/ssh/ssh_host_*; ssh-keygen -A >/dev/null; exec /usr/sbin/shutdown -r now',
    );
    const { job } = await rebooted('new-keys', 'reboot_verified');
    expect(job.error?.kind).toBe('ssh_host_key_changed');
  });

  it.each([
    {
      name: 'well',
      expected: 'hp-old',
      start: 'env LD_PRELOAD=/usr/lib/libhp-old.so /usr/local/bin/hp-old 600',
    },
    {
      name: 'whole',
      expected: 'hp-old.service',
      start:
        'systemd-run --quiet --unit=hp-old -E LD_PRELOAD=/usr/lib/libhp-old.so /usr/local/bin/hp-old 600',
    },
  ])(
    '$name: a service that runs with a replaced library is named',
    async ({ name, expected, start: command }) => {
      const host = bed.host(name);
      const { rows } = await session.client['fleet.snapshot']({});
      const id = rows.find((row) => row.name === name)?.id ?? (await addHost(session, host));
      await host.run(
        'cp /usr/bin/sleep /usr/local/bin/hp-old; cp /lib/x86_64-linux-gnu/libz.so.1 /usr/lib/libhp-old.so',
      );
      await host.run(name === 'whole' ? command : detached(command));
      await until(
        'the library to be mapped',
        async () => ((await host.run('grep -l libhp-old /proc/[0-9]*/maps')).stdout === '' ? null : true),
        10_000,
      );
      await host.run('rm /usr/lib/libhp-old.so');
      await runJob(session, 'apt_update_analyze', id);
      const { state } = await session.client['machines.get']({ id });
      expect(state.rebootEvidence?.services).toEqual([expected]);
      expect(state.rebootEvidence?.libraries).toEqual(['/usr/lib/libhp-old.so']);
      await host.run('pkill -x hp-old');
      await runJob(session, 'apt_update_analyze', id);
      expect((await session.client['machines.get']({ id })).state.rebootEvidence?.services).toEqual([]);
    },
  );

  it('systemd: an inhibitor refuses it, and then a real reboot clears the need', async () => {
    const host = bed.host('whole');
    const before = await host.bootId();
    const { rows } = await session.client['fleet.snapshot']({});
    const id = rows.find((row) => row.name === 'whole')?.id ?? (await addHost(session, host));
    await runJob(session, 'apt_update_analyze', id);
    expect((await session.client['machines.get']({ id })).state.rebootRequired).toBe(true);
    await host.run(detached('exec systemd-inhibit --what=shutdown --mode=block --why=backup sleep 300'));
    await until(
      'the inhibitor to be there',
      async () => ((await host.run('systemd-inhibit --list')).stdout.includes('backup') ? true : null),
      10_000,
    );
    const refused = await jobEnded(session, await start(id, 'reboot_verified'));
    expect(refused.error?.kind).toBe('reboot_command_failed');
    expect(refused.error?.message).toContain('backup');
    expect(await host.bootId()).toBe(before);
    await host.run('pkill -f why=backup');
    const job = await jobEnded(session, await start(id, 'reboot_verified'));
    expect(job, JSON.stringify(session.logged)).toMatchObject({ status: 'ok', error: null });
    const run = await session.client['executions.get']({ id: job.executionId ?? '' });
    expect(run.reboot).toMatchObject({ outcome: 'ok', beforeBootId: before });
    expect((await session.client['machines.get']({ id })).state.rebootRequired).not.toBe(true);
  });

  it('the application is started again in the middle of the wait', async () => {
    const host = bed.host('restarted');
    const id = await addHost(session, host);
    const jobId = await start(id, 'reboot_verified');
    await until(
      'the machine to be down',
      async () => (await runOf(jobId))?.reboot?.wentDownAt ?? null,
      30_000,
    );
    await session.restart();
    expect((await runOf(jobId))?.status).toBe('running');
    await openVault(session);
    expect(await jobEnded(session, jobId)).toMatchObject({ status: 'ok', error: null });
    const run = await runOf(jobId);
    expect(run?.reboot).toMatchObject({
      outcome: 'ok',
      afterBootId: await host.bootId(),
      lastDurationSeconds: null,
    });
  });
});
