import { abortError } from './deadline.ts';

/** A counted queue: at most `limit` holders at a time, the rest wait in order. */
export interface Slots {
  readonly used: number;
  acquire(signal: AbortSignal): Promise<() => void>;
  /** The server refused one more than are in use now: never ask for more again. */
  learnLimit(): void;
}

export function createSlots(initialLimit: number): Slots {
  let limit = initialLimit;
  let used = 0;
  const waiting: (() => void)[] = [];

  const admit = () => {
    while (used < limit) {
      const next = waiting.shift();
      if (next === undefined) return;
      next();
    }
  };

  return {
    get used() {
      return used;
    },
    acquire(signal) {
      return new Promise((resolve, reject) => {
        if (signal.aborted) {
          reject(abortError(signal));
          return;
        }
        const enter = () => {
          signal.removeEventListener('abort', onAbort);
          used += 1;
          let held = true;
          resolve(() => {
            if (!held) return;
            held = false;
            used -= 1;
            admit();
          });
        };
        const onAbort = () => {
          waiting.splice(waiting.indexOf(enter), 1);
          reject(abortError(signal));
        };
        signal.addEventListener('abort', onAbort, { once: true });
        waiting.push(enter);
        admit();
      });
    },
    learnLimit() {
      limit = Math.max(1, Math.min(limit, used));
    },
  };
}
