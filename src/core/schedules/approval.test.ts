import { afterEach, describe, expect, it, vi } from 'vitest';
import type { ScheduleInput } from '../../shared/contract/schedules.ts';
import { furtherSteps } from './approval.ts';
import { runMachines } from './run-machines.ts';
import { closeAll, setUp } from './testing/bed.ts';
import { putSchedule, storeLook } from './testing/fake-fleet.ts';

afterEach(closeAll);

const upgrade: ScheduleInput['steps'] = [
  { action: 'apt_full_upgrade', condition: 'if_updates' },
  { action: 'reboot_verified', condition: 'if_reboot_needed' },
];
const due = '2026-11-26T02:00:00Z';

function asking(
  hosts: Parameters<typeof setUp>[0],
  input: Partial<ScheduleInput> = {},
  gate?: Parameters<typeof setUp>[1],
) {
  const bed = setUp(hosts, gate);
  const id = putSchedule(bed.context, { steps: upgrade, asksApproval: true, ...input });
  const rows = () =>
    bed.context.database.raw
      .prepare(
        `select r.id, m.name, r.status, r.binding from action_requests r join machines m on m.id = r.machine_id
         order by r.created_at, r.id`,
      )
      .all() as { id: string; name: string; status: string; binding: string }[];
  const waiting = () => rows().filter(({ status }) => status === 'pending');
  return {
    ...bed,
    // Of the present life, as the bed has them.
    get requests() {
      return bed.requests;
    },
    get schedules() {
      return bed.schedules;
    },
    id,
    rows,
    /** Waits until these machines, and no others, wait for a decision. */
    async asks(...names: string[]) {
      await vi.waitFor(() => expect(waiting().map(({ name }) => name)).toEqual(names));
      return waiting();
    },
    members: () => runMachines(bed.context, bed.runs(id)[0]?.id ?? ''),
  };
}

