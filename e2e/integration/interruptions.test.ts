import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ExecutionDetail } from '../../src/shared/contract/models.ts';
import {
  addHost,
  jobEnded,
  openCoreSession,
  openVault,
  readLog,
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
const bedName = 'interruptions';
const slow = { packages: ['plain', 'slow'] as const, slowSeconds: 6 };

describe.skipIf(reason !== null)(`interrupted upgrades${reason ? ` (skipped: ${reason})` : ''}`, () => {
  let bed: Testbed;
  let session: CoreSession;
  beforeAll(async () => {
    bed = await createTestbed({
      name: bedName,
      hosts: [
        { name: 'restarted', ...slow, packages: [...slow.packages] },
        { name: 'unplugged', ...slow, packages: [...slow.packages] },
        { name: 'sessions', kind: 'systemd', ...slow, packages: [...slow.packages] },
        { name: 'nologin', ...slow, packages: [...slow.packages] },
        { name: 'power-cut', ...slow, packages: [...slow.packages] },
        { name: 'cancelled', packages: ['big', 'plain'] },
        { name: 'unpacking', ...slow, packages: [...slow.packages] },
        { name: 'replanned', packages: ['plain', 'plain2'] },
        { name: 'failing', packages: ['plain', 'fail'] },
      ],
    });
    session = await openCoreSession();
    await openVault(session);
  });
  afterAll(async () => {
    await session.close();
    await removeTestbed(bedName);
  });

  /** Adds and refreshes a host, starts its upgrade, and waits until dpkg configures the slow package. */
  async function startUpgrade(name: string, waitFor = /hp-slow: working|Setting up hp-slow/) {
    const host = bed.host(name);
    const id = await addHost(session, host);
    expect((await runJob(session, 'apt_update_analyze', id)).status).toBe('ok');
    const { jobs } = await session.client['jobs.start']({ action: 'apt_full_upgrade', machineIds: [id] });
    const jobId = jobs[0]?.jobId ?? '';
    const runId = await until(
      `the log of ${name} to say ${waitFor.source}`,
      () => logSays(id, waitFor),
      30_000,
    );
    return { host, id, jobId, runId };
  }

  async function logSays(machineId: string, pattern: RegExp): Promise<string | null> {
    const { executions } = await session.client['executions.list']({ machineId });
    const id = executions[0]?.id;
    if (!id) return null;
    const end = new AbortController();
    const chunks: Uint8Array[] = [];
    const { logBytes } = await session.client['executions.get']({ id });
    let bytes = 0;
    if (logBytes === 0) return null;
    for await (const chunk of session.client['executions.log']({ id }, { signal: end.signal })) {
      chunks.push(chunk.slice());
      bytes += chunk.byteLength;
      if (bytes >= logBytes) break;
    }
    return pattern.test(Buffer.concat(chunks).toString('utf8')) ? id : null;
  }

  /** The host's own output of a run, kept by a second name before the application removes it. */
  async function keepOutput(host: TestbedHost, runId: string): Promise<() => Promise<string>> {
    await host.run(`ln /var/lib/homeport/runs/${runId}/output /var/lib/kept-output`);
    return async () => (await host.run('sha256sum /var/lib/kept-output')).stdout.slice(0, 64);
  }

  async function expectWholeLog(run: ExecutionDetail, hostSha256: string): Promise<void> {
    const log = await readLog(session, run.id);
    expect(createHash('sha256').update(log).digest('hex')).toBe(hostSha256);
    expect(run).toMatchObject({ logSha256: hostSha256, logVerified: true, logBytes: log.byteLength });
  }

  it('the application ends in the middle and is started again with the vault locked', async () => {
    const { host, jobId, runId } = await startUpgrade('restarted');
    const sha = await keepOutput(host, runId);
    await session.restart();
    const { client } = session;
    const waiting = await client['executions.get']({ id: runId });
    expect(waiting.status).toBe('running');
    await openVault(session);
    expect(await jobEnded(session, jobId)).toMatchObject({ status: 'ok', error: null });
    const run = await client['executions.get']({ id: runId });
    expect(run).toMatchObject({ status: 'ok', verdict: 'exact', exitCode: 0 });
    await expectWholeLog(run, await sha());
  });

  it('the network is gone for a while', async () => {
    const { host, jobId, runId } = await startUpgrade('unplugged');
    const sha = await keepOutput(host, runId);
    await host.pauseNetwork();
    await until(
      'the link to be known as down',
      async () => ((await session.client['executions.get']({ id: runId })).linkDown ? true : null),
      40_000,
    );
    await host.resumeNetwork();
    const back = Date.now();
    expect(await jobEnded(session, jobId)).toMatchObject({ status: 'ok', error: null });
    expect(Date.now() - back).toBeLessThan(20_000);
    const run = await session.client['executions.get']({ id: runId });
    expect(run.verdict).toBe('exact');
    await expectWholeLog(run, await sha());
  });

  it('the sessions are killed and sshd is restarted', async () => {
    const { host, jobId, runId } = await startUpgrade('sessions');
    const sha = await keepOutput(host, runId);
    await host.killSshSessions();
    await host.restartSshd();
    expect(await jobEnded(session, jobId)).toMatchObject({ status: 'ok', error: null });
    await expectWholeLog(await session.client['executions.get']({ id: runId }), await sha());
  });

  it('logins are refused for a while, as by a host that boots', async () => {
    const { host, jobId, runId } = await startUpgrade('nologin');
    const sha = await keepOutput(host, runId);
    await host.writeFile('/etc/nologin', 'System is booting up.\n');
    await host.killSshSessions();
    await until(
      'the link to be known as down',
      async () => ((await session.client['executions.get']({ id: runId })).linkDown ? true : null),
      40_000,
    );
    await host.run('rm /etc/nologin');
    expect(await jobEnded(session, jobId)).toMatchObject({ status: 'ok', error: null });
    await expectWholeLog(await session.client['executions.get']({ id: runId }), await sha());
  });

  it('the power is cut: the run is interrupted and says so, the machine can be used again', async () => {
    const { host, id, jobId, runId } = await startUpgrade('power-cut');
    await host.stop();
    await host.start();
    const job = await jobEnded(session, jobId);
    expect(job).toMatchObject({ status: 'error', error: { kind: 'execution_interrupted' } });
    const run = await session.client['executions.get']({ id: runId });
    expect(run).toMatchObject({ status: 'interrupted', exitCode: null, verdict: null });
    const again = await runJob(session, 'apt_update_analyze', id);
    expect(again.error?.kind).toBe('dpkg_interrupted');
  });

  it('a plan that changes between showing and applying is stopped', async () => {
    const host = bed.host('replanned');
    const id = await addHost(session, host);
    await runJob(session, 'apt_update_analyze', id);
    await host.run('apt-mark hold hp-plain2');
    const job = await runJob(session, 'apt_full_upgrade', id);
    expect(job).toMatchObject({ status: 'error', error: { kind: 'apt_plan_changed' } });
    const { stdout } = await host.run("dpkg-query -W -f '${Version}' hp-plain");
    expect(stdout).toBe('1.0');
  });

  it('a failing package is named, the rest is configured, and the tile shows the error', async () => {
    const host = bed.host('failing');
    const id = await addHost(session, host);
    await runJob(session, 'apt_update_analyze', id);
    const job = await runJob(session, 'apt_full_upgrade', id);
    expect(job).toMatchObject({ status: 'error', error: { kind: 'apt_package_failed' } });
    const run = await session.client['executions.get']({ id: job.executionId ?? '' });
    expect(run.errors.some((error) => error.data['package'] === 'hp-fail')).toBe(true);
    expect(run).toMatchObject({ status: 'error', exitCode: 100, logVerified: true });
    expect((await host.run("dpkg-query -W -f '${db:Status-Abbrev}' hp-plain")).stdout.trim()).toBe('ii');
    const { state } = await session.client['machines.get']({ id });
    expect(state.lastError).not.toBeNull();
    expect(state.runningJobId).toBeNull();
  });

  it('cancel stops a download', async () => {
    const host = bed.host('cancelled');
    const id = await addHost(session, host);
    await runJob(session, 'apt_update_analyze', id);
    await host.repositoryBehaviour({ bytesPerSecond: 200_000 });
    const { jobs } = await session.client['jobs.start']({ action: 'apt_full_upgrade', machineIds: [id] });
    const jobId = jobs[0]?.jobId ?? '';
    await until(
      'the download to run',
      async () => {
        const { executions } = await session.client['executions.list']({ machineId: id });
        const run = executions[0] && (await session.client['executions.get']({ id: executions[0].id }));
        return run?.steps.find((step) => step.name === 'download')?.percent ? run : null;
      },
      20_000,
    );
    expect(await session.client['jobs.cancel']({ id: jobId })).toEqual({ outcome: 'requested' });
    expect(await jobEnded(session, jobId)).toMatchObject({ status: 'cancelled' });
    expect((await host.run("dpkg-query -W -f '${Version}' hp-plain")).stdout).toBe('1.0');
    await host.repositoryBehaviour({});
    expect(await runJob(session, 'apt_full_upgrade', id)).toMatchObject({ status: 'ok' });
  });

  it('cancel is refused once dpkg unpacks, and the run goes on', async () => {
    const { jobId } = await startUpgrade('unpacking');
    expect(await session.client['jobs.cancel']({ id: jobId })).toEqual({ outcome: 'refused_dpkg_running' });
    expect(await jobEnded(session, jobId)).toMatchObject({ status: 'ok', error: null });
  });
});
