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

const steps: readonly [limitMs: number, unit: Intl.RelativeTimeFormatUnit, unitMs: number][] = [
  [3_600_000, 'minute', 60_000],
  [86_400_000, 'hour', 3_600_000],
  [30 * 86_400_000, 'day', 86_400_000],
  [365 * 86_400_000, 'month', 30 * 86_400_000],
  [Infinity, 'year', 365 * 86_400_000],
];

/** "3 minutes ago" seen from `nowMs`; under a minute is "now" in the language. */
export function relativeText(
  locale: string,
  iso: string,
  nowMs: number,
  style: 'long' | 'short' | 'narrow' = 'long',
): string {
  const format = cached(
    `r${style}${locale}`,
    () => new Intl.RelativeTimeFormat(locale, { numeric: 'auto', style }),
  );
  const differenceMs = new Date(iso).getTime() - nowMs;
  const distanceMs = Math.abs(differenceMs);
  if (!Number.isFinite(differenceMs)) return '';
  if (distanceMs < 60_000) return format.format(0, 'second');
  const [, unit, unitMs] = steps.find(([limitMs]) => distanceMs < limitMs)!;
  return format.format(Math.trunc(differenceMs / unitMs), unit);
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
