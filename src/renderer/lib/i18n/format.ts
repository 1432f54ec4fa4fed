/** Pure formatting by Intl. Instants are ISO 8601 text, durations milliseconds, sizes bytes. */
const cache = new Map<string, unknown>();
function cached<T>(key: string, make: () => T): T {
  const found = cache.get(key) as T | undefined;
  if (found !== undefined) return found;
  const made = make();
  cache.set(key, made);
  return made;
}

export function numberText(locale: string, value: number, maximumFractionDigits = 0): string {
  return cached(
    `n${maximumFractionDigits}${locale}`,
    () => new Intl.NumberFormat(locale, { maximumFractionDigits }),
  ).format(value);
}

/** `value` in percent, 0 to 100. */
export function percentText(locale: string, value: number): string {
  return cached(
    `p${locale}`,
    () => new Intl.NumberFormat(locale, { style: 'percent', maximumFractionDigits: 0 }),
  ).format(value / 100);
}

const sizeUnits = ['byte', 'kilobyte', 'megabyte', 'gigabyte', 'terabyte'] as const;
export function bytesText(locale: string, sizeBytes: number): string {
  let unit = 0;
  let value = sizeBytes;
  while (value >= 1000 && unit < sizeUnits.length - 1) {
    value /= 1000;
    unit += 1;
  }
  const digits = unit === 0 || value >= 100 ? 0 : 1;
  return cached(
    `b${unit}${digits}${locale}`,
    () =>
      new Intl.NumberFormat(locale, {
        style: 'unit',
        unit: sizeUnits[unit]!,
        unitDisplay: unit === 0 ? 'long' : 'short',
        maximumFractionDigits: digits,
      }),
  ).format(value);
}

export function dateTimeText(locale: string, iso: string): string {
  return cached(
    `dt${locale}`,
    () => new Intl.DateTimeFormat(locale, { dateStyle: 'medium', timeStyle: 'short' }),
  ).format(new Date(iso));
}

export function dateText(locale: string, iso: string): string {
  return cached(`d${locale}`, () => new Intl.DateTimeFormat(locale, { dateStyle: 'medium' })).format(
    new Date(iso),
  );
}

/** Time of day with seconds. */
export function timeText(locale: string, iso: string): string {
  return cached(`t${locale}`, () => new Intl.DateTimeFormat(locale, { timeStyle: 'medium' })).format(
    new Date(iso),
  );
}

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const dayMs = 24 * hourMs;

/** Midnights between two instants where the reader is, which is what "tomorrow" and "in 3 days" count. */
function daysBetween(fromMs: number, toMs: number): number {
  const midnight = (ms: number): number => new Date(ms).setHours(0, 0, 0, 0);
  // A day of the clock's change has 23 or 25 hours.
  return Math.round((midnight(toMs) - midnight(fromMs)) / dayMs);
}

/** What has passed is counted in whole units; what is to come is rounded, so that "in 8 hours" does not begin as 7. */
function distance(nowMs: number, atMs: number): [value: number, unit: Intl.RelativeTimeFormatUnit] {
  const differenceMs = atMs - nowMs;
  const count = (unitMs: number): number =>
    differenceMs < 0 ? Math.trunc(differenceMs / unitMs) : Math.round(differenceMs / unitMs);
  if (Math.abs(differenceMs) < minuteMs) return [0, 'second'];
  if (Math.abs(count(minuteMs)) < 60) return [count(minuteMs), 'minute'];
  const [hours, days] = [count(hourMs), daysBetween(nowMs, atMs)];
  if (Math.abs(hours) < 24 || days === 0) return [hours, 'hour'];
  if (Math.abs(days) < 30) return [days, 'day'];
  // At the border the months are not yet one, the years neither.
  const months = Math.sign(days) * Math.max(1, Math.abs(count(30 * dayMs)));
  if (Math.abs(days) < 365) return [months, 'month'];
  return [Math.sign(days) * Math.max(1, Math.abs(count(365 * dayMs))), 'year'];
}

/** "3 minutes ago" or "in 3 days" seen from `nowMs`; under a minute is "now" in the language. */
export function relativeText(
  locale: string,
  iso: string,
  nowMs: number,
  style: 'long' | 'short' | 'narrow' = 'long',
): string {
  const atMs = new Date(iso).getTime();
  if (!Number.isFinite(atMs)) return '';
  const [value, unit] = distance(nowMs, atMs);
  // "Tomorrow" is meant by the calendar, as these days are; "next month" would be too, and thirty days are not.
  const numeric = unit === 'month' || unit === 'year' ? 'always' : 'auto';
  return cached(
    `r${numeric}${style}${locale}`,
    () => new Intl.RelativeTimeFormat(locale, { numeric, style }),
  ).format(value, unit);
}

/** "1h 4m" or "1 h 4 min", as the language writes it; under ten seconds with one decimal. */
export function durationText(locale: string, durationMs: number): string {
  const unit = (value: number, name: string, digits = 0): string =>
    cached(
      `u${name}${digits}${locale}`,
      () =>
        new Intl.NumberFormat(locale, {
          style: 'unit',
          unit: name,
          unitDisplay: locale.startsWith('en') ? 'narrow' : 'short',
          maximumFractionDigits: digits,
        }),
    ).format(value);
  if (durationMs < 10_000) return unit(durationMs / 1000, 'second', 1);
  const seconds = Math.round(durationMs / 1000);
  if (seconds < 60) return unit(seconds, 'second');
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60)
    return [unit(minutes, 'minute'), seconds % 60 ? unit(seconds % 60, 'second') : ''].join(' ').trim();
  const hours = Math.floor(minutes / 60);
  return [unit(hours, 'hour'), minutes % 60 ? unit(minutes % 60, 'minute') : ''].join(' ').trim();
}
