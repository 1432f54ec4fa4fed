import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { pacedWrites } from './paced-writes.ts';

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
});
afterEach(() => {
  vi.useRealTimers();
});

function paced(gapMs: number) {
  let told = 0;
  const written: number[] = [];
  const failures: unknown[] = [];
  let isFull = false;
  const writes = pacedWrites(
    gapMs,
    () => {
      if (isFull) throw new Error('the disk is full');
      written.push(told);
    },
    (error) => failures.push(error),
  );
  return {
    ...writes,
    tell: (value: number): void => {
      told = value;
      writes.soon();
    },
    fill: () => (isFull = true),
    written,
    failures,
  };
}

it('writes the first at once, then the last of each gap', () => {
  const { tell, written } = paced(250);
  for (const value of [1, 2, 3]) tell(value);
  expect(written).toEqual([1]);
  vi.advanceTimersByTime(249);
  expect(written).toEqual([1]);
  vi.advanceTimersByTime(2);
  expect(written).toEqual([1, 3]);
  vi.advanceTimersByTime(10_000);
  expect(written).toEqual([1, 3]);
});

it('writes at once what must be seen now, and not again later', () => {
  const { tell, now, written } = paced(250);
  tell(1);
  tell(2);
  now();
  vi.advanceTimersByTime(1_000);
  expect(written).toEqual([1, 2]);
});

it('writes nothing once it was stopped, and tells of a late write that failed', () => {
  const { tell, stop, fill, written, failures } = paced(250);
  tell(1);
  tell(2);
  stop();
  vi.advanceTimersByTime(1_000);
  expect(written).toEqual([1]);
  tell(3);
  fill();
  tell(4);
  vi.advanceTimersByTime(1_000);
  expect(written).toEqual([1, 3]);
  expect(String(failures)).toContain('the disk is full');
});
