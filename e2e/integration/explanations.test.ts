import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ExecutionDetail } from '../../src/shared/contract/models.ts';
import {
  addHost,
  jobEnded,
  openCoreSession,
  openVault,
  runJob,
  type CoreSession,
} from '../support/core-session.ts';
import { installedVersion } from '../support/host-truth.ts';
import {
  createTestbed,
  removeTestbed,
  unavailableReason,
  until,
  type Testbed,
  type TestbedHost,
} from '../testbed/index.ts';

const reason = unavailableReason();
const bedName = 'explanations';

/**
 * Another package manager, which takes the lock in the moment between the last simulation of a run and its apt-get (as
 * unattended-upgrades may), runs a command and lets go. Waits on the host for a run to come that far.
 */
const interloper = `import fcntl, glob, subprocess, sys, time
def said(phase):
    for path in glob.glob('/var/lib/homeport/runs/*/progress'):
        with open(path, 'rb') as file:
            if ('phase:' + phase + '\\n').encode() in file.read():
                return True
    return False
def wait_for(phase):
    while not said(phase):
        time.sleep(0.002)
wait_for('plan')
lock = open('/var/lib/dpkg/lock-frontend', 'w')
fcntl.lockf(lock, fcntl.LOCK_EX)
wait_for('upgrade')
done = subprocess.run(['/bin/sh', '-ec', sys.argv[1]], env={'DPKG_FRONTEND_LOCKED': '1', 'PATH': '/usr/sbin:/usr/bin:/sbin:/bin'})
open('/tmp/interloper.exit', 'w').write(str(done.returncode))
`;

async function interlope(host: TestbedHost, command: string): Promise<void> {
  await host.writeFile('/root/interloper.py', interloper);
  await host.writeFile('/root/interloper.sh', command);
  await host.run(
    'setsid sh -c \'exec python3 /root/interloper.py "$(cat /root/interloper.sh)"\' </dev/null >/tmp/interloper.log 2>&1 &',
  );
}

