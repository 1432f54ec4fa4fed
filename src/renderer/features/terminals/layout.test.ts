import { describe, expect, it } from 'vitest';
import {
  dividersOf,
  gridOf,
  neighbourOf,
  panesOf,
  placesOf,
  removePane,
  splitPane,
  withRatio,
} from './layout.ts';

/** a | (b over c) */
const three = splitPane(splitPane('a', 'a', 'row', 'b'), 'b', 'column', 'c');

describe('a layout of panes', () => {
  it('splits a pane where it is, and gives its room back', () => {
    expect(panesOf(three)).toEqual(['a', 'b', 'c']);
    expect(placesOf(three).get('c')).toEqual({ left: 0.5, top: 0.5, width: 0.5, height: 0.5 });
    expect(placesOf(removePane(three, 'b') ?? '').get('c')).toEqual({
      left: 0.5,
      top: 0,
      width: 0.5,
      height: 1,
    });
    expect(removePane('a', 'a')).toBeNull();
    expect(removePane(three, 'x')).toEqual(three);
  });

  it.each([
    ['a', 'right', 'b'],
    ['b', 'left', 'a'],
    ['b', 'down', 'c'],
    ['c', 'up', 'b'],
    ['c', 'left', 'a'],
    ['a', 'left', null],
    ['b', 'right', null],
    ['c', 'down', null],
  ] as const)('from %s to the %s is %s', (from, side, expected) => {
    expect(neighbourOf(three, from, side)).toBe(expected);
  });

  it('moves a divider, never so far that a part is gone', () => {
    const moved = withRatio(three, '1', 0.8);
    expect(dividersOf(moved).map(({ path, ratio }) => [path, ratio])).toEqual([
      ['', 0.5],
      ['1', 0.8],
    ]);
    expect(dividersOf(withRatio(three, '', -4))[0]?.ratio).toBe(0.1);
  });

  it('covers the whole tab with panes of like size', () => {
    for (let count = 1; count <= 16; count += 1) {
      const keys = Array.from({ length: count }, (_, at) => `p${at}`);
      const places = [...placesOf(gridOf(keys)).values()];
      const areas = places.map(({ width, height }) => width * height);
      expect(panesOf(gridOf(keys))).toEqual(keys);
      expect(areas.reduce((sum, area) => sum + area, 0)).toBeCloseTo(1);
      expect(Math.max(...areas) / Math.min(...areas)).toBeLessThan(1.01);
    }
  });
});
