import { createServer, request, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Job } from '../../src/shared/contract/models.ts';
import {
  addHost,
  jobEnded,
  openCoreSession,
  openVault,
  runJob,
  type CoreSession,
} from '../support/core-session.ts';
import { createTestbed, removeTestbed, unavailableReason, until, type Testbed } from '../testbed/index.ts';

const reason = unavailableReason();
const bedName = 'apt-changes';
const proxyFile = '/etc/apt/apt.conf.d/90homeport-proxy';

/** A plain HTTP proxy that passes everything on to the repository and remembers what it was asked. */
async function startProxy(
  listenOn: string,
  repository: string,
): Promise<{ url: string; asked: string[]; server: Server }> {
  const asked: string[] = [];
  const server = createServer((incoming, answer) => {
    const url = new URL(incoming.url ?? '');
    asked.push(url.href);
    const passed = request(
      { host: repository, port: 80, path: url.pathname, method: incoming.method, headers: incoming.headers },
      (reply) => {
        answer.writeHead(reply.statusCode ?? 502, reply.headers);
        reply.pipe(answer);
      },
    );
    passed.on('error', () => answer.destroy());
    incoming.pipe(passed);
  });
  await new Promise<void>((resolve) => server.listen(0, listenOn, resolve));
  const { port } = server.address() as AddressInfo;
  return { url: `http://${listenOn}:${port}`, asked, server };
}

