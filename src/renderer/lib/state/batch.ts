/** Collects items and hands them over together, once a frame; in a hidden page, where there are no frames, after 250 ms. */
export function createBatch<T>(apply: (items: T[]) => void): { add(item: T): void; clear(): void } {
  let items: T[] = [];
  let frame: number | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;

  const flush = (): void => {
    if (frame !== undefined) cancelAnimationFrame(frame);
    clearTimeout(timer);
    frame = timer = undefined;
    const taken = items;
    items = [];
    if (taken.length > 0) apply(taken);
  };

  return {
    add(item) {
      items.push(item);
      frame ??= requestAnimationFrame(flush);
      timer ??= setTimeout(flush, 250);
    },
    clear() {
      items = [];
    },
  };
}
