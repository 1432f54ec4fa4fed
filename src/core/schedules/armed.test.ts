import { afterEach, describe, expect, it, vi } from 'vitest';
import type { ScheduleInput } from '../../shared/contract/schedules.ts';
import { armedToAsk, askAfterDue, insertArmed, listArmed, moveArmed, nextAskAt } from '../armed/index.ts';
import { explain } from '../db/explain.ts';
import { newId } from '../db/ids.ts';
import { runMachines } from './run-machines.ts';
import { closeAll, setUp } from './testing/bed.ts';
import { putSchedule } from './testing/fake-fleet.ts';

afterEach(closeAll);

const upgrade: ScheduleInput['steps'] = [
  { action: 'apt_full_upgrade', condition: 'if_updates' },
  { action: 'reboot_verified', condition: 'if_reboot_needed' },
];

describe('what was handed to hosts', () => {
  function armed(bed: ReturnType<typeof setUp>, scheduleId: string, name: string): string {
    const id = newId();
    insertArmed(bed.context, {
      id,
      scheduleId,
      machineId: bed.ids[name] ?? '',
      action: 'apt_full_upgrade',
      dueAt: '2026-11-26T02:00:00.000Z',
      expiresAt: '2026-11-26T04:00:00.000Z',
      beginJson: '{}',
      packages: 1,
    });
    moveArmed(bed.context, id, 'armed', { askAt: askAfterDue('2026-11-26T02:00:00.000Z') });
    return id;
  }

  it('is not done by the application as well, is asked about, and ends the run by what the host says', async () => {
    const bed = setUp({ a: {}, b: {} });
    const id = putSchedule(bed.context, { steps: upgrade, catchUp: 'skip' });
    const armedId = armed(bed, id, 'a');
    bed.at('2026-11-26T02:00:00Z');
    await vi.waitFor(() => expect(bed.runs(id)[0]?.counts).toMatchObject({ armed: 1, ok: 1 }));
    expect(bed.names()).toEqual(['apt_update_analyze b', 'apt_full_upgrade b']);
    // Not yet known: never shown as done.
    expect(bed.runs(id)[0]?.status).toBe('running');
    bed.at('2026-11-26T02:00:30Z');
    await vi.waitFor(() => expect(bed.names().at(-1)).toBe('apt_update_analyze a'));
    bed.at('2026-11-26T02:01:30Z');
    expect(bed.names()).toHaveLength(3);
    moveArmed(bed.context, armedId, 'not_run', { notRunReason: 'rebooted' });
    bed.context.bus.publish('schedule.changed', { scheduleId: id });
    const [run] = await bed.ended(id);
    expect(run).toMatchObject({ status: 'warning', counts: { ok: 1, left: 1 } });
    expect(runMachines(bed.context, run?.id ?? '').at(-1)).toMatchObject({ leftReason: 'not_run' });
  });

  it('is asked about at growing pauses while its host cannot be reached, which says when it is asked next', async () => {
    const bed = setUp({ a: { fails: 'apt_update_analyze' } });
    const id = putSchedule(bed.context, { steps: upgrade });
    armed(bed, id, 'a');
    const asked = async (iso: string, times: number) => {
      bed.at(iso);
      await vi.waitFor(() => expect(bed.names()).toHaveLength(times));
      await vi.waitFor(() =>
        expect(
          bed.context.database.raw.prepare("select count(*) from jobs where status <> 'error'").pluck().get(),
        ).toBe(0),
      );
      const [one] = listArmed(bed.context, { scheduleId: id });
      expect(one).toMatchObject({ status: 'armed', asks: times, outcome: null });
      return one?.askAt?.slice(11, 19);
    };
    expect(await asked('2026-11-26T02:00:00Z', 0)).toBe('02:00:20');
    expect(await asked('2026-11-26T02:00:20Z', 1)).toBe('02:01:20');
    expect(await asked('2026-11-26T02:01:00Z', 1)).toBe('02:01:20');
    expect(await asked('2026-11-26T02:01:20Z', 2)).toBe('02:03:20');
    expect(await asked('2026-11-26T02:03:20Z', 3)).toBe('02:08:20');
    expect(await asked('2026-11-26T05:00:00Z', 4)).toBe('05:10:00');
    // Never known to have run: the run waits for it.
    expect(bed.runs(id)[0]).toMatchObject({ status: 'running', counts: { armed: 1 } });
  });

  it('is not asked about twice at once, and by the start where nobody confirmed it', async () => {
    const bed = setUp({ a: {}, b: {} });
    const id = putSchedule(bed.context, { steps: upgrade });
    bed.runner.pause(null);
    const armedId = armed(bed, id, 'a');
    bed.at('2026-11-26T02:00:20Z');
    bed.at('2026-11-26T02:10:20Z');
    const waiting = () =>
      bed.context.database.raw
        .prepare("select count(*) from jobs j join machines m on m.id = j.machine_id where m.name = 'a'")
        .pluck()
        .get();
    expect(waiting()).toBe(1);
    expect(listArmed(bed.context, { scheduleId: id })[0]).toMatchObject({ asks: 1 });
    moveArmed(bed.context, armedId, 'expired');
    expect(listArmed(bed.context, { scheduleId: id })[0]).toMatchObject({ askAt: null });

    // Being handed over when the application ended.
    const later = newId();
    insertArmed(bed.context, {
      id: later,
      scheduleId: id,
      machineId: bed.ids['b'] ?? '',
      action: 'apt_full_upgrade',
      dueAt: '2026-11-27T02:00:00.000Z',
      expiresAt: '2026-11-27T04:00:00.000Z',
      beginJson: '{}',
      packages: 1,
    });
    bed.at('2026-11-26T02:20:00Z');
    expect(listArmed(bed.context, { scheduleId: id })[0]).toMatchObject({ status: 'arming', askAt: null });
    bed.context.database.raw.exec('delete from jobs');
    await bed.restart('2026-11-26T02:30:00Z');
    expect(listArmed(bed.context, { scheduleId: id })[0]).toMatchObject({ status: 'arming', asks: 1 });
  });

  it('is found to be asked about by its index', () => {
    const { context } = setUp();
    const { raw } = context.database;
    const prepare = raw.prepare.bind(raw);
    const seen: string[] = [];
    raw.prepare = (text: string) => {
      seen.push(text);
      return prepare(text);
    };
    armedToAsk(context);
    nextAskAt(context);
    raw.prepare = prepare;
    expect(seen).toHaveLength(2);
    for (const sql of seen) {
      const steps = explain(raw, sql, Array(sql.split('?').length - 1).fill(null)).join('\n');
      expect(steps).toMatch(/SEARCH armed_runs USING (COVERING )?INDEX armed_runs_ask_at \(ask_at[<>]\?\)/);
      expect(steps).not.toMatch(/SCAN (armed_runs|executions|jobs)/);
    }
  });

  it('is collected also where the saved view of its schedule was deleted, which is told', async () => {
    const bed = setUp({ a: {}, b: {} });
    const id = putSchedule(bed.context, {
      steps: upgrade,
      scope: { by: 'view', viewId: newId(), viewName: 'Rack', exceptTagIds: [] },
    });
    const armedId = armed(bed, id, 'a');
    bed.at('2026-11-26T02:00:00Z');
    expect(bed.runs(id)[0]).toMatchObject({ status: 'running', machines: 1, counts: { armed: 1 } });
    moveArmed(bed.context, armedId, 'expired');
    bed.context.bus.publish('schedule.changed', { scheduleId: id });
    const [run] = await bed.ended(id);
    expect(run).toMatchObject({ status: 'error', skipReason: 'view_gone', counts: { left: 1 } });
  });

  it('is collected after a missed run by any rule; the others are left by theirs', async () => {
    const bed = setUp({ a: {}, b: {} });
    const id = putSchedule(bed.context, { steps: upgrade, catchUp: 'skip' });
    const armedId = armed(bed, id, 'a');
    await bed.restart('2026-11-26T08:00:00Z');
    expect(bed.runs(id)[0]).toMatchObject({ status: 'running', counts: { armed: 1, left: 1 } });
    await vi.waitFor(() => expect(bed.names()).toEqual(['apt_update_analyze a']));
    moveArmed(bed.context, armedId, 'expired');
    bed.context.bus.publish('schedule.changed', { scheduleId: id });
    const [run] = await bed.ended(id);
    expect(runMachines(bed.context, run?.id ?? '').map(({ leftReason }) => leftReason)).toEqual([
      'missed',
      'expired',
    ]);
  });
});