/** Why a package of a run is not as planned: each reason on a host that gives it. */
describe.skipIf(reason !== null)(`planned against applied${reason ? ` (skipped: ${reason})` : ''}`, () => {
  let bed: Testbed;
  let session: CoreSession;
  beforeAll(async () => {
    bed = await createTestbed({
      name: bedName,
      hosts: [
        { name: 'held', packages: ['plain', 'plain2'] },
        { name: 'pinned', suite: 'trixie', packages: ['plain', 'plain2'] },
        { name: 'superseded', packages: ['plain', 'plain2'] },
        { name: 'script', suite: 'trixie', packages: ['plain'] },
        { name: 'mended', packages: ['plain'] },
        { name: 'killed', packages: ['plain', 'plain2'] },
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
    expect(await runJob(session, 'apt_update_analyze', id)).toMatchObject({ status: 'ok', error: null });
    return id;
  }
  async function upgraded(id: string): Promise<ExecutionDetail> {
    const job = await runJob(session, 'apt_full_upgrade', id);
    return session.client['executions.get']({ id: job.executionId ?? '' });
  }
  const reasons = (items: ExecutionDetail['extra'] | ExecutionDetail['missing']) =>
    items.map(({ name, explanation }) => `${name}: ${explanation.code}`).sort();
  async function expectReport(run: ExecutionDetail, words: string): Promise<void> {
    expect((await session.client['reports.get']({ id: run.reportId ?? '' })).markdown).toContain(words);
  }
  async function expectInterloped(host: TestbedHost): Promise<void> {
    const log = (await host.run('cat /tmp/interloper.log')).stdout;
    expect((await host.run('cat /tmp/interloper.exit')).stdout, log).toBe('0');
  }

  it('held: put on hold between the last look and the upgrade', async () => {
    const host = bed.host('held');
    const id = await ready('held');
    await interlope(host, 'echo hp-plain hold | dpkg --set-selections');
    const run = await upgraded(id);
    await expectInterloped(host);
    expect(run).toMatchObject({ status: 'warning', verdict: 'missing', exitCode: 0, extra: [] });
    expect(reasons(run.missing)).toEqual(['hp-plain: held']);
    expect(await installedVersion(host, 'hp-plain')).toBe('1.0');
    expect(await installedVersion(host, 'hp-plain2')).toBe('1.1');
    await expectReport(run, 'on hold');
  });

  it('unknown: nothing on the host tells why', async () => {
    const host = bed.host('pinned');
    const id = await ready('pinned');
    const pin = String.raw`printf 'Package: hp-plain\nPin: version 1.0\nPin-Priority: 1001\n' >/etc/apt/preferences.d/mine`;
    await interlope(host, pin);
    const run = await upgraded(id);
    await expectInterloped(host);
    expect(run).toMatchObject({ status: 'warning', verdict: 'missing', exitCode: 0, extra: [] });
    expect(reasons(run.missing)).toEqual(['hp-plain: unknown']);
    expect(await installedVersion(host, 'hp-plain2')).toBe('1.1');
  });

  it('dependency_of: lists fetched at the last moment bring another version, and what that one needs', async () => {
    const host = bed.host('superseded');
    const id = await ready('superseded');
    const relations = { Depends: 'hp-newdep (>= 1.0)' };
    await host.publish([{ definition: { name: 'hp-plain', version: '1.2', relations } }]);
    await interlope(host, 'apt-get -q update');
    const run = await upgraded(id);
    await expectInterloped(host);
    expect(run).toMatchObject({ status: 'warning', verdict: 'extra', exitCode: 0 });
    expect(reasons(run.extra)).toEqual(['hp-newdep: dependency_of', 'hp-plain: dependency_of']);
    // The planned version did not come because this very run brought a newer one: nobody else is to be blamed.
    expect(run.missing).toMatchObject([{ name: 'hp-plain', explanation: { code: 'dependency_of' } }]);
    expect(await installedVersion(host, 'hp-plain')).toBe('1.2');
  });

  it('failed_script: a package that refuses to be unpacked stays, and is named as the reason', async () => {
    const host = bed.host('script');
    const preinst = '#!/bin/sh\necho "hp-plain: not on this machine" >&2\nexit 1\n';
    await host.publish([{ definition: { name: 'hp-plain', version: '1.2', scripts: { preinst } } }]);
    const id = await ready('script');
    const run = await upgraded(id);
    expect(run).toMatchObject({ status: 'error', verdict: 'missing', exitCode: 100 });
    expect(reasons(run.missing)).toEqual(['hp-plain: failed_script']);
    expect(run.errors).toMatchObject([{ kind: 'apt_package_failed', data: { package: 'hp-plain' } }]);
    expect(await installedVersion(host, 'hp-plain')).toBe('1.0');
  });

  it('repair: what mending an earlier failure brought is not laid to the plan', async () => {
    const host = bed.host('mended');
    const relations = { Depends: 'hp-newdep (>= 1.0)' };
    await host.publish([{ definition: { name: 'hp-lonely', version: '1.0', relations } }]);
    const id = await ready('mended');
    await host.run('cd /tmp && apt-get -q download hp-lonely && dpkg --force-depends -i hp-lonely_*.deb');
    expect((await host.run('apt-get check')).code).not.toBe(0);
    const run = await upgraded(id);
    expect(run).toMatchObject({ verdict: 'extra', exitCode: 0, missing: [] });
    expect(reasons(run.extra)).toEqual(['hp-newdep: repair']);
    expect(await installedVersion(host, 'hp-plain')).toBe('1.1');
  });

  it('interrupted: killed on the host before it could say how it ended', async () => {
    const host = bed.host('killed');
    const id = await ready('killed');
    // Nothing can be fetched, and the look at the machine after the run does not end: then everything of it is killed.
    await host.repositoryBehaviour({ status: 503 });
    await host.writeFile(
      '/usr/local/sbin/systemd-detect-virt',
      '#!/bin/sh\necho $$ >/run/looking\nexec sleep 600\n',
      '755',
    );
    const { jobs } = await session.client['jobs.start']({ action: 'apt_full_upgrade', machineIds: [id] });
    await until(
      'the run to look at the machine',
      async () => ((await host.run('test -s /run/looking')).code === 0 ? true : null),
      30_000,
    );
    const group = String.raw`sed 's/.*"pid":\([0-9]*\).*/\1/' /var/lib/homeport/runs/*/status.json`;
    await host.run(`rm /usr/local/sbin/systemd-detect-virt; kill -9 "-$(${group})"`);
    const job = await jobEnded(session, jobs[0]?.jobId ?? '');
    expect(job).toMatchObject({ status: 'error', error: { kind: 'execution_interrupted' } });
    const run = await session.client['executions.get']({ id: job.executionId ?? '' });
    expect(run).toMatchObject({ status: 'interrupted', exitCode: null, verdict: 'missing', extra: [] });
    expect(reasons(run.missing)).toEqual(['hp-plain2: interrupted', 'hp-plain: interrupted']);
    expect(await installedVersion(host, 'hp-plain')).toBe('1.0');
  });
});
