import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { remediesOf } from '../../src/renderer/features/maintenance/remedies.ts';
import { addHost, openCoreSession, openVault, runJob, type CoreSession } from '../support/core-session.ts';
import { installedVersion } from '../support/host-truth.ts';
import { resourcesWaitingFor } from '../support/templates.ts';
import {
  createTestbed,
  removeTestbed,
  unavailableReason,
  until,
  type Testbed,
  type TestbedHost,
} from '../testbed/index.ts';

const reason = unavailableReason();
const bedName = 'apt-locks';
const lockWaitSeconds = 4;

/**
 * Another apt-get on the host that keeps its lock until it is let go: its repository accepts the request and never answers.
 * @returns its process id
 */
async function otherApt(host: TestbedHost, words: string, lock: string): Promise<number> {
  await host.repositoryBehaviour({ silent: true });
  await host.run(
    `setsid sh -c 'exec apt-get -o Acquire::http::Timeout=600 ${words}' </dev/null >/tmp/other.log 2>&1 &`,
  );
  return until(
    `${words} holds ${lock}`,
    async () => {
      const { stdout } = await host.run(
        `for pid in $(pgrep -x apt-get); do grep -q "^[0-9]*: POSIX .* $pid .*:$(stat -c %i ${lock}) " /proc/locks && echo $pid; done`,
      );
      return /^\d+$/.test(stdout.trim()) ? Number(stdout) : null;
    },
    20_000,
  );
}

async function letGo(host: TestbedHost, pid: number): Promise<void> {
  await host.run(`kill ${pid}`);
  await until(
    'the other apt-get has ended',
    async () => ((await host.run(`test -e /proc/${pid}`)).code === 0 ? null : true),
    10_000,
  );
  await host.repositoryBehaviour({});
}

describe.skipIf(reason !== null)(`locks of others${reason ? ` (skipped: ${reason})` : ''}`, () => {
  let bed: Testbed;
  let session: CoreSession;
  const folder = mkdtempSync(join(tmpdir(), 'homeport-locks-'));
  beforeAll(async () => {
    bed = await createTestbed({
      name: bedName,
      hosts: [
        { name: 'lists-12', packages: ['plain'] },
        { name: 'lists-13', suite: 'trixie', packages: ['plain'] },
        { name: 'packages-12', packages: ['plain', 'plain2'] },
        { name: 'packages-13', suite: 'trixie', sudo: 'root', packages: ['plain', 'plain2'] },
      ],
    });
    session = await openCoreSession({
      resourcesDir: resourcesWaitingFor(join(folder, 'r'), lockWaitSeconds),
    });
    await openVault(session);
  });
  afterAll(async () => {
    await session.close();
    await removeTestbed(bedName);
    rmSync(folder, { recursive: true });
  });

  it('waiting and trying again is what the application offers', () => {
    expect(remediesOf('apt_lock_busy')).toContain('retry');
  });

  it.each(['lists-12', 'lists-13'])(
    '%s: a refresh gives up waiting, names the holder, and works when that has ended',
    async (name) => {
      const host = bed.host(name);
      const id = await addHost(session, host);
      const other = await otherApt(host, 'update', '/var/lib/apt/lists/lock');
      const begun = Date.now();
      const job = await runJob(session, 'apt_update_analyze', id);
      // The host counts whole seconds: the first of them may be nearly over.
      expect(Date.now() - begun).toBeGreaterThan((lockWaitSeconds - 1) * 1000);
      expect(job).toMatchObject({
        status: 'warning',
        error: {
          kind: 'apt_lock_busy',
          data: { file: '/var/lib/apt/lists/lock', pid: other, command: 'apt-get' },
        },
      });
      const { state } = await session.client['machines.get']({ id });
      // The lists that there are still count, and the tile says that they were not fetched.
      expect(state).toMatchObject({
        aptStatus: 'warning',
        updatesCount: 1,
        lastError: { kind: 'apt_lock_busy', data: { pid: other, command: 'apt-get' } },
      });
      expect((await host.run(`test -e /proc/${other}`)).code).toBe(0);

      await letGo(host, other);
      expect(await runJob(session, 'apt_update_analyze', id)).toMatchObject({ status: 'ok', error: null });
      expect((await session.client['machines.get']({ id })).state).toMatchObject({
        updatesCount: 1,
        lastError: null,
      });
    },
  );

  it.each(['packages-12', 'packages-13'])(
    '%s: an upgrade gives up waiting without having changed anything, and works when the holder has ended',
    async (name) => {
      const host = bed.host(name);
      const id = await addHost(session, host);
      expect(await runJob(session, 'apt_update_analyze', id)).toMatchObject({ status: 'ok' });
      const other = await otherApt(host, '-y install hp-big', '/var/lib/dpkg/lock-frontend');
      const holder = { file: '/var/lib/dpkg/lock-frontend', pid: other, command: 'apt-get' };
      const begun = Date.now();
      const job = await runJob(session, 'apt_full_upgrade', id);
      // The host counts whole seconds: the first of them may be nearly over.
      expect(Date.now() - begun).toBeGreaterThan((lockWaitSeconds - 1) * 1000);
      expect(job).toMatchObject({ status: 'error', error: { kind: 'apt_lock_busy', data: holder } });
      const run = await session.client['executions.get']({ id: job.executionId ?? '' });
      expect(run).toMatchObject({ status: 'error', applied: [], logVerified: true });
      expect(run.errors.map((error) => error.kind)).toEqual(['apt_lock_busy']);
      const report = await session.client['reports.get']({ id: run.reportId ?? '' });
      expect(report.markdown).toContain(String(other));
      expect(await installedVersion(host, 'hp-plain')).toBe('1.0');
      expect((await host.run(`test -e /proc/${other}`)).code).toBe(0);
      for (const action of ['apt_repair', 'apt_clean'] as const) {
        expect((await runJob(session, action, id)).error, action).toMatchObject({ kind: 'apt_lock_busy' });
      }

      await letGo(host, other);
      expect(await runJob(session, 'apt_full_upgrade', id)).toMatchObject({ status: 'ok', error: null });
      expect(await installedVersion(host, 'hp-plain')).toBe('1.1');
    },
  );
});
