import { describe, expect, it } from 'vitest';
import { curveOf, loadTop } from './sparkline.ts';

const box = { width: 100, height: 10 };
const range = { fromMs: 0, toMs: 100, top: 100 };
const sample = (timeMs: number, value: number | null) => ({ timeMs, value });

describe('a curve', () => {
  it('runs from left to right, high values up', () => {
    const curve = curveOf([sample(0, 0), sample(50, 50), sample(100, 100)], range, box);
    expect(curve).toMatchObject({ lines: ['M0 10L50 5L100 0'], min: 0, max: 100, count: 3 });
    expect(curve?.areas).toEqual(['M0 10L0 10L50 5L100 0L100 10Z']);
    expect(curve?.last).toEqual({ x: 100, y: 0 });
  });

  it('has a hole where nothing was told, and shows a lone point', () => {
    const curve = curveOf([sample(0, 10), sample(10, 10), sample(20, null), sample(60, 10)], range, box);
    expect(curve?.lines).toEqual(['M0 9L10 9', 'M60 9h0']);
    expect(curve?.areas).toHaveLength(1);
  });

  it('leaves out what lies outside of its time, and never leaves its box', () => {
    const curve = curveOf([sample(-5, 10), sample(50, 400), sample(101, 10)], range, box);
    expect(curve).toMatchObject({ lines: ['M50 0h0'], count: 1 });
  });

  it('is none without values', () => {
    expect(curveOf([], range, box)).toBeNull();
    expect(curveOf([sample(50, null)], range, box)).toBeNull();
    expect(curveOf([sample(50, 1)], { ...range, toMs: 0 }, box)).toBeNull();
  });
});

describe('the upper edge of a load', () => {
  it('is the number of processors, or what was more', () => {
    expect(loadTop([sample(0, 0.2)], 4)).toBe(4);
    expect(loadTop([sample(0, 6.3)], 4)).toBe(7);
    expect(loadTop([], null)).toBe(1);
  });
});
