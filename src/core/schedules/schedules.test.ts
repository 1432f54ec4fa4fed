import fc from 'fast-check';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { ScheduleInput } from '../../shared/contract/schedules.ts';
import { fleetViewHandlers } from '../fleet/index.ts';
import type { Runner } from '../jobs/index.ts';
import type { Requests } from '../requests/index.ts';
import { testContext } from '../testing/context.ts';
import { nextAfter } from './cron.ts';
import { runMachines } from './run-machines.ts';
import { createSchedules } from './schedules.ts';
import * as store from './store.ts';
import { closeAll, setUp } from './testing/bed.ts';
import { putSchedule } from './testing/fake-fleet.ts';

afterEach(closeAll);

const upgrade: ScheduleInput['steps'] = [
  { action: 'apt_full_upgrade', condition: 'if_updates' },
  { action: 'reboot_verified', condition: 'if_reboot_needed' },
];

describe('a run', () => {
  it('looks first, applies what it found, and reboots only where that is needed', async () => {
    const bed = setUp({
      a: { updates: 3, upgradeWantsReboot: true },
      b: { updates: 1 },
      c: { updates: 0, rebootNeeded: true },
    });
    const id = putSchedule(bed.context, { steps: upgrade });
    bed.at('2026-11-26T01:59:59Z');
    expect(bed.runs(id)).toEqual([]);
    bed.at('2026-11-26T02:00:20Z');
    const [run] = await bed.ended(id);
    expect(run).toMatchObject({
      status: 'ok',
      trigger: 'due',
      dueAt: '2026-11-26T02:00:00.000Z',
      machines: 3,
    });
    const of = (name: string) => bed.names().filter((line) => line.endsWith(` ${name}`));
    expect(of('a')).toEqual(['apt_update_analyze a', 'apt_full_upgrade a', 'reboot_verified a']);
    expect(of('b')).toEqual(['apt_update_analyze b', 'apt_full_upgrade b']);
    expect(of('c')).toEqual(['apt_update_analyze c', 'reboot_verified c']);
    expect(bed.next(id)).toBe('2026-11-27T02:00:00.000Z');
    const modes = bed.context.database.raw.prepare('select distinct schedule_id from jobs').pluck().all();
    expect(modes).toEqual([id]);
    const told = bed.context.database.raw
      .prepare(
        "select distinct actor_type from machine_events where event_type in ('job.queued', 'schedule.started')",
      )
      .pluck()
      .all();
    expect(told).toEqual(['schedule']);
    // It went well, which its rule does not tell.
    expect(bed.notifications()).toEqual([]);
  });

  it('takes a step for security updates only where there are some', async () => {
    const bed = setUp({ a: { updates: 3, security: 1 }, b: { updates: 3 } });
    const id = putSchedule(bed.context, { steps: [{ action: 'apt_upgrade', condition: 'if_security' }] });
    bed.at('2026-11-26T02:00:00Z');
    await bed.ended(id);
    expect(bed.names().filter((line) => line.startsWith('apt_upgrade'))).toEqual(['apt_upgrade a']);
  });

  it('never applies a plan that removes, unless the schedule allows it', async () => {
    const bed = setUp({ a: { updates: 1, removals: 1 }, b: { updates: 1 } });
    const steps: ScheduleInput['steps'] = [{ action: 'apt_full_upgrade', condition: 'always' }];
    const id = putSchedule(bed.context, { steps, onFailure: 'continue' });
    bed.at('2026-11-26T02:00:00Z');
    const [run] = await bed.ended(id);
    expect(run).toMatchObject({ status: 'error', counts: { error: 1, ok: 1 } });
    expect(bed.names()).not.toContain('apt_full_upgrade a');
    const refused = runMachines(bed.context, run?.id ?? '').find(({ machineName }) => machineName === 'a');
    expect(refused?.steps.at(-1)).toMatchObject({
      state: 'refused',
      error: { kind: 'schedule_removes_packages', data: { count: 1, packages: ['gone0'] } },
    });
    expect(bed.notifications()).toEqual(['schedule_ended error']);
    const allowed = putSchedule(bed.context, { steps, allowRemovals: true });
    bed.at('2026-11-27T02:00:00Z');
    await bed.ended(allowed);
    expect(bed.names()).toContain('apt_full_upgrade a');
  });

  it('keeps to waves and concurrency, and starts nothing more after a failure', async () => {
    const bed = setUp({ a: { fails: 'apt_full_upgrade' }, b: {}, c: {}, d: {} });
    const id = putSchedule(bed.context, { steps: upgrade, wave: { sizes: [2] }, concurrency: 1 });
    bed.at('2026-11-26T02:00:00Z');
    const [run] = await bed.ended(id);
    expect(run).toMatchObject({ status: 'stopped', counts: { error: 1, left: 3 } });
    expect(bed.names()).toEqual(['apt_update_analyze a', 'apt_full_upgrade a']);
    expect(runMachines(bed.context, run?.id ?? '').map(({ leftReason }) => leftReason)).toEqual([
      null,
      'failure',
      'failure',
      'failure',
    ]);
    const on = putSchedule(bed.context, { steps: upgrade, wave: { sizes: [2] }, onFailure: 'continue' });
    bed.at('2026-11-27T02:00:00Z');
    const [second] = await bed.ended(on);
    expect(second).toMatchObject({ status: 'error', counts: { error: 1, ok: 3 } });
    const later = bed.names().slice(2);
    expect(
      Math.min(later.indexOf('apt_update_analyze c'), later.indexOf('apt_update_analyze d')),
    ).toBeGreaterThan(Math.max(later.indexOf('apt_full_upgrade a'), later.indexOf('apt_full_upgrade b')));
  });

  it('begins no step after the end of its window, and says what was left', async () => {
    const held: (() => void)[] = [];
    const bed = setUp({ a: {}, b: {}, c: {} }, () => new Promise((resolve) => held.push(resolve)));
    const id = putSchedule(bed.context, { steps: upgrade, windowMinutes: 60, concurrency: 2 });
    bed.at('2026-11-26T02:00:00Z');
    await vi.waitFor(() => expect(held).toHaveLength(2));
    held[0]?.();
    await vi.waitFor(() => expect(bed.names()).toContain('apt_full_upgrade a'));
    bed.set('2026-11-26T03:00:00Z');
    for (const go of held) go();
    const [run] = await bed.ended(id);
    expect(run).toMatchObject({ status: 'warning', windowEndsAt: '2026-11-26T03:00:00.000Z' });
    // a: nothing was left to do after its upgrade · b: its upgrade was · c: had not begun.
    expect(
      runMachines(bed.context, run?.id ?? '').map(({ state, leftReason }) => [state, leftReason]),
    ).toEqual([
      ['ok', null],
      ['left', 'window'],
      ['left', 'window'],
    ]);
    expect(bed.names()).toEqual(['apt_update_analyze a', 'apt_update_analyze b', 'apt_full_upgrade a']);
    expect(bed.notifications()).toEqual(['schedule_ended warning']);
  });

  it('takes back jobs that still wait in the queue when the window ends, and ends at its next look', async () => {
    const bed = setUp({ a: {} }, () => new Promise(() => undefined));
    bed.runner.pause(null);
    const id = putSchedule(bed.context, { windowMinutes: 30 });
    bed.at('2026-11-26T02:00:00Z');
    expect(bed.runs(id)[0]).toMatchObject({ status: 'running' });
    bed.at('2026-11-26T02:30:00Z');
    const [run] = await bed.ended(id);
    expect(run).toMatchObject({ status: 'warning', counts: { left: 1 } });
    expect(bed.names()).toEqual([]);
  });

  it('goes on after a restart where it was: no step twice', async () => {
    let hold = true;
    const bed = setUp({ a: {}, b: {} }, (job) =>
      hold && bed.byId.get(job.machineId)?.updates === 2 && bed.names().length > 2
        ? new Promise((_, reject) => job.signal.addEventListener('abort', () => reject(new Error('closing'))))
        : Promise.resolve(),
    );
    const id = putSchedule(bed.context, { steps: upgrade, wave: { sizes: [1] } });
    bed.at('2026-11-26T02:00:00Z');
    await vi.waitFor(() => expect(bed.names()).toContain('apt_update_analyze b'));
    hold = false;
    await bed.restart();
    const [run] = await bed.ended(id);
    expect(run).toMatchObject({ status: 'ok', counts: { ok: 2 } });
    expect(bed.names().filter((line) => line === 'apt_full_upgrade b')).toHaveLength(1);
    expect(bed.names().filter((line) => line === 'apt_full_upgrade a')).toHaveLength(1);
  });

  it('can be started by hand, not twice at once, and cancelled: what runs goes on', async () => {
    const held: (() => void)[] = [];
    const bed = setUp({ a: {}, b: {} }, () => new Promise((resolve) => held.push(resolve)));
    const id = putSchedule(bed.context, { steps: upgrade, concurrency: 1 });
    const runId = bed.schedules.runNow(id);
    expect(() => bed.schedules.runNow(id)).toThrow('goes on');
    await vi.waitFor(() => expect(held).toHaveLength(1));
    // Its date comes while it runs.
    bed.at('2026-11-26T02:00:00Z');
    expect(bed.runs(id)[0]).toMatchObject({ status: 'skipped', skipReason: 'overlap' });
    expect(bed.schedules.cancelRun(runId)).toBe('cancelled');
    held[0]?.();
    const [, run] = await bed.ended(id, 2);
    expect(run).toMatchObject({ trigger: 'manual', status: 'cancelled', counts: { left: 2 } });
    expect(bed.schedules.cancelRun(runId)).toBe('already_ended');
    expect(bed.names()).toEqual(['apt_update_analyze a']);
  });

  it('says so when no machine matches', () => {
    const bed = setUp({});
    const id = putSchedule(bed.context, {});
    bed.at('2026-11-26T02:00:00Z');
    expect(bed.runs(id)[0]).toMatchObject({ status: 'skipped', skipReason: 'no_machines' });
    expect(bed.notifications()).toEqual(['schedule_ended warning']);
  });
});

