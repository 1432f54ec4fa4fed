import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
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
import { createTestbed, removeTestbed, unavailableReason, until, type Testbed } from '../testbed/index.ts';

const reason = unavailableReason();
const bedName = 'b-attached';
const slow = { packages: ['plain', 'slow'] as ('plain' | 'slow')[], slowSeconds: 6 };
const memory = '/dev/shm/homeport';

describe.skipIf(reason !== null)(`attached runs${reason ? ` (skipped: ${reason})` : ''}`, () => {
  let bed: Testbed;
  let session: CoreSession;
  let dataDir: string;
  beforeAll(async () => {
    bed = await createTestbed({
      name: bedName,
      hosts: [
        { name: 'held', shell: 'fish', noisy: true, ...slow },
        { name: 'booted', kind: 'systemd', ...slow, slowSeconds: 2 },
        { name: 'cut', ...slow },
        { name: 'cut-download', packages: ['big', 'plain'] },
        { name: 'killing', kind: 'systemd', ...slow },
        { name: 'away', ...slow },
        { name: 'cancelled', packages: ['big', 'plain'] },
        { name: 'unpacking', ...slow, slowSeconds: 12 },
        { name: 'app-killed', ...slow },
        { name: 'others', packages: ['auto', 'plain'] },
      ],
    });
    dataDir = mkdtempSync(join(tmpdir(), 'homeport-attached-'));
    session = await openCoreSession({ dataDir });
    await openVault(session);
  });
  afterAll(async () => {
    await session.close();
    rmSync(dataDir, { recursive: true, force: true });
    await removeTestbed(bedName);
  });

  const run = async (id: string): Promise<ExecutionDetail> => session.client['executions.get']({ id });
  const newest = async (machineId: string): Promise<ExecutionDetail | null> => {
    const { executions } = await session.client['executions.list']({ machineId });
    return executions[0] ? run(executions[0].id) : null;
  };
  /** Adds and refreshes a host. */
  async function ready(name: string) {
    const host = bed.host(name);
    const id = await addHost(session, host);
    expect((await runJob(session, 'apt_update_analyze', id)).status).toBe('ok');
    return { host, id };
  }
  /** Starts an attached upgrade and waits until dpkg configures the slow package. */
  async function startUpgrade(name: string) {
    const { host, id } = await ready(name);
    const { jobs } = await session.client['jobs.start']({
      action: 'apt_full_upgrade',
      machineIds: [id],
      options: { attached: true },
    });
    const installing = await until(
      `dpkg to work on ${name}`,
      async () => {
        const now = await newest(id);
        const { stdout } = await host.run(`cat ${memory}/*/output 2>/dev/null || true`);
        return now && /Setting up hp-slow/.test(stdout) ? now : null;
      },
      40_000,
    );
    return { host, id, jobId: jobs[0]?.jobId ?? '', runId: installing.id };
  }
  const nothingLeft = async (name: string) => {
    const { stdout } = await bed
      .host(name)
      .run('ls -d /dev/shm/homeport /run/homeport /var/lib/homeport 2>/dev/null || true');
    expect(stdout).toBe('');
  };

  it.each(['held', 'booted'])('%s: succeeds, exact to the byte, and leaves nothing', async (name) => {
    const { host, id, jobId, runId } = await startUpgrade(name);
    await host.run(`ln ${memory}/${runId}/output /dev/shm/kept-output`);
    expect((await host.run(`ls /var/lib/homeport /run/homeport 2>/dev/null || true`)).stdout).toBe('');
    expect((await run(runId)).attached).toBe(true);
    expect(await jobEnded(session, jobId)).toMatchObject({ status: 'ok', error: null });
    const sha = (await host.run('sha256sum /dev/shm/kept-output')).stdout.slice(0, 64);
    const log = await readLog(session, runId);
    expect(createHash('sha256').update(log).digest('hex')).toBe(sha);
    const ended = await run(runId);
    expect(ended).toMatchObject({
      status: 'ok',
      verdict: 'exact',
      exitCode: 0,
      logSha256: sha,
      logVerified: true,
      logBytes: log.byteLength,
      attached: true,
    });
    expect(ended.steps.map(({ status }) => status)).not.toContain('error');
    expect(ended.steps.find((step) => step.name === 'install')?.percent).toBe(100);
    expect(ended.applied.map((p) => p.name).sort()).toEqual(['hp-plain', 'hp-slow']);
    expect(ended.reportId).not.toBeNull();
    const { events } = await session.client['timeline.list']({ machineId: id, limit: 20 });
    expect(events.map((e) => e.eventType)).toEqual(expect.arrayContaining(['run.started', 'run.finished']));
    await nothingLeft(name);
  });

  it('the link is cut while dpkg works: interrupted, never green, and the state of dpkg is told', async () => {
    const { host, id, jobId, runId } = await startUpgrade('cut');
    await host.killSshSessions();
    const job = await jobEnded(session, jobId);
    expect(job).toMatchObject({ status: 'error', error: { kind: 'execution_interrupted' } });
    const ended = await run(runId);
    expect(ended).toMatchObject({ status: 'interrupted', logVerified: true });
    expect(ended.errors[0]).toMatchObject({
      kind: 'execution_interrupted',
      data: { reason: 'connection_lost', dpkg: 'whole', end: 'exited' },
    });
    // dpkg was let alone, so what it did is known to the package.
    expect(ended.applied.map((p) => p.name).sort()).toEqual(['hp-plain', 'hp-slow']);
    const { state } = await session.client['machines.get']({ id });
    expect(state.lastError?.kind).toBe('execution_interrupted');
    await nothingLeft('cut');
  });

  it('the link is cut while packages are downloaded: the run stops and nothing is changed', async () => {
    const { host, id } = await ready('cut-download');
    await host.repositoryBehaviour({ bytesPerSecond: 200_000 });
    const { jobs } = await session.client['jobs.start']({
      action: 'apt_full_upgrade',
      machineIds: [id],
      options: { attached: true },
    });
    await until(
      'the download to run',
      async () => ((await newest(id))?.steps.find((s) => s.name === 'download')?.percent ? true : null),
      20_000,
    );
    await host.killSshSessions();
    expect(await jobEnded(session, jobs[0]?.jobId ?? '')).toMatchObject({
      status: 'error',
      error: { kind: 'execution_interrupted', data: { dpkg: 'whole' } },
    });
    expect(await newest(id)).toMatchObject({ status: 'interrupted', applied: [{}, {}] });
    expect((await host.run("dpkg-query -W -f '${Version}' hp-plain")).stdout).toBe('1.0');
    expect((await host.run('pgrep -x apt-get || true')).stdout).toBe('');
    await host.repositoryBehaviour({});
    expect(await runJob(session, 'apt_full_upgrade', id, { attached: true })).toMatchObject({ status: 'ok' });
    await nothingLeft('cut-download');
  });

  it('a host that kills what a session leaves: dpkg is interrupted, said so, and repaired', async () => {
    await bed
      .host('killing')
      .run(
        'mkdir -p /etc/systemd/logind.conf.d && ' +
          "printf '[Login]\\nKillUserProcesses=yes\\nKillExcludeUsers=\\n' >/etc/systemd/logind.conf.d/kill.conf && " +
          'systemctl restart systemd-logind',
      );
    const { host, id, jobId, runId } = await startUpgrade('killing');
    await host.killSshSessions();
    const job = await jobEnded(session, jobId);
    expect(job).toMatchObject({
      status: 'error',
      error: { kind: 'execution_interrupted', data: { dpkg: 'unfinished' } },
    });
    const ended = await run(runId);
    expect(ended.status).toBe('interrupted');
    expect(ended.errors.map((e) => e.kind)).toEqual(expect.arrayContaining(['dpkg_interrupted']));
    expect((await runJob(session, 'apt_repair', id, { attached: true })).status).toBe('ok');
    await nothingLeft('killing');
  });

  it('the machine is away for good at first: interrupted at once known, the rest told at the next contact', async () => {
    const { host, id, jobId, runId } = await startUpgrade('away');
    await host.pauseNetwork();
    const job = await jobEnded(session, jobId);
    expect(job).toMatchObject({ status: 'error', error: { kind: 'execution_interrupted' } });
    expect(await run(runId)).toMatchObject({ status: 'interrupted', exitCode: null });
    await host.resumeNetwork();
    expect((await runJob(session, 'apt_update_analyze', id)).status).toBe('ok');
    const ended = await run(runId);
    expect(ended).toMatchObject({ status: 'interrupted', errors: [{ kind: 'execution_interrupted' }] });
    expect(ended.errors[0]?.data).toMatchObject({ reason: 'connection_lost', dpkg: 'whole' });
    await nothingLeft('away');
  });

  it('cancel stops a download, as of every run', async () => {
    const { host, id } = await ready('cancelled');
    await host.repositoryBehaviour({ bytesPerSecond: 200_000 });
    const { jobs } = await session.client['jobs.start']({
      action: 'apt_full_upgrade',
      machineIds: [id],
      options: { attached: true },
    });
    const jobId = jobs[0]?.jobId ?? '';
    await until(
      'the download to run',
      async () => ((await newest(id))?.steps.find((s) => s.name === 'download')?.percent ? true : null),
      20_000,
    );
    expect(await session.client['jobs.cancel']({ id: jobId })).toEqual({ outcome: 'requested' });
    expect(await jobEnded(session, jobId)).toMatchObject({ status: 'cancelled' });
    expect((await host.run("dpkg-query -W -f '${Version}' hp-plain")).stdout).toBe('1.0');
    await host.repositoryBehaviour({});
    await nothingLeft('cancelled');
  });

  it('cancel is refused once dpkg unpacks, and the run goes on', async () => {
    const { jobId } = await startUpgrade('unpacking');
    expect(await session.client['jobs.cancel']({ id: jobId })).toEqual({ outcome: 'refused_dpkg_running' });
    expect(await jobEnded(session, jobId)).toMatchObject({ status: 'ok', error: null });
    await nothingLeft('unpacking');
  });

  it('autoremove, clean and repair run attached as well', async () => {
    const { id } = await ready('others');
    for (const action of ['apt_full_upgrade', 'apt_autoremove', 'apt_repair', 'apt_clean'] as const) {
      expect(await runJob(session, action, id, { attached: true })).toMatchObject({
        status: 'ok',
        error: null,
      });
      expect((await newest(id))?.attached).toBe(true);
    }
    await nothingLeft('others');
  });

  it('the application is killed while dpkg works: the next start tells what became of it', async () => {
    const { host, id } = await ready('app-killed');
    await session.close();
    const app = spawn(
      process.execPath,
      [resolve(import.meta.dirname, '../support/run-until-killed.ts'), dataDir, 'apt_full_upgrade', id],
      { stdio: ['ignore', 'pipe', 'inherit'] },
    );
    try {
      await until(
        'dpkg to work',
        async () =>
          /Setting up hp-slow/.test((await host.run(`cat ${memory}/*/output 2>/dev/null || true`)).stdout)
            ? true
            : null,
        60_000,
      );
    } finally {
      app.kill('SIGKILL');
      await once(app, 'exit');
    }
    session = await openCoreSession({ dataDir });
    await openVault(session);
    const runId = (await newest(id))?.id ?? '';
    const jobId = (await run(runId)).jobId ?? '';
    expect(await jobEnded(session, jobId)).toMatchObject({
      status: 'error',
      error: { kind: 'execution_interrupted', data: { reason: 'app_ended', dpkg: 'whole' } },
    });
    expect(await run(runId)).toMatchObject({ status: 'interrupted', logVerified: true });
    await nothingLeft('app-killed');
  });
});
