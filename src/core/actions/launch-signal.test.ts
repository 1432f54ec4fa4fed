import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { launchSignal } from './launch-signal.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test('a launch outlives the close of the application for a while, not for ever', () => {
  const job = new AbortController();
  const signal = launchSignal(job.signal);
  job.abort('closing');
  vi.advanceTimersByTime(4_000);
  expect(signal.aborted).toBe(false);
  vi.advanceTimersByTime(2_000);
  expect(signal).toMatchObject({ aborted: true, reason: 'closing' });
});

test('any other end is at once, also one from before', () => {
  const job = new AbortController();
  const signal = launchSignal(job.signal);
  job.abort('cancel');
  expect(signal).toMatchObject({ aborted: true, reason: 'cancel' });
  expect(launchSignal(AbortSignal.abort('cancel')).aborted).toBe(true);
});