describe('a schedule that asks', () => {
  it('looks, asks for exactly the plan that it found, and goes on once that is approved', async () => {
    const bed = asking({ a: { upgradeWantsReboot: true }, b: { updates: 0 } }, { approvalHours: 8 });
    bed.at(due);
    const [request] = await bed.asks('a');
    // Nothing to change on b: nobody is asked. a waits, and says for what.
    await vi.waitFor(() => expect(bed.runs(bed.id)[0]?.counts).toMatchObject({ ok: 1, held: 1 }));
    expect(bed.names().sort()).toEqual(['apt_update_analyze a', 'apt_update_analyze b']);
    expect(bed.members()[0]?.steps.at(-1)).toMatchObject({
      state: 'asked',
      request: { id: request?.id, status: 'pending' },
      jobStatus: null,
    });
    const detail = bed.requests.detail(request?.id ?? '');
    expect(detail).toMatchObject({
      action: 'apt_full_upgrade',
      requestedBy: 'schedule',
      requestedFrom: 'nightly',
      // It may reboot afterwards, which is approved with it.
      risk: 'destructive',
      expiresAt: '2026-11-26T10:00:00.000Z',
      schedule: {
        id: bed.id,
        runId: bed.runs(bed.id)[0]?.id,
        further: [{ action: 'reboot_verified', condition: 'if_reboot_needed' }],
      },
    });
    expect(detail.plans[0]?.planned.map(({ name }) => name)).toEqual(['p0', 'p1']);
    expect(bed.notifications()).toEqual(['request info']);

    expect(bed.requests.approve(detail.id, detail.binding, 'ui').outcome).toBe('approved');
    const [run] = await bed.ended(bed.id);
    expect(run).toMatchObject({ status: 'ok', counts: { ok: 2 } });
    // No second question for the reboot.
    expect(bed.names().slice(2)).toEqual(['apt_full_upgrade a', 'reboot_verified a']);
    expect(bed.rows()).toMatchObject([{ status: 'executed' }]);
    expect(bed.members()[0]?.steps.map(({ jobStatus }) => jobStatus)).toEqual(['ok', 'ok', 'ok']);
    const { raw } = bed.context.database;
    expect(raw.prepare('select distinct schedule_id from jobs').pluck().all()).toEqual([bed.id]);
  });

  it('never runs a plan that has changed since, nor one that its rule forbids when it is bound anew', async () => {
    const bed = asking({ a: {} });
    bed.at(due);
    const [request] = await bed.asks('a');
    const host = bed.byId.get(bed.ids['a'] ?? '')!;
    Object.assign(host, { updates: 3 });
    storeLook(bed.context, bed.ids['a'] ?? '', host);
    expect(bed.requests.approve(request!.id, request!.binding, 'ui')).toMatchObject({
      outcome: 'plan_changed',
      machines: [{ change: { added: [{ name: 'p2' }] } }],
    });
    expect(bed.names()).toEqual(['apt_update_analyze a']);
    Object.assign(host, { removals: 1 });
    storeLook(bed.context, bed.ids['a'] ?? '', host);
    await expect(bed.requests.renew(request!.id)).rejects.toThrow('removes packages');
    Object.assign(host, { removals: 0 });
    storeLook(bed.context, bed.ids['a'] ?? '', host);
    await bed.requests.renew(request!.id);
    // Who saw the former plan approves nothing.
    expect(() => bed.requests.approve(request!.id, request!.binding, 'ui')).toThrow('as it was shown');
    bed.requests.approve(request!.id, bed.requests.detail(request!.id).binding, 'ui');
    expect((await bed.ended(bed.id))[0]).toMatchObject({ status: 'ok' });
  });

  it('says what was rejected, and what nobody decided in time; a wave waits for the one before', async () => {
    const bed = asking({ a: {}, b: {}, c: {} }, { wave: { sizes: [1, 2] }, concurrency: 1 });
    bed.at(due);
    const [first] = await bed.asks('a');
    bed.requests.reject(first!.id, 'ui', 'not this one');
    // Both are asked about although one at a time is worked on: who waits takes no place.
    const [, last] = await bed.asks('b', 'c');
    bed.requests.approve(last!.id, last!.binding, 'ui');
    await vi.waitFor(() => expect(bed.names()).toContain('apt_full_upgrade c'));
    bed.set('2026-11-27T02:00:00Z');
    const [second] = bed.rows().filter(({ name }) => name === 'b');
    expect(bed.requests.approve(second!.id, second!.binding, 'ui')).toEqual({ outcome: 'expired' });
    const [run] = await bed.ended(bed.id);
    expect(run).toMatchObject({ status: 'warning', counts: { ok: 1, left: 2 } });
    expect(bed.members().map(({ leftReason }) => leftReason)).toEqual(['rejected', 'undecided', null]);
    expect(bed.names()).not.toContain('apt_full_upgrade b');
  });

  it('asks no longer than its window lasts', async () => {
    const bed = asking({ a: {} }, { windowMinutes: 60 });
    bed.at(due);
    const [request] = await bed.asks('a');
    expect(bed.requests.detail(request!.id).expiresAt).toBe('2026-11-26T03:00:00.000Z');
    bed.at('2026-11-26T03:00:00Z');
    const [run] = await bed.ended(bed.id);
    expect(run).toMatchObject({ status: 'warning', counts: { left: 1 } });
    expect(bed.rows()).toMatchObject([{ status: 'withdrawn' }]);
    expect(bed.members()[0]).toMatchObject({ leftReason: 'window' });
    expect(bed.notifications()).toEqual(['schedule_ended warning']);
  });

  it('takes back what waits when the run is cancelled, or stopped by a failure elsewhere', async () => {
    const bed = asking({ a: { fails: 'apt_full_upgrade' }, b: {} });
    bed.at(due);
    const [a, b] = await bed.asks('a', 'b');
    bed.requests.approve(a!.id, a!.binding, 'ui');
    const [run] = await bed.ended(bed.id);
    expect(run).toMatchObject({ status: 'stopped', counts: { error: 1, left: 1 } });
    expect(() => bed.requests.approve(b!.id, b!.binding, 'ui')).toThrow('decided already');
    expect(bed.rows().map(({ status }) => status)).toEqual(['executed', 'withdrawn']);

    bed.set('2026-11-26T05:00:00Z');
    const second = bed.schedules.runNow(bed.id);
    await bed.asks('a', 'b');
    expect(bed.schedules.cancelRun(second)).toBe('cancelled');
    const [cancelled] = await bed.ended(bed.id, 2);
    expect(cancelled).toMatchObject({ status: 'cancelled', counts: { left: 2 } });
    expect(
      bed
        .rows()
        .slice(2)
        .map(({ status }) => status),
    ).toEqual(['withdrawn', 'withdrawn']);
  });

  it('goes on after a restart, whatever was decided before it', async () => {
    const bed = asking({ a: {}, b: {} });
    bed.at(due);
    const [a, b] = await bed.asks('a', 'b');
    // Decided, and the application ends before its run heard of it.
    bed.requests.reject(a!.id, 'ui');
    await bed.restart();
    await bed.asks('b');
    bed.requests.approve(b!.id, b!.binding, 'ui');
    const [run] = await bed.ended(bed.id);
    expect(run).toMatchObject({ counts: { ok: 1, left: 1 } });
    expect(bed.names().filter((line) => line.startsWith('apt_full_upgrade'))).toEqual(['apt_full_upgrade b']);
  });

  it('asks for a reboot where nothing else was asked for, and again for a plan that is not known before', async () => {
    const bed = asking(
      { a: { updates: 0, rebootNeeded: true }, b: { unused: 1 } },
      {
        steps: [...upgrade, { action: 'apt_autoremove', condition: 'if_updates' }],
        allowRemovals: true,
      },
    );
    bed.at(due);
    const [ofA, ofB] = await bed.asks('a', 'b');
    expect(bed.requests.detail(ofA!.id)).toMatchObject({ action: 'reboot_verified', reboot: 'yes' });
    expect(bed.requests.detail(ofB!.id)).toMatchObject({ action: 'apt_full_upgrade' });
    for (const { id, binding } of [ofA!, ofB!]) bed.requests.approve(id, binding, 'ui');
    const [again] = await bed.asks('b');
    const detail = bed.requests.detail(again!.id);
    expect(detail).toMatchObject({ action: 'apt_autoremove', changes: { removals: 1 } });
    bed.requests.approve(again!.id, again!.binding, 'ui');
    expect((await bed.ended(bed.id))[0]).toMatchObject({ status: 'ok', counts: { ok: 2 } });
  });
});

it('approves with a step what follows it, up to the next that has a plan of its own', () => {
  const steps = (
    [
      'apt_update_analyze',
      'apt_upgrade',
      'apt_clean',
      'machine_probe',
      'reboot',
      'apt_autoremove',
      'reboot',
    ] as const
  ).map((action) => ({ action, condition: 'always' as const }));
  expect(furtherSteps(steps, 1).map(({ action }) => action)).toEqual(['apt_clean', 'reboot']);
  expect(furtherSteps(steps, 5).map(({ action }) => action)).toEqual(['reboot']);
  expect(furtherSteps(steps, 6)).toEqual([]);
});
