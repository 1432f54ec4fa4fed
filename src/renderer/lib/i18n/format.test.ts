import { describe, expect, test } from 'vitest';
import { bytesText, durationText, relativeText } from './format.ts';

describe('format', () => {
  const nowMs = Date.UTC(2026, 0, 10, 12);

  test.each([
    [20_000, 'now'],
    [3 * 60_000, '3 minutes ago'],
    [119 * 60_000, '1 hour ago'],
    [30 * 3_600_000, 'yesterday'],
    [90 * 86_400_000, '3 months ago'],
  ])('an instant %i ms ago reads "%s"', (agoMs, text) => {
    expect(relativeText('en', new Date(nowMs - agoMs).toISOString(), nowMs)).toBe(text);
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
