/* eslint-disable svelte/prefer-svelte-reactivity -- the sets are of this step alone; only `shown` is rendered */
/** What is to be in the page: `isNear` = inside of what is visible, not only close to it. */
export interface Paced {
  readonly key: string | number;
  readonly isNear: boolean;
}

/**
 * Lets at most `most()` things that are not in the page yet come in one frame, the visible ones first. Making a screenful
 * at once blocks the page for longer than a reader notices when it is spread over a few frames.
 */
export function createPace<T extends Paced>(most: () => number) {
  let shown = $state.raw<readonly T[]>([]);
  let present: ReadonlySet<string | number> = new Set();
  let wanted: readonly T[] = [];
  let cancel: (() => void) | undefined;

  function show(next: readonly T[]): void {
    present = new Set(next.map(({ key }) => key));
    shown = next;
  }
  function step(): void {
    cancel = undefined;
    const fresh = wanted.filter(({ key }) => !present.has(key));
    const ordered = [...fresh.filter(({ isNear }) => isNear), ...fresh.filter(({ isNear }) => !isNear)];
    const late = new Set(ordered.slice(most()).map(({ key }) => key));
    show(late.size === 0 ? wanted : wanted.filter(({ key }) => !late.has(key)));
    if (late.size > 0) cancel = nextFrame(step);
  }

  return {
    get shown(): readonly T[] {
      return shown;
    },
    want(next: readonly T[]): void {
      cancel?.();
      wanted = next;
      const kept = next.filter(({ key }) => present.has(key));
      if (next.length - kept.length <= most() && present.size > 0) return step();
      // A new screenful: what is no longer wanted goes now, what is wanted begins to come with the next frame.
      show(kept);
      cancel = nextFrame(step);
    },
    stop: (): void => cancel?.(),
  };
}

/** A hidden page has no frames. */
function nextFrame(work: () => void): () => void {
  if (document.hidden) {
    const timer = setTimeout(work, 50);
    return () => clearTimeout(timer);
  }
  const frame = requestAnimationFrame(work);
  return () => cancelAnimationFrame(frame);
}
