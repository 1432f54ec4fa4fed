import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RequestSummary } from '../../src/shared/contract/requests.ts';
import type { ScheduleRunSummary } from '../../src/shared/contract/schedules.ts';
import { addHost, openCoreSession, openVault, type CoreSession } from '../support/core-session.ts';
import { createTestbed, removeTestbed, unavailableReason, until, type Testbed } from '../testbed/index.ts';

const reason = unavailableReason();
const bedName = 'schedule-rules';

describe.skipIf(reason !== null)(
  `rules of schedules on real hosts${reason ? ` (skipped: ${reason})` : ''}`,
  () => {
    let bed: Testbed;
    let session: CoreSession;
    const ids = new Map<string, string>();
    /** What the core takes for the time. */
    let aheadMs = 0;
    const only = (name: string) => ({ by: 'machines' as const, machineIds: [ids.get(name) ?? ''] });
    const version = async (host: string, name: string) =>
      (await bed.host(host).run(`dpkg-query -W -f '\${Version}' ${name}`)).stdout;
    /** Of an upgrade that never comes by itself: the tests start it. */
    const never = { cron: '0 0 29 2 *', timezone: 'UTC' };

    beforeAll(async () => {
      bed = await createTestbed({
        name: bedName,
        hosts: [
          { name: 'guarded', packages: ['plain', 'secure'] },
          { name: 'slow', packages: ['plain', 'slow'], slowSeconds: 6 },
        ],
      });
      session = await openCoreSession({ now: () => new Date(Date.now() + aheadMs) });
      await openVault(session);
      for (const name of ['guarded', 'slow']) ids.set(name, await addHost(session, bed.host(name)));
    });
    afterAll(async () => {
      await session.close();
      await removeTestbed(bedName);
    });

    async function ended(runId: string, scheduleId: string) {
      let found: ScheduleRunSummary | undefined;
      await until(
        'the run has ended',
        async () => {
          found = (await session.client['schedules.get']({ id: scheduleId })).runs.find(
            ({ id }) => id === runId,
          );
          return found !== undefined && found.status !== 'running' ? true : null;
        },
        90_000,
        250,
      );
      return session.client['schedules.run']({ id: runId });
    }

    it('security updates alone are asked for as the host would do them, and nothing else is installed', async () => {
      const { client } = session;
      const { id } = await client['schedules.create']({
        name: 'Security',
        ...never,
        scope: only('guarded'),
        steps: [{ action: 'apt_full_upgrade', condition: 'if_security', packages: 'security' }],
        asksApproval: true,
      });
      const { runId } = await client['schedules.runNow']({ id });
      let request: RequestSummary | undefined;
      await until(
        'it is asked for',
        async () => {
          [request] = (await client['requests.list']({ statuses: ['pending'] })).requests;
          return request ? true : null;
        },
        60_000,
        250,
      );
      expect(request).toMatchObject({
        requestedBy: 'schedule',
        requestedFrom: 'Security',
        schedule: { id, runId },
        changes: { upgrades: 1, security: 1 },
      });
      expect(await version('guarded', 'hp-secure')).toBe('2.4-1');
      const detail = await client['requests.get']({ id: request?.id ?? '' });
      expect(detail.plans).toMatchObject([{ planMode: 'selected', planned: [{ name: 'hp-secure' }] }]);
      await client['requests.approve']({ id: detail.id, binding: detail.binding });
      const run = await ended(runId, id);
      expect(run, JSON.stringify([run, session.logged.slice(-20)])).toMatchObject({ status: 'ok' });
      expect(await version('guarded', 'hp-secure')).toBe('2.4-1+deb12u1');
      expect(await version('guarded', 'hp-plain')).toBe('1.0');
      const executionId = run.members[0]?.steps.at(-1)?.executionId ?? '';
      expect(await client['executions.get']({ id: executionId })).toMatchObject({
        status: 'ok',
        mode: 'scheduled',
        verdict: 'exact',
      });

      // Again: nothing is left to do, nobody is asked, and the step says so.
      const again = await ended((await client['schedules.runNow']({ id })).runId, id);
      expect(again).toMatchObject({ status: 'ok' });
      expect(again.members[0]?.steps.map(({ state }) => state)).toEqual(['job', 'not_needed']);
      expect((await client['requests.list']({ statuses: ['pending'] })).requests).toEqual([]);
      // Each run has its document in the list, besides that of the machine's own run.
      await until(
        'both runs are reported',
        async () => {
          const { runs } = await client['schedules.get']({ id });
          return runs.every(({ reportId }) => reportId !== null) ? true : null;
        },
        20_000,
        100,
      );
      const reportId = (await client['schedules.get']({ id })).runs.find((one) => one.id === runId)?.reportId;
      const { markdown } = await client['reports.get']({ id: reportId ?? '' });
      expect(markdown).toMatch(/`hp-secure` \| 2\\.4\\-1 \| 2\\.4\\-1\\\+deb12u1 \| 1 \|/);
      expect(await version('guarded', 'hp-plain')).toBe('1.0');
    });

    it('the window ends while the first step runs: that goes on to its end, the second is not begun and told', async () => {
      const { client } = session;
      const slow = bed.host('slow');
      const former = await slow.bootId();
      const { id } = await client['schedules.create']({
        name: 'Window',
        ...never,
        scope: only('slow'),
        steps: [
          { action: 'apt_full_upgrade', condition: 'if_updates' },
          { action: 'reboot_verified', condition: 'always' },
        ],
        windowMinutes: 5,
      });
      const { runId } = await client['schedules.runNow']({ id });
      await until(
        'the upgrade is at work',
        async () => {
          const { jobs } = await client['jobs.list']({ statuses: ['running'] });
          return jobs.some(({ action }) => action === 'apt_full_upgrade') ? true : null;
        },
        60_000,
        100,
      );
      aheadMs = 5 * 60_000;
      const run = await ended(runId, id);
      expect(run, JSON.stringify([run, session.logged.slice(-20)])).toMatchObject({ status: 'warning' });
      expect(run.members).toMatchObject([
        { state: 'left', leftReason: 'window', steps: [{ jobStatus: 'ok' }, { jobStatus: 'ok' }] },
      ]);
      // The whole upgrade, and no reboot.
      expect(await version('slow', 'hp-slow')).toBe('1.1');
      expect(await slow.bootId()).toBe(former);
      const { jobs } = await client['jobs.list']({ machineId: ids.get('slow') ?? '' });
      expect(jobs.map(({ action }) => action).sort()).toEqual(['apt_full_upgrade', 'apt_update_analyze']);
      aheadMs = 0;
    });
  },
);
