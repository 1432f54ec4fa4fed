import { describe, expect, it } from 'vitest';
import { wavesOf } from './waves.ts';

describe('waves', () => {
  it.each([
    ['sizes; the last one repeats', 14, { sizes: [1, 5] }, [1, 5, 5, 3]],
    ['fewer machines than the first wave', 2, { sizes: [5] }, [2]],
    ['a share for each wave, rounded up', 10, { percent: 25 }, [3, 3, 3, 1]],
    ['a tiny share is one machine', 3, { percent: 1 }, [1, 1, 1]],
    ['all at once', 4, 'all', [4]],
  ] as const)('%s', (_title, count, rule, expected) => {
    const waves = wavesOf(count, rule);
    expect(waves).toHaveLength(count);
    const sizes = expected.map((_, wave) => waves.filter((w) => w === wave).length);
    expect(sizes).toEqual([...expected]);
    expect(waves).toEqual([...waves].sort((a, b) => a - b));
  });
});