describe('a run where its saved view says', () => {
  const definition = {
    filter: 'machines',
    query: 'a.test',
    layout: 'tiles',
    sort: { by: 'name', direction: 'asc' },
    group: 'none',
    columns: [],
  } as const;
  const caller = { surface: 'ui', signal: new AbortController().signal } as const;

  it('is told as an error when the view was deleted, and runs again when it is put back', async () => {
    const bed = setUp({ a: {}, b: {} });
    const views = fleetViewHandlers(bed.context);
    const put = async (id?: string) =>
      views['fleetViews.save'](
        { ...(id !== undefined && { id }), name: 'Rack', definition: { ...definition, columns: [] } },
        caller,
      );
    const { id: viewId } = await put();
    const scope = { by: 'view', viewId, viewName: 'Rack', exceptTagIds: [] } as const;
    const id = putSchedule(bed.context, {
      scope: { ...scope, exceptTagIds: [] },
      notifyOn: ['error'],
    });
    await views['fleetViews.remove']({ id: viewId }, caller);
    bed.at('2026-11-26T02:00:00Z');
    expect(bed.runs(id)[0]).toMatchObject({ status: 'skipped', skipReason: 'view_gone', machines: 0 });
    expect(bed.notifications()).toEqual(['schedule_ended error']);
    // Who starts it by hand is told at once.
    expect(() => bed.schedules.runNow(id)).toThrow('not there any more');
    await put(viewId);
    bed.at('2026-11-27T02:00:00Z');
    const [run] = await bed.ended(id, 2);
    expect(run).toMatchObject({ status: 'ok', machines: 1 });
    expect(bed.names()).toEqual(['apt_update_analyze a']);
  });
});

