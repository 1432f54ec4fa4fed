import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Job } from '../../src/shared/contract/models.ts';
import { addHost, openCoreSession, openVault, runJob, type CoreSession } from '../support/core-session.ts';
import { createTestbed, removeTestbed, unavailableReason, until, type Testbed } from '../testbed/index.ts';

const reason = unavailableReason();
const bedName = 'apt-errors';
const sources = '/etc/apt/sources.list';

/** Every trouble on a host that really has it: the right kind with its data, and counts only where they are known. */
describe.skipIf(reason !== null)(`troubles of APT${reason ? ` (skipped: ${reason})` : ''}`, () => {
  let bed: Testbed;
  let session: CoreSession;
  beforeAll(async () => {
    bed = await createTestbed({
      name: bedName,
      hosts: [
        { name: 'interrupted', packages: ['plain', 'slow'], slowSeconds: 3 },
        { name: 'unreachable', locale: 'fr_FR.UTF-8', packages: ['plain'] },
        { name: 'unsigned', suite: 'trixie', sudo: 'nopasswd', shell: 'tcsh', packages: ['plain'] },
        { name: 'malformed', suite: 'trixie', packages: ['plain'] },
        { name: 'full', shell: 'fish', packages: ['plain', 'big'] },
        { name: 'failing', noisy: true, packages: ['plain', 'fail'] },
        { name: 'unmet', sudo: 'separate', packages: ['plain', 'kept'] },
        { name: 'unmendable', suite: 'trixie', sudo: 'root', packages: ['plain'] },
        { name: 'waiting', suite: 'trixie', packages: ['held', 'kept', 'swap', 'plain'] },
        { name: 'busy', packages: ['plain'] },
      ],
    });
    session = await openCoreSession();
    await openVault(session);
  });
  afterAll(async () => {
    await session.close();
    await removeTestbed(bedName);
  });

  const runOf = (job: Job) => session.client['executions.get']({ id: job.executionId ?? '' });
  const stateOf = async (id: string) => (await session.client['machines.get']({ id })).state;
  const run = async (name: string, command: string) => {
    const result = await bed.host(name).run(command);
    if (result.code !== 0) throw new Error(`${name}: ${command}: ${result.stderr}${result.stdout}`);
    return result.stdout;
  };
  const inState = async (name: string, packageName: string) =>
    (await bed.host(name).run(`dpkg-query -W -f '\${db:Status-Abbrev}\${Version}' ${packageName}`)).stdout;

  it('a dpkg interrupted by a power cut is told, and repair mends it', async () => {
    const host = bed.host('interrupted');
    const id = await addHost(session, host);
    await run('interrupted', 'apt-get -y install hp-slow >/tmp/log 2>&1 </dev/null &');
    await until(
      'hp-slow to be configured',
      async () => ((await host.run('grep -q "hp-slow: step" /tmp/log')).code === 0 ? true : null),
      20_000,
    );
    await host.stop();
    await host.start();
    const look = await runJob(session, 'apt_update_analyze', id);
    expect(look).toMatchObject({ error: { kind: 'dpkg_interrupted' } });
    const repair = await runJob(session, 'apt_repair', id);
    expect(repair).toMatchObject({ status: 'ok', error: null });
    const mended = await runOf(repair);
    expect(mended).toMatchObject({ action: 'apt_repair', verdict: null, exitCode: 0, errors: [] });
    expect(mended.steps.find((step) => step.name === 'repair')).toMatchObject({ status: 'ok' });
    expect(await inState('interrupted', 'hp-slow')).toBe('ii 1.1');
    expect((await stateOf(id)).lastError).toBeNull();
  });

  it('an unreachable repository is a warning, and the plan is made with the lists that there are', async () => {
    const id = await addHost(session, bed.host('unreachable'));
    await run(
      'unreachable',
      "sed 's/^.*packages.test$/127.0.0.1 packages.test/' /etc/hosts >/tmp/h && cat /tmp/h >/etc/hosts",
    );
    const job = await runJob(session, 'apt_update_analyze', id);
    expect(job).toMatchObject({
      status: 'warning',
      error: { kind: 'apt_repository_unreachable', data: { host: 'packages.test', reason: 'refused' } },
    });
    expect((await stateOf(id)).updatesCount).toBe(1);
    const upgrade = await runJob(session, 'apt_full_upgrade', id);
    expect(upgrade).toMatchObject({ status: 'error', error: { kind: 'apt_repository_unreachable' } });
    const failed = await runOf(upgrade);
    expect(failed).toMatchObject({
      verdict: 'missing',
      missing: [{ name: 'hp-plain', explanation: { code: 'run_failed' } }],
    });
    expect(await inState('unreachable', 'hp-plain')).toBe('ii 1.0');
  });

  it('a repository without a usable signature is told with its key', async () => {
    const id = await addHost(session, bed.host('unsigned'));
    await run('unsigned', `sed -i 's/\\[signed-by=[^]]*\\] //' ${sources}`);
    const job = await runJob(session, 'apt_update_analyze', id);
    expect(job).toMatchObject({
      status: 'warning',
      error: { kind: 'apt_repository_signature', data: { host: 'packages.test', reason: 'missing_key' } },
    });
    expect(job.error?.data['keyId']).toMatch(/^[0-9A-F]{8,40}$/);
    await run(
      'unsigned',
      `printf 'deb [signed-by=/usr/share/keyrings/homeport-testbed.gpg] http://packages.test/nothing bookworm main\\n' >${sources}`,
    );
    const nothing = await runJob(session, 'apt_update_analyze', id);
    expect(nothing).toMatchObject({ status: 'warning', error: { kind: 'apt_repository_unreachable' } });
  });

  it('a malformed source is told with file and line, and no count is invented', async () => {
    const id = await addHost(session, bed.host('malformed'));
    await run('malformed', `echo 'debb http://packages.test/debian bookworm main' >>${sources}`);
    const job = await runJob(session, 'apt_update_analyze', id);
    expect(job).toMatchObject({
      status: 'error',
      error: { kind: 'apt_sources_malformed', data: { file: sources, line: 3 } },
    });
    expect((await stateOf(id)).updatesCount).toBeNull();
    await expect(
      session.client['plans.simulate']({ machineId: id, mode: 'dist_upgrade' }),
    ).rejects.toMatchObject({ code: 'apt_sources_malformed' });
  });

  it('a full disk is foreseen, and stops the run before anything', async () => {
    const id = await addHost(session, bed.host('full'));
    await run(
      'full',
      'mount -t tmpfs -o size=1m archives /var/cache/apt/archives && mkdir /var/cache/apt/archives/partial',
    );
    const look = await runJob(session, 'apt_update_analyze', id);
    expect(look).toMatchObject({
      status: 'warning',
      error: { kind: 'apt_disk_full', data: { path: '/var/cache/apt/archives' } },
    });
    const upgrade = await runJob(session, 'apt_full_upgrade', id);
    expect(upgrade).toMatchObject({ status: 'error', error: { kind: 'apt_disk_full' } });
    expect(await inState('full', 'hp-plain')).toBe('ii 1.0');
    await run('full', 'umount /var/cache/apt/archives');
    expect((await runJob(session, 'apt_full_upgrade', id)).error).toBeNull();
  });

  it('a failing script names its package; repair tries again and tells the same', async () => {
    const id = await addHost(session, bed.host('failing'));
    await runJob(session, 'apt_update_analyze', id);
    const upgrade = await runJob(session, 'apt_upgrade', id);
    expect(upgrade).toMatchObject({
      status: 'error',
      error: { kind: 'apt_package_failed', data: { package: 'hp-fail' } },
    });
    expect(await inState('failing', 'hp-plain')).toBe('ii 1.1');
    const repair = await runJob(session, 'apt_repair', id);
    expect(repair).toMatchObject({
      status: 'error',
      error: { kind: 'apt_package_failed', data: { package: 'hp-fail' } },
    });
    await run('failing', 'printf "#!/bin/sh\\n" >/var/lib/dpkg/info/hp-fail.postinst');
    expect(await runJob(session, 'apt_repair', id)).toMatchObject({ status: 'ok', error: null });
    expect(await inState('failing', 'hp-fail')).toBe('ii 1.1');
  });

  it('unmet dependencies are told, and repair installs what is missing', async () => {
    const id = await addHost(session, bed.host('unmet'));
    await run('unmet', 'cd /tmp && apt-get -q download hp-kept && dpkg --force-depends -i hp-kept_*.deb');
    const look = await runJob(session, 'apt_update_analyze', id);
    expect(look).toMatchObject({ status: 'error', error: { kind: 'apt_unmet_dependencies' } });
    const repair = await runJob(session, 'apt_repair', id);
    expect(repair).toMatchObject({ status: 'ok', error: null });
    expect((await runOf(repair)).applied).toMatchObject([{ name: 'hp-newdep', operation: 'installed' }]);
    expect((await stateOf(id)).lastError).toBeNull();
  });

  it('a repair that would remove a package stops and names it', async () => {
    const id = await addHost(session, bed.host('unmendable'));
    await bed
      .host('unmendable')
      .publish([{ definition: { name: 'hp-orphan', version: '1.0', relations: { Depends: 'hp-nowhere' } } }]);
    await run(
      'unmendable',
      'apt-get -q update && cd /tmp && apt-get -q download hp-orphan && { dpkg --force-depends -i hp-orphan_*.deb; true; }',
    );
    const repair = await runJob(session, 'apt_repair', id);
    expect(repair).toMatchObject({
      status: 'error',
      error: { kind: 'apt_unmet_dependencies', data: { removes: ['hp-orphan'] } },
    });
    expect(await inState('unmendable', 'hp-orphan')).toMatch(/^i.*1\.0$/);
  });

  it('what waits is told with its reason: held, phased, in need of a removal', async () => {
    const host = bed.host('waiting');
    const id = await addHost(session, host);
    await host.publish([
      {
        definition: { name: 'hp-plain', version: '1.2', relations: { 'Phased-Update-Percentage': '0' } },
      },
    ]);
    expect((await runJob(session, 'apt_update_analyze', id)).error).toBeNull();
    const { snapshot } = await session.client['snapshots.latest']({ machineId: id });
    const reasons = Object.fromEntries((snapshot?.keptBack ?? []).map((p) => [p.name, p.reason]));
    expect(reasons).toEqual({ 'hp-held': 'held', 'hp-plain': 'phased', 'hp-swap': 'needs_removal' });
    expect(snapshot).toMatchObject({ status: 'warning', held: ['hp-held'] });
    expect(snapshot?.distUpgrade.filter((p) => p.operation === 'remove')).toMatchObject([
      { name: 'hp-obsolete' },
    ]);
    const upgrade = await runJob(session, 'apt_full_upgrade', id);
    expect((await runOf(upgrade)).verdict).toBe('exact');
    expect(await inState('waiting', 'hp-held')).toBe('hi 1.0');
  });

  it('a lock that another process holds while looking is information, not a failure', async () => {
    const host = bed.host('busy');
    const id = await addHost(session, host);
    await host.repositoryBehaviour({ bytesPerSecond: 800_000 });
    await run('busy', 'apt-get -y install hp-big >/tmp/log 2>&1 </dev/null &');
    await until(
      'the other apt to download',
      async () => ((await host.run('ls /var/cache/apt/archives/partial/hp-big*')).code === 0 ? true : null),
      20_000,
    );
    const job = await runJob(session, 'apt_update_analyze', id);
    expect(job).toMatchObject({ status: 'ok', error: null });
    const { snapshot } = await session.client['snapshots.latest']({ machineId: id });
    expect(snapshot?.errors).toMatchObject([{ kind: 'apt_lock_busy', data: { command: 'apt-get' } }]);
  });
});
