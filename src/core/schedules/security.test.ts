import { afterEach, describe, expect, it } from 'vitest';
import { scheduleInput, type ScheduleInput } from '../../shared/contract/schedules.ts';
import { checkSteps, foreseenAfter } from './model.ts';
import { runMachines } from './run-machines.ts';
import { closeAll, setUp } from './testing/bed.ts';
import { putSchedule, storeLook } from './testing/fake-fleet.ts';

afterEach(closeAll);

const due = '2026-11-26T02:00:00Z';
const steps: ScheduleInput['steps'] = [
  { action: 'apt_full_upgrade', condition: 'if_security', packages: 'security' },
  { action: 'reboot_verified', condition: 'if_reboot_needed' },
];

describe('security updates alone', () => {
  it('are what the step installs; where there are none it is left out and says so', async () => {
    const bed = setUp({ a: { updates: 5, security: 2, upgradeWantsReboot: true }, b: { updates: 3 } });
    const id = putSchedule(bed.context, { steps });
    bed.at(due);
    const [run] = await bed.ended(id);
    expect(run).toMatchObject({ status: 'ok', counts: { ok: 2 } });
    expect(bed.names().sort()).toEqual([
      'apt_full_upgrade a',
      'apt_update_analyze a',
      'apt_update_analyze b',
      'reboot_verified a',
    ]);
    expect(bed.byId.get(bed.ids['a'] ?? '')).toMatchObject({ updates: 3, security: 0 });
    const [, ofB] = runMachines(bed.context, run?.id ?? '');
    expect(ofB?.steps.map(({ state }) => state)).toEqual(['job', 'not_needed', 'not_needed']);
    const { raw } = bed.context.database;
    const [bound] = raw
      .prepare(
        `select p.mode, p.planned_json as planned from jobs j join apt_plans p
           on p.plan_hash = json_extract(j.payload_json, '$.planHash') where j.action = 'apt_full_upgrade'`,
      )
      .all() as { mode: string; planned: string }[];
    expect(bound?.mode).toBe('selected');
    expect((JSON.parse(bound?.planned ?? '[]') as { name: string }[]).map(({ name }) => name)).toEqual([
      'p0',
      'p1',
    ]);
  });

  it('are asked for as they are, also when something else has changed since, and anew when they have', async () => {
    const bed = setUp({ a: { updates: 5, security: 1 } });
    const id = putSchedule(bed.context, { steps, asksApproval: true });
    bed.at(due);
    const [a = ''] = [bed.ids['a']];
    const host = bed.byId.get(a)!;
    const pending = () =>
      bed.context.database.raw
        .prepare("select id from action_requests where status = 'pending'")
        .pluck()
        .get() as string;
    await expect.poll(pending).toBeTypeOf('string');
    const request = pending();
    const planned = () => bed.requests.detail(request).plans[0]?.planned.map(({ name }) => name);
    expect(planned()).toEqual(['p0']);
    // An ordinary look, which simulates nothing besides: another update, and the same security update.
    Object.assign(host, { updates: 6 });
    storeLook(bed.context, a, host);
    expect(bed.requests.detail(request).plans[0]?.change).toBeNull();
    Object.assign(host, { security: 2 });
    await bed.requests.renew(request);
    expect(planned()).toEqual(['p0', 'p1']);
    bed.requests.approve(request, bed.requests.detail(request).binding, 'ui');
    expect((await bed.ended(id))[0]).toMatchObject({ status: 'ok' });
    expect(host).toMatchObject({ updates: 4, security: 0 });
  });

  it('are never taken for everything when nobody knows what they alone would do', async () => {
    // The look of the run is followed by another before the step is reached.
    const bed = setUp({ a: { updates: 5, security: 1 } }, (job) => {
      if (job.options.foresee) Object.assign(job.options, { foresee: undefined });
      return Promise.resolve();
    });
    const id = putSchedule(bed.context, { steps });
    bed.at(due);
    const [run] = await bed.ended(id);
    expect(run).toMatchObject({ counts: { error: 1 } });
    const [member] = runMachines(bed.context, run?.id ?? '');
    expect(member?.steps.at(-1)).toMatchObject({
      state: 'refused',
      error: { kind: 'conflict', data: { reason: 'not_simulated' } },
    });
    expect(bed.names()).toEqual(['apt_update_analyze a']);
  });

  it('are of upgrades only, and known to every look before them', () => {
    const input = (action: 'apt_upgrade' | 'apt_clean') =>
      scheduleInput.parse({
        name: 'n',
        cron: '0 2 * * *',
        timezone: 'UTC',
        scope: { by: 'all' },
        steps: [{ action, packages: 'security' }],
      });
    expect(() => checkSteps(input('apt_upgrade'))).not.toThrow();
    expect(() => checkSteps(input('apt_clean'))).toThrow('security updates');
    expect(foreseenAfter([{ action: 'apt_update_analyze', condition: 'always' }, ...steps], 0)).toEqual([
      'dist_upgrade_security',
    ]);
    expect(foreseenAfter(steps, 0)).toEqual([]);
  });
});