describe('a computer that slept over a due time, or an application that was closed', () => {
  it('leaves the run out by the rule, and says so once for all that were missed', async () => {
    const bed = setUp();
    const id = putSchedule(bed.context, { catchUp: 'skip' });
    await bed.restart('2026-11-29T08:00:00Z');
    expect(bed.runs(id)).toMatchObject([
      { status: 'skipped', skipReason: 'missed', dueAt: '2026-11-29T02:00:00.000Z', missed: 3 },
    ]);
    expect(bed.names()).toEqual([]);
    expect(bed.next(id)).toBe('2026-11-30T02:00:00.000Z');
    expect(bed.notifications()).toEqual(['schedule_ended warning']);
  });

  it('makes up for it once by the rule, with the whole window', async () => {
    const bed = setUp();
    const id = putSchedule(bed.context, { catchUp: 'run_once', windowMinutes: 60 });
    bed.at('2026-11-29T08:00:00Z');
    const [run, ...more] = await bed.ended(id);
    expect(more).toEqual([]);
    expect(run).toMatchObject({
      status: 'ok',
      trigger: 'catch_up',
      missed: 3,
      windowEndsAt: '2026-11-29T09:00:00.000Z',
    });
    expect(bed.names()).toEqual(['apt_update_analyze a']);
  });

  it('asks by the rule: nothing happens before the answer', async () => {
    const bed = setUp();
    const id = putSchedule(bed.context, { catchUp: 'ask' });
    bed.at('2026-11-26T08:00:00Z');
    bed.at('2026-11-27T08:00:00Z');
    const [asking, before] = bed.runs(id);
    expect(asking).toMatchObject({ status: 'asking', dueAt: '2026-11-27T02:00:00.000Z' });
    expect(before).toMatchObject({ status: 'skipped', skipReason: 'superseded' });
    expect(bed.notifications()).toEqual(['schedule_asks warning']);
    expect(bed.names()).toEqual([]);
    bed.schedules.answer(asking?.id ?? '', true);
    const [run] = await bed.ended(id, 2);
    expect(run).toMatchObject({ status: 'ok', trigger: 'catch_up' });
    expect(bed.names()).toEqual(['apt_update_analyze a']);
    expect(bed.notifications()).toEqual([]);
    expect(() => bed.schedules.answer(asking?.id ?? '', true)).toThrow('any more');
    bed.at('2026-11-28T08:00:00Z');
    bed.schedules.answer(bed.runs(id)[0]?.id ?? '', false);
    expect(bed.runs(id)[0]).toMatchObject({ status: 'skipped', skipReason: 'dismissed' });
  });

  it('counts as on time within five minutes', async () => {
    const bed = setUp();
    const id = putSchedule(bed.context, { catchUp: 'skip' });
    bed.at('2026-11-26T02:05:00Z');
    expect((await bed.ended(id))[0]).toMatchObject({ trigger: 'due', status: 'ok' });
    bed.at('2026-11-27T02:05:01Z');
    expect((await bed.ended(id, 2))[0]).toMatchObject({ status: 'skipped', skipReason: 'missed' });
  });
});

