import { lineMatches } from './highlight.ts';
import { nextTask, type LogFollower } from './log-follower.svelte.ts';

export interface LogSearch {
  query: string;
  /** Lines that match so far. */
  readonly count: number;
  /** Place of the current match among them, from 1; 0 = none yet. */
  readonly at: number;
  /** The line of the current match. */
  readonly line: number | null;
  /** Goes to the next match (or the one before) and returns its line. The first step starts from `fromLine`. */
  step(direction: 1 | -1, fromLine: number): number | null;
  /** Looks through what has come since; call it when the follower's version or the query has changed. */
  scan(): void;
}

const linesPerSlice = 3_000;

/** Searches a whole log in slices, so that typing stays smooth; goes on by itself while the log grows. */
export function createLogSearch(follower: LogFollower): LogSearch {
  let query = $state('');
  let count = $state(0);
  let current = $state(-1);
  let matches: number[] = [];
  let scanned = 0;
  let round = 0;
  let scanning = false;

  async function scanOn(mine: number): Promise<void> {
    const { store } = follower;
    for (;;) {
      // The open line may still be rewritten, so it waits until it is closed.
      const end = follower.phase === 'reading' ? store.lineCount - 1 : store.lineCount;
      if (scanned >= end) return;
      const until = Math.min(end, scanned + linesPerSlice);
      const missing = store.missingBlocks(scanned, until - 1);
      for (const block of missing) await follower.load([block]);
      if (mine !== round) return;
      for (; scanned < until; scanned += 1) {
        const text = store.text(scanned);
        if (text !== null && lineMatches(text, query)) matches.push(scanned);
      }
      count = matches.length;
      await nextTask();
      if (mine !== round) return;
    }
  }

  return {
    get query() {
      return query;
    },
    set query(next: string) {
      if (next === query) return;
      query = next;
      round += 1;
      matches = [];
      scanned = 0;
      count = 0;
      current = -1;
      scanning = false;
    },
    get count() {
      return count;
    },
    get at() {
      return current + 1;
    },
    get line() {
      return current < 0 ? null : (matches[current] ?? null);
    },
    step(direction, fromLine) {
      if (matches.length === 0) return null;
      if (current < 0) {
        const after = matches.findIndex((line) => line >= fromLine);
        current = direction === 1 ? Math.max(0, after) : (after <= 0 ? matches.length : after) - 1;
      } else current = (current + direction + matches.length) % matches.length;
      return matches[current] ?? null;
    },
    scan() {
      if (query === '' || scanning) return;
      scanning = true;
      const mine = round;
      scanOn(mine)
        .catch((error: unknown) => console.warn('The search in the log stopped', error))
        .finally(() => {
          if (mine === round) scanning = false;
        });
    },
  };
}