describe.skipIf(reason !== null)(`changes of packages${reason ? ` (skipped: ${reason})` : ''}`, () => {
  let bed: Testbed;
  let session: CoreSession;
  beforeAll(async () => {
    bed = await createTestbed({
      name: bedName,
      hosts: [
        { name: 'whole', packages: ['default'] },
        { name: 'dist', sudo: 'root', packages: ['swap', 'kept', 'plain'] },
        { name: 'chosen', kind: 'systemd', packages: ['plain', 'plain2', 'held', 'swap'] },
        { name: 'replanned', packages: ['plain', 'plain2'] },
        { name: 'asks', sudo: 'nopasswd', packages: ['conf', 'plain'] },
        { name: 'proxied', packages: ['plain', 'plain2', 'plain3'] },
        { name: 'interfered', packages: ['plain', 'plain2'] },
      ],
    });
    session = await openCoreSession();
    await openVault(session);
  });
  afterAll(async () => {
    await session.close();
    await removeTestbed(bedName);
  });

  async function ready(name: string): Promise<string> {
    const id = await addHost(session, bed.host(name));
    const job = await runJob(session, 'apt_update_analyze', id);
    expect(['ok', 'warning']).toContain(job.status);
    return id;
  }
  const snapshotOf = async (machineId: string) => {
    const { snapshot } = await session.client['snapshots.latest']({ machineId });
    if (!snapshot) throw new Error('no snapshot');
    return snapshot;
  };
  const runOf = (job: Job) => session.client['executions.get']({ id: job.executionId ?? '' });
  const version = async (host: string, name: string) => {
    const { stdout } = await bed
      .host(host)
      .run(`dpkg-query -W -f '\${db:Status-Abbrev}\${Version}' ${name} 2>/dev/null`);
    return stdout.startsWith('ii') || stdout.startsWith('hi') ? stdout.slice(3) : null;
  };

  it('upgrade, then autoremove, then clean, each to its own plan', async () => {
    const id = await ready('whole');
    const before = await snapshotOf(id);
    expect(before.upgradePlanHash).not.toBe(before.planHash);
    const upgrade = await runJob(session, 'apt_upgrade', id, { planHash: before.upgradePlanHash ?? '' });
    expect(upgrade.error).toBeNull();
    const run = await runOf(upgrade);
    expect(run).toMatchObject({ verdict: 'exact', exitCode: 0, extra: [], missing: [], changedPlan: null });
    // What would need a removal stays.
    expect(await version('whole', 'hp-swap')).toBe('1.0');
    expect(await version('whole', 'hp-plain')).toBe('1.1');
    expect(await version('whole', 'hp-newdep')).toBe('1.0');

    const between = await snapshotOf(id);
    expect(between.autoremove).toMatchObject([
      { name: 'hp-auto', currentVersion: '1.0', operation: 'remove' },
    ]);
    const remove = await runJob(session, 'apt_autoremove', id, {
      planHash: between.autoremovePlanHash ?? '',
    });
    expect(remove.error).toBeNull();
    expect(await runOf(remove)).toMatchObject({
      verdict: 'exact',
      applied: [{ name: 'hp-auto', toVersion: null }],
    });
    await expect(
      session.client['jobs.start']({ action: 'apt_autoremove', machineIds: [id] }),
    ).rejects.toMatchObject({ code: 'conflict' });

    const cached = Number((await bed.host('whole').run('cat /var/cache/apt/archives/*.deb | wc -c')).stdout);
    const clean = await runJob(session, 'apt_clean', id);
    expect(clean).toMatchObject({ status: 'ok', error: null });
    const cleaned = await runOf(clean);
    expect(cleaned.bytesFreed).toBeGreaterThanOrEqual(cached);
    expect(cleaned).toMatchObject({ verdict: null, applied: [] });
    expect((await bed.host('whole').run('ls /var/cache/apt/archives/*.deb')).code).not.toBe(0);
    const report = await session.client['reports.get']({ id: cleaned.reportId ?? '' });
    expect(report.title).toContain('package cache');
  });

  it('dist-upgrade installs and removes exactly what was planned', async () => {
    const id = await ready('dist');
    const { planHash, distUpgrade } = await snapshotOf(id);
    const byOperation = (op: string) => distUpgrade.filter((p) => p.operation === op).map((p) => p.name);
    expect([byOperation('install'), byOperation('remove')]).toEqual([['hp-newdep'], ['hp-obsolete']]);
    const job = await runJob(session, 'apt_dist_upgrade', id, { planHash: planHash ?? '' });
    expect(job).toMatchObject({ status: 'ok', error: null });
    const run = await runOf(job);
    expect(run).toMatchObject({ action: 'apt_dist_upgrade', verdict: 'exact', extra: [], missing: [] });
    expect(run.applied.map((p) => p.name).sort()).toEqual(distUpgrade.map((p) => p.name).sort());
    expect(await version('dist', 'hp-obsolete')).toBeNull();
  });

  it('chosen packages only, with what they need; the plan is made on the host now', async () => {
    const id = await ready('chosen');
    const plan = await session.client['plans.simulate']({
      machineId: id,
      mode: 'selected',
      packages: ['hp-swap', 'hp-plain', 'hp-newdep'],
    });
    expect(plan.planned.map((p) => `${p.operation} ${p.name}`).sort()).toEqual([
      'remove hp-obsolete',
      'upgrade hp-plain',
      'upgrade hp-swap',
    ]);
    expect(plan).toMatchObject({ removed: ['hp-obsolete'], notPlanned: ['hp-newdep'] });
    expect(plan.downloadBytes).toBeGreaterThan(0);
    const job = await runJob(session, 'apt_upgrade', id, { planHash: plan.planHash });
    expect(job).toMatchObject({ status: 'ok', error: null });
    expect(await runOf(job)).toMatchObject({ verdict: 'exact' });
    expect([await version('chosen', 'hp-swap'), await version('chosen', 'hp-plain2')]).toEqual([
      '1.1',
      '1.0',
    ]);
    await expect(
      session.client['plans.simulate']({ machineId: id, mode: 'selected', packages: ['hp-held'] }),
    ).rejects.toMatchObject({ code: 'conflict', data: { reason: 'held', packages: ['hp-held'] } });
    await expect(session.client['plans.simulate']({ machineId: id, mode: 'selected' })).rejects.toMatchObject(
      { code: 'invalid_input' },
    );
    const all = await session.client['plans.simulate']({ machineId: id, mode: 'dist_upgrade' });
    expect(all.planned.map((p) => p.name)).toEqual(['hp-plain2']);
    expect(all.planHash).toBe((await snapshotOf(id)).planHash);
  });

  it('a plan that changed is told as a difference and can be approved in its turn', async () => {
    const id = await ready('replanned');
    const host = bed.host('replanned');
    const { planHash } = await snapshotOf(id);
    await host.publish([{ definition: { name: 'hp-plain', version: '1.2' } }]);
    await host.run('apt-get update && apt-mark hold hp-plain2');
    const stopped = await runJob(session, 'apt_full_upgrade', id, { planHash: planHash ?? '' });
    expect(stopped).toMatchObject({ status: 'error', error: { kind: 'apt_plan_changed' } });
    const run = await runOf(stopped);
    expect(run).toMatchObject({ exitCode: 81, applied: [] });
    expect(run.changedPlan).toMatchObject({
      added: [],
      gone: [{ name: 'hp-plain2' }],
      different: [{ before: { targetVersion: '1.1' }, now: { name: 'hp-plain', targetVersion: '1.2' } }],
    });
    expect(run.changedPlan?.planned[0]?.origin).toContain('Debian');
    expect(await version('replanned', 'hp-plain')).toBe('1.0');
    const again = await runJob(session, 'apt_full_upgrade', id, {
      planHash: run.changedPlan?.planHash ?? '',
    });
    expect(again.error).toBeNull();
    expect(await runOf(again)).toMatchObject({ verdict: 'exact' });
    expect([await version('replanned', 'hp-plain'), await version('replanned', 'hp-plain2')]).toEqual([
      '1.2',
      '1.0',
    ]);
  });

  it('stops before edited configuration files when asked to, and names them', async () => {
    const id = await ready('asks');
    const stopped = await runJob(session, 'apt_full_upgrade', id, { conffiles: 'stop_before' });
    expect(stopped).toMatchObject({
      status: 'error',
      error: {
        kind: 'apt_conffile_prompt',
        data: { files: [{ package: 'hp-conf', path: '/etc/hp-conf/hp.conf' }], packages: ['hp-conf'] },
      },
    });
    expect([await version('asks', 'hp-conf'), await version('asks', 'hp-plain')]).toEqual(['1.0', '1.0']);
    // Without the package that would ask, there is nothing to stop for.
    const { planHash } = await session.client['plans.simulate']({
      machineId: id,
      mode: 'selected',
      packages: ['hp-plain'],
    });
    const job = await runJob(session, 'apt_full_upgrade', id, { conffiles: 'stop_before', planHash });
    expect(job).toMatchObject({ status: 'ok', error: null });
    expect((await runJob(session, 'apt_full_upgrade', id, { conffiles: 'take_new' })).error).toBeNull();
    expect((await bed.host('asks').readFile('/etc/hp-conf/hp.conf')).toString()).toContain('answer = 42');
  });

  it('goes through a proxy: for one run, by a file of its own, and not at all', async () => {
    const { client } = session;
    const host = bed.host('proxied');
    const id = await ready('proxied');
    const repository = (await host.run('getent ahostsv4 packages.test')).stdout.split(/\s/)[0] ?? '';
    const proxy = await startProxy(bed.gateway, repository);
    const askedFor = (part: string) => proxy.asked.splice(0).filter((url) => url.includes(part)).length;
    const apply = async (...packages: string[]) => {
      const { planHash } = await client['plans.simulate']({ machineId: id, mode: 'selected', packages });
      expect(await runJob(session, 'apt_upgrade', id, { planHash })).toMatchObject({ error: null });
    };
    try {
      await expect(
        client['machines.update']({
          id,
          aptProxyMode: 'runtime',
          aptProxyUrl: 'http://me:secret@proxy:3128',
        }),
      ).rejects.toMatchObject({ code: 'invalid_input' });
      await expect(client['machines.update']({ id, aptProxyMode: 'runtime' })).rejects.toMatchObject({
        code: 'invalid_input',
      });

      await client['machines.update']({ id, aptProxyMode: 'runtime', aptProxyUrl: proxy.url });
      expect(await client['machines.get']({ id })).toMatchObject({ port: 22, aptProxyMode: 'runtime' });
      expect((await runJob(session, 'apt_update_analyze', id)).status).toBe('ok');
      expect(askedFor('InRelease')).toBeGreaterThan(0);
      await apply('hp-plain');
      expect(askedFor('hp-plain_1.1')).toBe(1);
      expect((await host.run(`test -e ${proxyFile}`)).code).not.toBe(0);

      await client['machines.update']({ id, aptProxyMode: 'persistent' });
      await apply('hp-plain2');
      expect(askedFor('hp-plain2_1.1')).toBe(1);
      await host.run('apt-get update');
      expect(askedFor('InRelease')).toBeGreaterThan(0);

      await client['machines.update']({ id, aptProxyMode: 'direct' });
      expect((await runJob(session, 'apt_update_analyze', id)).status).toBe('ok');
      expect((await host.run(`test -e ${proxyFile}`)).code).not.toBe(0);
      expect((await host.run('ls -A /etc/apt/apt.conf.d')).stdout).not.toContain('homeport');
      expect(proxy.asked).toEqual([]);

      // A file of that name that somebody else wrote is never touched.
      await host.writeFile(proxyFile, '// mine\n');
      await client['machines.update']({ id, aptProxyMode: 'persistent' });
      const told = await runJob(session, 'apt_update_analyze', id);
      expect(told).toMatchObject({
        status: 'warning',
        error: { kind: 'conflict', data: { path: proxyFile } },
      });
      expect(askedFor('InRelease')).toBeGreaterThan(0);
      await client['machines.update']({ id, aptProxyMode: 'direct' });
      await runJob(session, 'apt_update_analyze', id);
      expect((await host.readFile(proxyFile)).toString()).toBe('// mine\n');
    } finally {
      proxy.server.closeAllConnections();
      proxy.server.close();
    }
  });

  it('waits for another apt, says who it is, and explains what that one did', async () => {
    const id = await ready('interfered');
    const host = bed.host('interfered');
    await host.repositoryBehaviour({ bytesPerSecond: 2_000_000 });
    await host.run('apt-get -y install hp-big >/dev/null 2>&1 </dev/null &');
    await until(
      'the other apt to download',
      async () => ((await host.run('ls /var/cache/apt/archives/partial/hp-big*')).code === 0 ? true : null),
      20_000,
    );
    const { jobs } = await session.client['jobs.start']({ action: 'apt_full_upgrade', machineIds: [id] });
    const waiting = await until(
      'the run to wait for the lock',
      async () => {
        const { executions } = await session.client['executions.list']({ machineId: id });
        const run = executions[0] && (await session.client['executions.get']({ id: executions[0].id }));
        return run?.steps.find((step) => step.name === 'plan')?.detail ?? null;
      },
      20_000,
    );
    expect(waiting).toMatch(/^\/var\/lib\/dpkg\/lock\S* \d+ apt-get$/);
    const job = await jobEnded(session, jobs[0]?.jobId ?? '');
    expect(job.status).toBe('warning');
    const run = await runOf(job);
    expect(run).toMatchObject({ verdict: 'extra', exitCode: 0, missing: [] });
    expect(run.extra).toMatchObject([
      { name: 'hp-big', toVersion: '1.1', explanation: { code: 'changed_meanwhile' } },
    ]);
    expect(run.extra[0]?.explanation.by).toContain('apt-get -y install hp-big');
    const report = await session.client['reports.get']({ id: run.reportId ?? '' });
    expect(report.markdown).toContain('somebody else changed it during the run');
  });
});