describe('a clock that was set', () => {
  it('back over a run does not run it again', async () => {
    const bed = setUp();
    const id = putSchedule(bed.context, {});
    bed.at('2026-11-26T02:00:00Z');
    await bed.ended(id);
    bed.at('2026-11-26T01:30:00Z');
    expect(bed.next(id)).toBe('2026-11-27T02:00:00.000Z');
    bed.at('2026-11-26T02:00:00Z');
    expect(bed.runs(id)).toHaveLength(1);
  });

  it('far ahead by mistake and back again loses no run', async () => {
    const bed = setUp();
    const id = putSchedule(bed.context, { catchUp: 'skip' });
    bed.at('2031-06-01T12:00:00Z');
    expect(bed.runs(id)).toMatchObject([{ status: 'skipped', dueAt: '2031-06-01T02:00:00.000Z' }]);
    bed.at('2026-11-26T01:10:00Z');
    expect(bed.next(id)).toBe('2026-11-26T02:00:00.000Z');
    // What was only noted for a day that has not come is gone.
    expect(bed.runs(id)).toEqual([]);
    bed.at('2026-11-26T02:00:00Z');
    expect((await bed.ended(id))[0]).toMatchObject({ status: 'ok', trigger: 'due' });
  });

  it('ahead over a due time is a missed run like any other', async () => {
    const bed = setUp();
    const id = putSchedule(bed.context, { catchUp: 'run_once' });
    bed.at('2026-11-26T05:00:00Z');
    expect((await bed.ended(id))[0]).toMatchObject({ trigger: 'catch_up', status: 'ok' });
  });
});

