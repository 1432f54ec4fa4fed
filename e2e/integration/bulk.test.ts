import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { BulkDetail } from '../../src/shared/contract/models.ts';
import { addHost, openCoreSession, openVault, runJob, type CoreSession } from '../support/core-session.ts';
import { createTestbed, removeTestbed, unavailableReason, type Testbed } from '../testbed/index.ts';

const reason = unavailableReason();
const bedName = 'bulk';
const names = ['one', 'two', 'bad', 'three', 'four', 'five'];

/** Watches the bulk until `until` holds. */
async function bulkUntil(
  { client }: Pick<CoreSession, 'client'>,
  id: string,
  until: (detail: BulkDetail) => boolean,
): Promise<BulkDetail> {
  for await (const detail of client['bulk.watch']({ id })) if (until(detail)) return detail;
  const last = await client['bulk.get']({ id });
  if (until(last)) return last;
  throw new Error(`The bulk ended before: ${JSON.stringify(last)}`);
}
const ended = ({ status }: BulkDetail): boolean => status !== 'running';

describe.skipIf(reason !== null)(`bulk runs on real hosts${reason ? ` (skipped: ${reason})` : ''}`, () => {
  let bed: Testbed;
  let session: CoreSession;
  const ids = new Map<string, string>();
  const idsOf = (...some: string[]) => some.map((name) => ids.get(name) ?? '');
  beforeAll(async () => {
    bed = await createTestbed({
      name: bedName,
      hosts: names.map((name) => ({
        name,
        packages: name === 'bad' ? ['plain', 'fail'] : name === 'five' ? ['plain', 'slow'] : ['plain'],
        slowSeconds: 12,
      })),
    });
    session = await openCoreSession();
    await openVault(session);
    for (const name of names) ids.set(name, await addHost(session, bed.host(name)));
  });
  afterAll(async () => {
    await session.close();
    await removeTestbed(bedName);
  });

  it('refreshes the selection in waves, in their order, with one fleet report', async () => {
    const { client } = session;
    const { bulkId } = await client['jobs.startBulk']({
      action: 'apt_update_analyze',
      machineIds: idsOf(...names),
      wave: { sizes: [1, 2] },
      onFailure: 'continue',
    });
    const bulk = await bulkUntil(session, bulkId, ended);
    expect(bulk, JSON.stringify(bulk.members)).toMatchObject({ status: 'ok', waves: 4, counts: { ok: 6 } });
    for (let wave = 1; wave < 4; wave++) {
      const startOf = (n: number) => bulk.members.filter((m) => m.wave === n).map((m) => m.startedAt ?? '');
      const endOf = bulk.members.filter((m) => m.wave === wave - 1).map((m) => m.finishedAt ?? 'z');
      expect(startOf(wave).every((start) => endOf.every((end) => end <= start))).toBe(true);
    }
    const report = await client['reports.get']({ id: bulk.reportId ?? '' });
    expect(report.machineId).toBeNull();
    for (const name of names) expect(report.markdown).toContain(name);
    expect((await client['bulk.list']({})).bulks.map(({ id }) => id)).toEqual([bulkId]);
  });

  it('shows each update once with the machines that wait for it', async () => {
    const { client } = session;
    const { groups } = await client['updates.fleet']({ search: 'hp-plain' });
    const plain = groups.find(({ packageName }) => packageName === 'hp-plain');
    expect(plain).toMatchObject({ from: '1.0', to: '1.1', count: 6, operation: 'upgrade' });
    const { machines } = await client['updates.machines']({ key: plain?.key ?? '' });
    expect(machines.map(({ name }) => name).sort()).toEqual([...names].sort());
  });

  it('tells what others did on a machine, once, and not what we did', async () => {
    const { client } = session;
    const machineId = ids.get('four') ?? '';
    await bed.host('four').run('SUDO_UID=1000 apt-get -y install hp-plain');
    await runJob(session, 'apt_update_analyze', machineId);
    await runJob(session, 'apt_update_analyze', machineId);
    const told = async (name: string) =>
      (await client['timeline.list']({ machineId: ids.get(name) ?? '' })).events.filter(
        ({ eventType, data }) =>
          eventType === 'apt.changed_by_others' && String(data['commandLine']).includes('hp-plain'),
      );
    const [event, ...more] = await told('four');
    expect(more).toEqual([]);
    expect(event?.data).toMatchObject({ who: 'user', tool: 'apt-get', upgraded: 1, finished: true });
    expect(Math.abs(Date.parse(event?.createdAt ?? '') - Date.now())).toBeLessThan(120_000);
  });

  it('stops on the first failure: what has not started is left out', async () => {
    const { client } = session;
    const { bulkId } = await client['jobs.startBulk']({
      action: 'apt_full_upgrade',
      machineIds: idsOf('one', 'bad', 'two'),
      wave: { sizes: [1] },
      onFailure: 'stop',
    });
    const bulk = await bulkUntil(session, bulkId, ended);
    expect(bulk.members.map(({ status }) => status)).toEqual(['ok', 'error', 'skipped']);
    expect(bulk).toMatchObject({ status: 'stopped' });
    expect(bulk.members[1]?.error?.kind).toBe('apt_package_failed');
    const { markdown } = await client['reports.get']({ id: bulk.reportId ?? '' });
    expect(markdown).toContain('`hp-plain`');
    expect(markdown).toContain('apt\\_package\\_failed');
    expect((await bed.host('two').run("dpkg-query -W -f '${Version}' hp-plain")).stdout).toBe('1.0');
    const events = (await client['timeline.list']({ machineId: ids.get('one') ?? '', limit: 500 })).events;
    const foreign = events.filter(({ eventType }) => eventType === 'apt.changed_by_others');
    expect(
      foreign.map(({ data }) => data['commandLine']).filter((c) => String(c).includes('Homeport')),
    ).toEqual([]);
  });

  it('carries on after a failure, through a restart in its middle', async () => {
    const { bulkId } = await session.client['jobs.startBulk']({
      action: 'apt_full_upgrade',
      machineIds: idsOf('bad', 'five', 'three', 'two'),
      wave: { sizes: [1, 1, 2] },
      onFailure: 'continue',
    });
    await bulkUntil(session, bulkId, (b) => b.members[1]?.executionId !== null && b.counts.error === 1);
    await session.restart();
    await openVault(session);
    const bulk = await bulkUntil(session, bulkId, ended);
    expect(bulk.members.map(({ status }) => status)).toEqual(['error', 'ok', 'ok', 'ok']);
    expect(bulk).toMatchObject({ status: 'error', currentWave: null });
    const { executions } = await session.client['executions.list']({ limit: 100 });
    for (const { machineId } of bulk.members.slice(1)) {
      expect(executions.filter((run) => run.machineId === machineId)).toHaveLength(1);
    }
    expect((await bed.host('two').run("dpkg-query -W -f '${Version}' hp-plain")).stdout).toBe('1.1');
    expect(bulk.reportId).not.toBeNull();
  });
});
