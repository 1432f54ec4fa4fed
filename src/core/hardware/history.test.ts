import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { pointsToDrop } from './history.ts';

const nowMs = Date.parse('2026-11-20T12:00:00.000Z');
const MINUTE = 60_000;
const iso = (agoMs: number): string => new Date(nowMs - agoMs).toISOString();
const kept = (times: readonly string[], atMs = nowMs): string[] => {
  const dropped = new Set(pointsToDrop(times, atMs));
  return times.filter((time) => !dropped.has(time));
};

describe('the history of a machine', () => {
  it('keeps minutes for a day, hours for two weeks, days for a year', () => {
    const everyMinute = (fromMs: number, count: number) =>
      Array.from({ length: count }, (_, i) => iso(fromMs + i * MINUTE));
    expect(kept(everyMinute(0, 60))).toHaveLength(12 + 1);
    expect(kept(everyMinute(3 * 24 * 60 * MINUTE, 600)).length).toBeLessThanOrEqual(11);
    expect(kept(everyMinute(40 * 24 * 60 * MINUTE, 600)).length).toBeLessThanOrEqual(2);
    expect(kept([iso(0), iso(400 * 24 * 60 * MINUTE)])).toEqual([iso(0)]);
  });

  it('keeps the only point there is, however old', () => {
    expect(kept([iso(900 * 24 * 60 * MINUTE)])).toHaveLength(1);
  });

  it('is bounded whatever comes, and asking again drops nothing more', () => {
    const ago = fc.integer({ min: 0, max: 500 * 24 * 60 * MINUTE });
    fc.assert(
      fc.property(fc.uniqueArray(ago, { maxLength: 3000, size: 'max' }), (agos) => {
        const once = kept(agos.map(iso));
        expect(once.length).toBeLessThanOrEqual(289 + 313 + 352 + 3);
        expect(kept(once)).toEqual(once);
      }),
      { numRuns: 20 },
    );
  });

  it('never eats a point that comes every three minutes down to one', () => {
    let points: string[] = [];
    for (let at = 0; at < 120; at += 3) {
      points = kept([...points, new Date(nowMs + at * MINUTE).toISOString()], nowMs + at * MINUTE);
    }
    expect(points.length).toBeGreaterThanOrEqual(23);
  });
});