it('runs at the hours of its zone through both changes of the year', async () => {
  const bed = setUp({ a: {} }, undefined, '2026-03-28T12:00:00Z');
  const id = putSchedule(bed.context, { cron: '30 2 * * *', timezone: 'Europe/Paris' });
  bed.at('2026-03-29T00:59:59Z');
  expect(bed.runs(id)).toEqual([]);
  bed.at('2026-03-29T01:00:00Z');
  await bed.ended(id);
  expect(bed.next(id)).toBe('2026-03-30T00:30:00.000Z');
  store.patchSchedule(bed.context, id, { nextRunAt: '2026-10-25T00:30:00.000Z' });
  bed.at('2026-10-25T00:30:00Z');
  await bed.ended(id, 2);
  // The hour comes a second time.
  bed.at('2026-10-25T01:30:00Z');
  expect(bed.runs(id)).toHaveLength(2);
  expect(bed.next(id)).toBe('2026-10-26T01:30:00.000Z');
});

it('takes a tick back whole when the database cannot take it, and makes up for it at the next look', async () => {
  const bed = setUp({ a: {}, b: {} });
  const id = putSchedule(bed.context, {});
  bed.context.database.raw.exec(
    "create temp trigger full before insert on jobs begin select raise(abort, 'database or disk is full'); end",
  );
  bed.at('2026-11-26T02:00:00Z');
  expect(bed.runs(id)).toEqual([]);
  expect(bed.next(id)).toBe('2026-11-26T02:00:00.000Z');
  bed.context.database.raw.exec('drop trigger full');
  bed.at('2026-11-26T02:00:10Z');
  expect((await bed.ended(id))[0]).toMatchObject({ status: 'ok', machines: 2 });
});

describe('over random sleeps, restarts and settings of the clock', () => {
  const pattern = fc.constantFrom('0 * * * *', '*/20 * * * *', '30 2 * * *', '15 2,14 * * *', '0 3 * * 0');
  const zone = fc.constantFrom(
    'Europe/Paris',
    'America/New_York',
    'Australia/Lord_Howe',
    'Asia/Kolkata',
    'UTC',
  );
  const year = Date.parse('2026-01-01T00:00:00Z');
  const start = fc.integer({ min: 0, max: 365 * 24 * 60 }).map((minutes) => year + minutes * 60_000);
  const sleeps = fc.array(fc.oneof(fc.integer({ min: 1, max: 120 }), fc.integer({ min: 1, max: 3_000 })), {
    minLength: 1,
    maxLength: 15,
  });

  it('each due moment is accounted for exactly once', () => {
    let now = new Date(0);
    const context = { ...testContext(), now: () => now };
    fc.assert(
      fc.property(pattern, zone, start, sleeps, fc.boolean(), (cron, timezone, from, minutes, asks) => {
        now = new Date(from);
        context.database.raw.exec('delete from schedules');
        // No machine: what counts is which moments have their row.
        const noRunner = {
          enqueue: () => [],
          cancel: () => Promise.resolve('already_ended' as const),
        } as unknown as Runner;
        const id = putSchedule(context, { cron, timezone, catchUp: asks ? 'ask' : 'skip' });
        for (const length of minutes) {
          now = new Date(now.getTime() + length * 60_000);
          // Each look by a process of its own.
          const schedules = createSchedules(context, noRunner, {} as Requests);
          schedules.look();
          // A look at the same moment, and one with the clock a little back, change nothing.
          schedules.look();
          const real = now;
          now = new Date(real.getTime() - 45_000);
          schedules.look();
          now = real;
          schedules.look();
          void schedules.close();
        }
        const expected: string[] = [];
        for (
          let due = nextAfter(cron, timezone, new Date(from));
          due !== null && due <= now;
          due = nextAfter(cron, timezone, due)
        ) {
          expected.push(due.toISOString());
        }
        const runs = store.runSummaries(context, { scheduleId: id, limit: 1_000 });
        const dues = runs.map(({ dueAt }) => dueAt);
        expect(new Set(dues).size).toBe(dues.length);
        expect(dues.every((due) => expected.includes(due))).toBe(true);
        expect(runs.reduce((sum, { missed }) => sum + 1 + missed, 0)).toBe(expected.length);
      }),
      { numRuns: 40 },
    );
  });
});
