import { armedOfDue } from '../armed/index.ts';
import { askAbout, beginRun, skipRun, type Due } from './begin.ts';
import { dueUntil, nextAfter } from './cron.ts';
import type { ScheduleRow } from './model.ts';
import type { After, Desk } from './progress.ts';
import * as store from './store.ts';

/** A run that begins at most so late counts as on time: the timer looks once a minute, and a start of the application takes a while. */
export const ON_TIME_MS = 5 * 60_000;

const nothing: After = { cancel: [], hasChanged: true };

/**
 * Looks at one schedule that is on: what has become due gets its row, run and first jobs, and the schedule its next moment, in
 * the caller's one transaction. Says null when there was nothing to do.
 */
export function tickSchedule(desk: Desk, schedule: ScheduleRow): After | null {
  const { context } = desk;
  if (schedule.nextRunAt === null) return null;
  const now = context.now();
  const first = new Date(schedule.nextRunAt);
  if (first > now) return noticeClockSetBack(desk, schedule, now, first);
  const { last, before } = dueUntil(schedule.cron, schedule.timezone, first, now);
  const late = now.getTime() - last.getTime() > ON_TIME_MS;
  const due: Due = {
    dueAt: last.toISOString(),
    trigger: late ? 'catch_up' : 'due',
    missed: before,
    missedSince: before > 0 ? first.toISOString() : null,
  };
  const after = take(desk, schedule, due, late);
  setNext(desk, schedule, nextAfter(schedule.cron, schedule.timezone, now));
  return after;
}

function take(desk: Desk, schedule: ScheduleRow, due: Due, late: boolean): After {
  const { context } = desk;
  if (!late || schedule.catchUp === 'run_once') return beginRun(desk, schedule, due).after;
  const armed = [...armedOfDue(context, schedule.id, due.dueAt).values()];
  // Hosts have done it meanwhile, or not: that is collected, whatever is to become of the others.
  if (armed.some(({ row }) => row.status !== 'revoked')) return beginRun(desk, schedule, due, true).after;
  if (schedule.catchUp === 'skip') skipRun(context, schedule, due, 'missed');
  else askAbout(context, schedule, due);
  return nothing;
}

/**
 * The next moment lies further ahead than it should: the clock was set back. Moments that have had their run keep it and are not
 * run again; what was only noted as missed, by a clock that was wrong, may still come.
 */
function noticeClockSetBack(desk: Desk, schedule: ScheduleRow, now: Date, first: Date): After | null {
  const { context } = desk;
  let next = nextAfter(schedule.cron, schedule.timezone, now);
  if (next === null || next >= first) return null;
  const since = store.dropUnrunAfter(context, schedule.id, now.toISOString());
  while (next !== null && store.runOfDue(context, schedule.id, next.toISOString())) {
    next = nextAfter(schedule.cron, schedule.timezone, next);
  }
  // They stood for earlier ones as well, which are counted anew.
  if (since !== null && (next === null || since < next.toISOString())) next = new Date(since);
  if (next?.getTime() === first.getTime()) return null;
  setNext(desk, schedule, next);
  return nothing;
}

function setNext({ context }: Desk, schedule: ScheduleRow, next: Date | null): void {
  store.patchSchedule(context, schedule.id, { nextRunAt: next?.toISOString() ?? null });
}
