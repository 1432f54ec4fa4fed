const tickMs = 5_000;
/** Timers stand still while the computer sleeps: a tick that comes so late tells of it. Hidden pages get one a minute. */
const sleptMs = { shown: 20_000, hidden: 100_000 };
/** A link that breaks within this time of waking broke over the sleep. */
const laterMs = 120_000;

/** How long to wait before each attempt after a sleep: the network comes back a little later. */
export const retryDelaysMs: readonly number[] = [1_000, 3_000, 8_000, 20_000, 30_000];

let wokeAtMs = -Infinity;

export const isAfterSleep = (): boolean => Date.now() - wokeAtMs < laterMs;

/** Calls `woke` when the computer has slept. */
export function watchSleep(woke: () => void): void {
  let last = Date.now();
  setInterval(() => {
    const now = Date.now();
    if (now - last > (document.hidden ? sleptMs.hidden : sleptMs.shown)) {
      wokeAtMs = now;
      woke();
    }
    last = now;
  }, tickMs);
}
