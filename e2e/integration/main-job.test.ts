import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  addHost,
  openCoreSession,
  openVault,
  readLog,
  runJob,
  type CoreSession,
} from '../support/core-session.ts';
import { createTestbed, removeTestbed, unavailableReason, type Testbed } from '../testbed/index.ts';

const reason = unavailableReason();
const bedName = 'main-job';

/** What apt-get itself says on the host, as names by operation. */
async function simulated(
  bed: Testbed,
  name: string,
  command: string,
): Promise<{ inst: string[]; remv: string[] }> {
  const { stdout } = await bed.host(name).run(`LC_ALL=C apt-get -s ${command}`);
  const names = (verb: string) =>
    [...stdout.matchAll(new RegExp(`^${verb} (\\S+)`, 'gm'))].map((match) => match[1] ?? '').sort();
  return { inst: names('Inst'), remv: names('Remv') };
}

describe.skipIf(reason !== null)(`the main job on real hosts${reason ? ` (skipped: ${reason})` : ''}`, () => {
  let bed: Testbed;
  let session: CoreSession;
  beforeAll(async () => {
    bed = await createTestbed({
      name: bedName,
      hosts: [
        { name: 'nas', packages: ['default', 'slow'], slowSeconds: 3 },
        { name: 'full', kind: 'systemd', sudo: 'nopasswd', locale: 'fr_FR.UTF-8', noisy: true },
        { name: 'quiet', packages: ['clean'], sudo: 'root' },
        { name: 'user', sudo: 'none', shell: 'fish' },
      ],
    });
    session = await openCoreSession();
    await openVault(session);
  });
  afterAll(async () => {
    await session.close();
    await removeTestbed(bedName);
  });

  it.each(['nas', 'full'])('%s: what the tile and the plan say is what apt-get says', async (name) => {
    const id = await addHost(session, bed.host(name));
    const job = await runJob(session, 'apt_update_analyze', id);
    expect(job).toMatchObject({ status: 'ok', error: null });
    // A look leaves APT's record of its last real run alone; as root a plain simulation would write its own over it.
    expect((await bed.host(name).run('ls /var/log/apt')).stdout).not.toContain('eipp.log');
    const full = await simulated(bed, name, 'dist-upgrade');
    const { snapshot } = await session.client['snapshots.latest']({ machineId: id });
    const names = (op: (o: string) => boolean) =>
      snapshot?.distUpgrade
        .filter((p) => op(p.operation))
        .map((p) => p.name)
        .sort();
    expect(names((op) => op !== 'remove')).toEqual(full.inst);
    expect(names((op) => op === 'remove')).toEqual(full.remv);
    const machine = await session.client['machines.get']({ id });
    expect(machine.state.updatesCount).toBe(full.inst.length);
    expect(machine.state.securityCount).toBe(1);
    expect(machine).toMatchObject({ status: 'online', osFamily: 'debian', osCodename: 'bookworm' });
  });

  it.each(['nas', 'full'])(
    '%s: upgrades, keeps the log to the byte, reports, and the tile is clean',
    async (name) => {
      const { client } = session;
      const machine = (await client['fleet.snapshot']({})).rows.find((row) => row.name === name);
      const id = machine?.id ?? '';
      const { snapshot } = await client['snapshots.latest']({ machineId: id });
      const job = await runJob(session, 'apt_full_upgrade', id, { planHash: snapshot?.planHash ?? '' });
      expect(job, JSON.stringify(session.logged)).toMatchObject({ error: null });
      expect(['ok', 'warning']).toContain(job.status);
      const run = await client['executions.get']({ id: job.executionId ?? '' });
      expect(run).toMatchObject({ verdict: 'exact', exitCode: 0, logVerified: true, linkDown: false });
      const log = await readLog(session, run.id);
      expect(log.byteLength).toBe(run.logBytes);
      expect(createHash('sha256').update(log).digest('hex')).toBe(run.logSha256);
      expect(log.toString('utf8')).toContain('Setting up hp-plain');
      expect(run.steps.find((step) => step.name === 'install')).toMatchObject({ status: 'ok', percent: 100 });
      const report = await client['reports.get']({ id: run.reportId ?? '' });
      expect(report.markdown).toContain('hp-plain');
      expect((await simulated(bed, name, 'dist-upgrade')).inst).toEqual([]);
      const after = await client['machines.get']({ id });
      expect(after.state.updatesCount).toBe(0);
      expect(after.state.rebootRequired).toBe(true);
      expect(after.state.rebootEvidence?.packages).toContain('hp-reboot');
      expect((await bed.host(name).run('ls /var/lib/homeport/runs')).stdout).toBe('');
    },
  );

  it('a root login without sudo, with nothing to do', async () => {
    const id = await addHost(session, bed.host('quiet'));
    expect((await runJob(session, 'apt_update_analyze', id)).status).toBe('ok');
    const { state } = await session.client['machines.get']({ id });
    expect(state).toMatchObject({
      aptStatus: 'ok',
      updatesCount: 0,
      securityCount: 0,
      // No kernel of its own and no marker: nobody knows.
      rebootRequired: null,
    });
    await expect(
      session.client['jobs.start']({ action: 'apt_full_upgrade', machineIds: [id] }),
    ).rejects.toMatchObject({
      code: 'conflict',
    });
  });

  it('a user without sudo: refresh works without root, upgrade is refused with its own kind', async () => {
    const id = await addHost(session, bed.host('user'));
    expect((await runJob(session, 'apt_update_analyze', id)).status).toBe('ok');
    await expect(
      session.client['jobs.start']({ action: 'apt_full_upgrade', machineIds: [id] }),
    ).rejects.toMatchObject({
      code: 'sudo_not_allowed',
    });
  });

  it('everything is still there after a restart, and derived tables are rebuilt the same', async () => {
    const before = await session.client['fleet.snapshot']({});
    await session.restart();
    const { client } = session;
    expect((await client['vault.status']({})).state).toBe('locked');
    expect(await client['fleet.snapshot']({})).toEqual(before);
    expect((await client['executions.list']({})).executions).toHaveLength(2);
    const { rebuilt } = await client['maintenance.rebuild']({});
    expect(rebuilt['apt_applied_packages']).toBeGreaterThan(10);
    const after = await client['fleet.snapshot']({});
    const facts = (rows: typeof before.rows) => rows.map(({ state: { updatedAt: _, ...state } }) => state);
    expect(facts(after.rows)).toEqual(facts(before.rows));
    const { executions } = await client['executions.list']({ limit: 1 });
    const run = await client['executions.get']({ id: executions[0]?.id ?? '' });
    expect(run.applied.length).toBeGreaterThan(0);
    expect((await readLog(session, run.id)).byteLength).toBe(run.logBytes);
  });
});
