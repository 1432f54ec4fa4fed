/** How often, as the editor asks it; the fields hold what was typed. */
export const timingKinds = ['daily', 'weekly', 'monthly', 'hours', 'minutes', 'cron'] as const;
export type TimingKind = (typeof timingKinds)[number];
export const monthWays = ['day', 'last', 'nth'] as const;
export type MonthWay = (typeof monthWays)[number];
/** Monday first; the numbers are those of crontab(5). */
export const weekdays = ['1', '2', '3', '4', '5', '6', '0'] as const;
export type Weekday = (typeof weekdays)[number];
export const nths = ['1', '2', '3', '4'] as const;
export type Nth = (typeof nths)[number];

export interface Timing {
  kind: TimingKind;
  /** `HH:MM`. */
  time: string;
  days: Weekday[];
  monthBy: MonthWay;
  monthDay: string;
  monthNth: Nth;
  monthWeekday: Weekday;
  everyHours: string;
  /** Minutes past the hour, for `hours`. */
  minute: string;
  everyMinutes: string;
  cron: string;
}

export const newTiming = (): Timing => ({
  kind: 'weekly',
  time: '03:00',
  days: ['0'],
  monthBy: 'nth',
  monthDay: '1',
  monthNth: '1',
  monthWeekday: '0',
  everyHours: '6',
  minute: '0',
  everyMinutes: '30',
  cron: '0 3 * * 0',
});

export type TimingProblem = 'days' | 'time' | 'monthDay' | 'hours' | 'minute' | 'minutes';

const wholeOf = (text: string, least: number, most: number): number | null => {
  const value = /^\s*\d{1,2}\s*$/.test(text) ? Number(text) : NaN;
  return value >= least && value <= most ? value : null;
};

/** The pattern that a timing means, or the field that has to be mended. */
export function cronOfTiming(timing: Timing): { cron: string } | { problem: TimingProblem } {
  const clock = /^([01]\d|2[0-3]):([0-5]\d)$/.exec(timing.time.trim());
  const at = clock && `${Number(clock[2])} ${Number(clock[1])}`;
  switch (timing.kind) {
    case 'cron':
      return { cron: timing.cron.trim() };
    case 'minutes': {
      const every = wholeOf(timing.everyMinutes, 1, 30);
      if (every === null || 60 % every !== 0) return { problem: 'minutes' };
      return { cron: every === 1 ? '* * * * *' : `*/${every} * * * *` };
    }
    case 'hours': {
      const every = wholeOf(timing.everyHours, 1, 12);
      const minute = wholeOf(timing.minute, 0, 59);
      if (every === null || 24 % every !== 0) return { problem: 'hours' };
      if (minute === null) return { problem: 'minute' };
      return { cron: `${minute} ${every === 1 ? '*' : `*/${every}`} * * *` };
    }
    case 'daily':
      return at ? { cron: `${at} * * *` } : { problem: 'time' };
    case 'weekly':
      if (!at) return { problem: 'time' };
      if (timing.days.length === 0) return { problem: 'days' };
      return { cron: `${at} * * ${weekdays.filter((day) => timing.days.includes(day)).join(',')}` };
    case 'monthly': {
      if (!at) return { problem: 'time' };
      if (timing.monthBy === 'last') return { cron: `${at} L * *` };
      if (timing.monthBy === 'nth') return { cron: `${at} * * ${timing.monthWeekday}#${timing.monthNth}` };
      const day = wholeOf(timing.monthDay, 1, 31);
      return day === null ? { problem: 'monthDay' } : { cron: `${at} ${day} * *` };
    }
  }
}

const number = (text: string | undefined, most: number): number | null =>
  text !== undefined && /^\d{1,2}$/.test(text) && Number(text) <= most ? Number(text) : null;
const two = (value: number): string => String(value).padStart(2, '0');
const weekdayOf = (text: string): Weekday | undefined =>
  weekdays.find((day) => day === (text === '7' ? '0' : text));

/** The timing that a pattern means; one that is none of the usual ones is `cron`. */
export function timingOfCron(cron: string): Timing {
  const base: Timing = { ...newTiming(), kind: 'cron', cron };
  const [minute = '', hour = '', day = '', month = '', weekday = '', ...more] = cron.trim().split(/\s+/);
  if (more.length > 0 || month !== '*') return base;
  const minutes = number(minute, 59);
  const hours = number(hour, 23);
  const everyMinutes = minute === '*' ? '1' : /^\*\/(\d{1,2})$/.exec(minute)?.[1];
  const everyHours = hour === '*' ? '1' : /^\*\/(\d{1,2})$/.exec(hour)?.[1];
  const isAnyDay = day === '*' && weekday === '*';
  if (everyMinutes !== undefined && hour === '*' && isAnyDay && 60 % Number(everyMinutes) === 0) {
    return { ...base, kind: 'minutes', everyMinutes: String(Number(everyMinutes)) };
  }
  if (minutes !== null && everyHours !== undefined && isAnyDay && 24 % Number(everyHours) === 0) {
    return { ...base, kind: 'hours', everyHours: String(Number(everyHours)), minute: String(minutes) };
  }
  if (minutes === null || hours === null) return base;
  const timed: Timing = { ...base, time: `${two(hours)}:${two(minutes)}` };
  if (isAnyDay) return { ...timed, kind: 'daily' };
  if (weekday === '*') {
    if (day === 'L') return { ...timed, kind: 'monthly', monthBy: 'last' };
    const monthDay = number(day, 31);
    return monthDay === null || monthDay === 0
      ? base
      : { ...timed, kind: 'monthly', monthBy: 'day', monthDay: String(monthDay) };
  }
  if (day !== '*') return base;
  const nth = /^([0-7])#([1-4])$/.exec(weekday);
  if (nth) {
    const monthWeekday = weekdayOf(nth[1] ?? '');
    const monthNth = nths.find((one) => one === nth[2]);
    return monthWeekday && monthNth
      ? { ...timed, kind: 'monthly', monthBy: 'nth', monthWeekday, monthNth }
      : base;
  }
  const days = weekday.split(',').map(weekdayOf);
  const known = days.filter((one) => one !== undefined);
  return known.length < days.length ? base : { ...timed, kind: 'weekly', days: known };
}
