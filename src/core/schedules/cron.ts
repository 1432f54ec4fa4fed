import { Cron } from 'croner';
import { AppError } from '../../shared/domain/errors.ts';

/**
 * The only place that knows croner. Patterns have five fields and are read in an IANA time zone. Daylight saving is croner's
 * rule, the one of Vixie cron: a time that the clock skips comes at the first moment after the gap, a time that comes twice
 * counts once, and patterns with `*` go on through both hours.
 */
export type CronProblem = 'pattern' | 'timezone' | 'never';

/** Due moments that are counted one by one; a clock that jumps by years must not hold up the application. */
const MOST_COUNTED = 2_000;

const parsed = new Map<string, Cron>();
/** A fleet has few schedules; the editor tries many patterns. */
const MOST_KEPT = 200;

function cronOf(pattern: string, timezone: string): Cron {
  const key = `${timezone} ${pattern}`;
  const known = parsed.get(key);
  if (known) return known;
  if (parsed.size >= MOST_KEPT) parsed.clear();
  const made = new Cron(pattern, { timezone, paused: true, mode: '5-part' });
  parsed.set(key, made);
  return made;
}

const isTimezone = (timezone: string): boolean => {
  try {
    new Intl.DateTimeFormat('en', { timeZone: timezone });
    return true;
  } catch {
    return false;
  }
};

/** What is wrong with a pattern, or null. `from`: where the first date is looked for. */
export function cronProblem(pattern: string, timezone: string, from: Date): CronProblem | null {
  // `Intl` also takes offsets such as +02:00, which know no daylight saving.
  if (!/^[A-Za-z]/.test(timezone) || !isTimezone(timezone)) return 'timezone';
  if (pattern.trim().split(/\s+/).length !== 5) return 'pattern';
  try {
    return cronOf(pattern, timezone).nextRun(from) === null ? 'never' : null;
  } catch {
    return 'pattern';
  }
}

/** @throws AppError schedule_pattern_invalid */
export function checkCron(pattern: string, timezone: string, from: Date): void {
  const problem = cronProblem(pattern, timezone, from);
  if (problem === null) return;
  throw new AppError('schedule_pattern_invalid', 'The pattern or its time zone cannot be used', {
    problem,
    pattern,
    timezone,
  });
}

/** The first due moment after `from`, or null when there is none. */
export function nextAfter(pattern: string, timezone: string, from: Date): Date | null {
  return cronOf(pattern, timezone).nextRun(from);
}

export function nextDates(pattern: string, timezone: string, from: Date, count: number): Date[] {
  return cronOf(pattern, timezone).nextRuns(count, from);
}

export interface Missed {
  /** The last due moment that is not after `now`. */
  readonly last: Date;
  /** Due moments from `first` to just before `last`; at least so many when they were too many to count. */
  readonly before: number;
}

/** The due moments from `first` (one itself) to `now`. */
export function dueUntil(pattern: string, timezone: string, first: Date, now: Date): Missed {
  let last = first;
  let before = 0;
  for (; before < MOST_COUNTED; before++) {
    const next = nextAfter(pattern, timezone, last);
    if (next === null || next > now) return { last, before };
    last = next;
  }
  const [newest] = cronOf(pattern, timezone).previousRuns(1, new Date(now.getTime() + 1));
  return { last: newest && newest > last ? newest : last, before };
}
