import type { Bus, News } from './bus.ts';

/**
 * Turns news into an async iterable of the ids that changed since the consumer last looked. Ids that change several
 * times while the consumer is busy are reported once, so a slow reader costs memory by machine, not by event.
 * `take` picks the ids from a piece of news. Ends when `signal` aborts.
 */
export async function* changedIds<T extends keyof News>(
  bus: Bus,
  topic: T,
  take: (news: News[T]) => readonly string[],
  signal: AbortSignal,
  /** Least time between two batches; joins bursts. */
  gapMs = 0,
): AsyncGenerator<readonly string[]> {
  const pending = new Set<string>();
  let wake: () => void = () => undefined;
  const unsubscribe = bus.subscribe(topic, (news) => {
    for (const id of take(news)) pending.add(id);
    wake();
  });
  const onAbort = () => wake();
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    // The consumer subscribes first and reads its first state afterwards: nothing falls between the two.
    yield [];
    while (!signal.aborted) {
      if (pending.size === 0) {
        await new Promise<void>((resolve) => {
          wake = resolve;
          if (signal.aborted || pending.size > 0) resolve();
        });
        continue;
      }
      const batch = [...pending];
      pending.clear();
      yield batch;
      if (gapMs > 0 && !signal.aborted) await pause(gapMs, signal);
    }
  } finally {
    unsubscribe();
    signal.removeEventListener('abort', onAbort);
  }
}

/** Waits, or returns early when `signal` aborts; leaves no timer behind. */
export async function pause(durationMs: number, signal?: AbortSignal): Promise<void> {
  if (signal?.aborted) return;
  await new Promise<void>((resolve) => {
    const timer = setTimeout(done, durationMs);
    function done() {
      clearTimeout(timer);
      signal?.removeEventListener('abort', done);
      resolve();
    }
    signal?.addEventListener('abort', done, { once: true });
  });
}
