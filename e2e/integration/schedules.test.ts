import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createArmedHosts } from '../../src/core/remote/armed.ts';
import type { ScheduleRunDetail, ScheduleRunSummary } from '../../src/shared/contract/schedules.ts';
import { addHost, openCoreSession, openVault, runJob, type CoreSession } from '../support/core-session.ts';
import {
  createTestbed,
  removeTestbed,
  unavailableReason,
  until,
  type Testbed,
  type TestbedHost,
} from '../testbed/index.ts';

const reason = unavailableReason();
const bedName = 'schedules';
const runsDir = '/var/lib/homeport/runs';

/** A daily pattern, in UTC, of the next minute that is at least so far ahead. */
function soon(aheadMs: number): { cron: string; dueAt: number } {
  const dueAt = Math.ceil((Date.now() + aheadMs) / 60_000) * 60_000;
  const date = new Date(dueAt);
  return { cron: `${date.getUTCMinutes()} ${date.getUTCHours()} * * *`, dueAt };
}

describe.skipIf(reason !== null)(`schedules on real hosts${reason ? ` (skipped: ${reason})` : ''}`, () => {
  let bed: Testbed;
  let session: CoreSession;
  const ids = new Map<string, string>();
  /** What the core takes for the time; only moved where no host's clock matters. */
  let aheadMs = 0;
  const idsOf = (...names: string[]) => names.map((name) => ids.get(name) ?? '');
  const version = async (host: TestbedHost, name: string) =>
    (await host.run(`dpkg-query -W -f '\${Version}' ${name}`)).stdout;

  beforeAll(async () => {
    bed = await createTestbed({
      name: bedName,
      hosts: [
        { name: 'ward', kind: 'systemd', packages: ['plain'] },
        { name: 'lamp', kind: 'systemd', suite: 'trixie', packages: ['plain', 'secure'] },
        { name: 'bare', packages: ['plain'] },
        { name: 'old', packages: ['plain'] },
        { name: 'boots', packages: ['plain', 'reboot'], downtimeSeconds: 1 },
      ],
    });
    session = await openCoreSession({ now: () => new Date(Date.now() + aheadMs) });
    await openVault(session);
    for (const name of ['ward', 'lamp', 'bare', 'old', 'boots']) {
      ids.set(name, await addHost(session, bed.host(name)));
    }
  });
  afterAll(async () => {
    await session.close();
    await removeTestbed(bedName);
  });

  const runsOf = async (id: string) => (await session.client['schedules.get']({ id })).runs;
  /** Waits for the newest run of a schedule to end. */
  async function ended(id: string) {
    let found: ScheduleRunSummary | undefined;
    await until(
      'the run has ended',
      async () => {
        [found] = await runsOf(id);
        return found !== undefined && found.status !== 'running' ? true : null;
      },
      150_000,
      250,
    );
    return session.client['schedules.run']({ id: found?.id ?? '' });
  }
  const stateOf = (run: ScheduleRunDetail, name: string) =>
    run.members.find(({ machineName }) => machineName === name);

  it('fires, upgrades a host end to end to exactly what it found, and reboots it only where that is needed', async () => {
    const { client } = session;
    const { cron, dueAt } = soon(5_000);
    const { id } = await client['schedules.create']({
      name: 'Nightly',
      cron,
      timezone: 'UTC',
      scope: { by: 'machines', machineIds: idsOf('bare', 'boots') },
      steps: [
        { action: 'apt_full_upgrade', condition: 'if_updates' },
        { action: 'reboot_verified', condition: 'if_reboot_needed' },
      ],
    });
    const boots = bed.host('boots');
    const before = await boots.bootId();
    expect((await client['schedules.upcoming']({})).due[0]).toEqual({
      scheduleId: id,
      at: new Date(dueAt).toISOString(),
    });
    // The moment comes; nobody has to press anything.
    aheadMs = dueAt - Date.now() - 1_500;
    await client['schedules.setEnabled']({ id, enabled: false });
    await client['schedules.setEnabled']({ id, enabled: true });
    const run = await ended(id);
    expect(run, JSON.stringify([run, session.logged.slice(-20)])).toMatchObject({
      status: 'ok',
      trigger: 'due',
      dueAt: new Date(dueAt).toISOString(),
      steps: [
        { action: 'apt_update_analyze' },
        { action: 'apt_full_upgrade' },
        { action: 'reboot_verified' },
      ],
    });
    expect(stateOf(run, 'bare')?.steps.map(({ state }) => state)).toEqual(['job', 'job', 'not_needed']);
    expect(stateOf(run, 'boots')?.steps.map(({ jobStatus }) => jobStatus)).toEqual(['ok', 'ok', 'ok']);
    expect(await version(bed.host('bare'), 'hp-plain')).toBe('1.1');
    expect(await boots.bootId()).not.toBe(before);
    const executionId = stateOf(run, 'bare')?.steps[1]?.executionId ?? '';
    const execution = await client['executions.get']({ id: executionId });
    expect(execution).toMatchObject({ status: 'ok', mode: 'scheduled', verdict: 'exact' });
    const { events } = await client['timeline.list']({ machineId: ids.get('bare') ?? '' });
    expect(events.find(({ eventType }) => eventType === 'run.started')?.actorType).toBe('schedule');
    const { jobs } = await client['jobs.list']({ machineId: ids.get('bare') ?? '' });
    expect(jobs.every(({ schedule }) => schedule?.name === 'Nightly')).toBe(true);
    aheadMs = 0;
  });

  it('armed while the application is closed: done on time, collected once; taken back: not run; no systemd: told', async () => {
    const { client } = session;
    const [ward, lamp] = [bed.host('ward'), bed.host('lamp')];
    for (const id of idsOf('ward', 'lamp', 'old')) await runJob(session, 'apt_update_analyze', id);
    const { cron, dueAt } = soon(25_000);
    const { id } = await client['schedules.create']({
      name: 'Lid closed',
      cron,
      timezone: 'UTC',
      scope: { by: 'machines', machineIds: idsOf('ward', 'lamp', 'boots', 'old') },
      steps: [{ action: 'apt_full_upgrade', condition: 'if_updates' }],
      windowMinutes: 30,
    });
    const { machines } = await client['schedules.arm']({ id });
    expect(
      machines.map(({ machineName, error }) => [machineName, error?.data['nothingToDo'] ?? error?.kind]),
    ).toEqual([
      ['boots', true],
      ['lamp', undefined],
      ['old', 'systemd_missing'],
      ['ward', undefined],
    ]);
    const { armed } = await client['schedules.armedOn']({ machineId: ids.get('ward') ?? '' });
    expect(armed).toMatchObject([
      { status: 'armed', scheduleName: 'Lid closed', executionId: null, packages: 1 },
    ]);
    const executionId = armed[0]?.id ?? '';
    expect((await ward.run('systemctl list-timers --all')).stdout).toContain(`homeport-${executionId}.timer`);
    // Bound to what it was armed with: neither changed nor removed while hosts hold it.
    await expect(client['schedules.remove']({ id })).rejects.toMatchObject({ code: 'schedule_armed' });
    const ofLamp =
      (await client['schedules.armedOn']({ machineId: ids.get('lamp') ?? '' })).armed[0]?.id ?? '';
    expect(await client['schedules.revoke']({ id: ofLamp })).toEqual({ outcome: 'revoked' });
    expect((await lamp.run(`ls ${runsDir}`)).stdout).not.toContain(ofLamp);
    expect((await lamp.run('systemctl list-timers --all')).stdout).not.toContain('homeport-');

    await session.pause();
    const exit = `${runsDir}/${executionId}/exit`;
    await until(
      'the host has done it by itself',
      async () => ((await ward.run(`cat ${exit} 2>/dev/null || true`)).stdout.trim() === '0' ? true : null),
      150_000,
      500,
    );
    const startedAt = Date.parse(
      (
        await ward.run(`sed 's/.*started_at":"//; s/".*//' ${runsDir}/${executionId}/status.json`)
      ).stdout.trim(),
    );
    expect(startedAt - dueAt).toBeGreaterThanOrEqual(0);
    expect(startedAt - dueAt).toBeLessThan(10_000);
    expect(await version(ward, 'hp-plain')).toBe('1.1');
    expect(await version(lamp, 'hp-plain')).toBe('1.0');

    // Later, so that the application finds the moment missed.
    aheadMs = 10 * 60_000;
    await session.resume();
    await openVault(session);
    const run = await ended(id);
    expect(run, JSON.stringify([run, session.logged.slice(-20)])).toMatchObject({ trigger: 'catch_up' });
    expect(stateOf(run, 'ward')).toMatchObject({ state: 'ok' });
    expect(stateOf(run, 'lamp')).toMatchObject({ state: 'left', leftReason: 'missed' });
    // Looked at again: still one run, one report.
    await runJob(session, 'apt_update_analyze', ids.get('ward') ?? '');
    const { executions } = await session.client['executions.list']({ machineId: ids.get('ward') ?? '' });
    expect(executions).toMatchObject([{ id: executionId, status: 'ok', mode: 'scheduled' }]);
    const detail = await session.client['executions.get']({ id: executionId });
    expect(detail).toMatchObject({ verdict: 'exact', logVerified: true });
    expect(Date.parse(detail.startedAt)).toBe(startedAt);
    const told = (await session.client['timeline.list']({ machineId: ids.get('ward') ?? '', limit: 500 }))
      .events;
    expect(told.filter(({ eventType }) => eventType === 'run.finished')).toHaveLength(1);
    expect(told.filter(({ eventType }) => eventType === 'schedule.taken_up')).toHaveLength(1);
    expect((await ward.run(`ls ${runsDir}`)).stdout.trim()).toBe('');
    aheadMs = 0;
  }, 240_000);

  it('a host that was restarted before is told as not run', async () => {
    const { client } = session;
    const lamp = bed.host('lamp');
    await runJob(session, 'apt_update_analyze', ids.get('lamp') ?? '');
    const later = new Date(Date.now() + 3_600_000);
    const { id } = await client['schedules.create']({
      name: 'Dropped',
      cron: `${later.getUTCMinutes()} ${later.getUTCHours()} * * *`,
      timezone: 'UTC',
      scope: { by: 'machines', machineIds: idsOf('lamp') },
      steps: [{ action: 'apt_upgrade', condition: 'if_security', packages: 'security' }],
    });
    expect((await client['schedules.arm']({ id })).machines).toMatchObject([
      { machineName: 'lamp', error: null },
    ]);
    // Of its two updates the one that it was armed with.
    expect((await client['schedules.get']({ id })).armed).toMatchObject([{ packages: 1 }]);
    const former = await lamp.bootId();
    await lamp.reboot();
    await lamp.ready(former);
    await runJob(session, 'apt_update_analyze', ids.get('lamp') ?? '');
    const { armed } = await client['schedules.get']({ id });
    expect(armed).toMatchObject([{ status: 'not_run', notRunReason: 'rebooted', executionId: null }]);
    expect(await version(lamp, 'hp-plain')).toBe('1.0');
    expect((await lamp.run(`ls ${runsDir}`)).stdout.trim()).toBe('');
    // Nothing is armed any more: the schedule can go.
    await client['schedules.remove']({ id });
  });

  it('each answer of a host about what it holds', async () => {
    const ward = bed.host('ward');
    const hosts = createArmedHosts({
      exec: async (_machineId, { script, stdin }) => {
        const { stdout, stderr } = await ward.run(script, stdin ? { input: Buffer.from(stdin) } : {});
        return { stdout: Buffer.from(stdout), stderr: Buffer.from(stderr), exitCode: 0 };
      },
      log: { info: () => undefined, error: () => undefined },
    });
    const state = async (id: string) => (await hosts.inspect('ward', id)).kind;
    const arm = (id: string, dueInMs: number, expiresInMs: number) =>
      hosts.arm({
        machineId: 'ward',
        executionId: id,
        script: 'echo done\n',
        dueAt: new Date(Date.now() + dueInMs),
        expiresAt: new Date(Date.now() + expiresInMs),
      });
    const [expired, far, ran] = [randomUUID(), randomUUID(), randomUUID()];
    expect(await state(far)).toBe('absent');
    await arm(expired, 3_000, -1_000);
    await arm(ran, 3_000, 60_000);
    await arm(far, 3_600_000, 7_200_000);
    // Asked again after a lost answer: still one.
    await arm(far, 3_600_000, 7_200_000);
    expect(await state(far)).toBe('waiting');
    await until(
      'the timers have elapsed',
      async () => ((await state(expired)) !== 'waiting' && (await state(ran)) === 'claimed' ? true : null),
      30_000,
      250,
    );
    expect(await state(expired)).toBe('expired');
    expect((await ward.run(`cat ${runsDir}/${expired}/output`)).stdout).toBe('');
    await until(
      'it has ended',
      async () =>
        (await ward.run(`cat ${runsDir}/${ran}/exit 2>/dev/null || true`)).stdout.trim() === '0'
          ? true
          : null,
      30_000,
    );
    expect((await ward.run(`cat ${runsDir}/${ran}/output`)).stdout).toBe('done\n');
    expect(await hosts.revoke('ward', ran)).toBe('started');
    await ward.run(`systemctl stop homeport-${far}.timer`);
    expect(await state(far)).toBe('timer_gone');
    expect(await hosts.revoke('ward', far)).toBe('revoked');
    expect(await hosts.revoke('ward', far)).toBe('absent');
    await ward.run(`rm -rf ${runsDir}/${ran} ${runsDir}/${expired}`);
  });
});
