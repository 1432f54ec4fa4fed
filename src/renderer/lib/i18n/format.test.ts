import { describe, expect, test } from 'vitest';
import { bytesText, durationText, relativeText } from './format.ts';

describe('format', () => {
  const nowMs = new Date(2026, 0, 10, 12).getTime();

  test.each([
    [20_000, 'now'],
    [3 * 60_000, '3 minutes ago'],
    [119 * 60_000, '1 hour ago'],
    [30 * 3_600_000, 'yesterday'],
    [90 * 86_400_000, '3 months ago'],
  ])('an instant %i ms ago reads "%s"', (agoMs, text) => {
    expect(relativeText('en', new Date(nowMs - agoMs).toISOString(), nowMs)).toBe(text);
  });

  /** Local times, so that the days are those of whoever reads. */
  const local = (day: number, hour: number, minute = 0): number =>
    new Date(2026, 5, day, hour, minute).getTime();

  test.each([
    // A request asked for at noon that waits for three days, as it is read over these days.
    [local(1, 12), local(4, 12), 'in 3 days', 'dans 3 jours'],
    [local(1, 12, 1), local(4, 12), 'in 3 days', 'dans 3 jours'],
    [local(1, 23, 59), local(4, 12), 'in 3 days', 'dans 3 jours'],
    [local(2, 0), local(4, 12), 'in 2 days', 'après-demain'],
    [local(3, 1), local(4, 12), 'tomorrow', 'demain'],
    [local(3, 13), local(4, 12), 'in 23 hours', 'dans 23 heures'],
    [local(4, 3, 31), local(4, 12), 'in 8 hours', 'dans 8 heures'],
    [local(4, 11, 1), local(4, 12), 'in 59 minutes', 'dans 59 minutes'],
    [local(4, 12) - 59_000, local(4, 12), 'now', 'maintenant'],
    // The same distance is tomorrow or the day after, as the evening is near or not.
    [local(1, 20), local(3, 4), 'in 2 days', 'après-demain'],
    [local(1, 8), local(2, 16), 'tomorrow', 'demain'],
    [local(1, 0, 5), local(1, 23, 50), 'in 24 hours', 'dans 24 heures'],
    [local(3, 8), local(1, 20), '2 days ago', 'avant-hier'],
    [local(1, 8), local(26, 8), 'in 25 days', 'dans 25 jours'],
    [local(1, 8), local(1 + 31, 8), 'in 1 month', 'dans 1 mois'],
    [local(1, 8), local(1 + 400, 8), 'in 1 year', 'dans 1 an'],
    [local(1 + 30, 8), local(1, 8, 1), '1 month ago', 'il y a 1 mois'],
  ])('%i, seen of %i, reads "%s" and "%s"', (now, at, english, french) => {
    const iso = new Date(at).toISOString();
    expect([relativeText('en', iso, now), relativeText('fr', iso, now)]).toEqual([english, french]);
  });

  test('days count right over a change of the clock, wherever the reader is', () => {
    for (let day = 1; day < 366; day += 1) {
      const now = new Date(2026, 0, day, 23, 30).getTime();
      const at = new Date(2026, 0, day + 3, 0, 30).toISOString();
      expect(relativeText('en', at, now)).toBe('in 3 days');
    }
  });

  test('sizes use decimal units', () => {
    expect(bytesText('en', 1_500_000)).toBe('1.5 MB');
    expect(bytesText('en', 999)).toBe('999 bytes');
  });

  test('durations keep two units', () => {
    expect(durationText('en', 3_840_000)).toBe('1h 4m');
    expect(durationText('fr', 412)).toMatch(/^0,4\ss$/);
  });
});
