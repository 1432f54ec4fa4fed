/** Writes of something that changes often. */
export interface PacedWrites {
  /** At once, or when the pause since the last write is over: what was told last is always written. */
  readonly soon: () => void;
  readonly now: () => void;
  /** Nothing more is written by itself. */
  readonly stop: () => void;
}

/**
 * @param gapMs least pause between two writes that are not asked for at once
 * @param failed told of a late write that failed, as nobody waits for it
 */
export function pacedWrites(gapMs: number, write: () => void, failed: (error: unknown) => void): PacedWrites {
  let lastAt = Number.NEGATIVE_INFINITY;
  let due: NodeJS.Timeout | undefined;

  function stop(): void {
    clearTimeout(due);
    due = undefined;
  }
  function now(): void {
    stop();
    lastAt = performance.now();
    write();
  }
  function late(): void {
    try {
      now();
    } catch (error) {
      failed(error);
    }
  }

  return {
    now,
    stop,
    soon() {
      const earlyMs = lastAt + gapMs - performance.now();
      if (earlyMs <= 0) now();
      else due ??= setTimeout(late, earlyMs);
    },
  };
}
