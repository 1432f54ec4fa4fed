import {
  elementScroll,
  observeElementOffset,
  observeElementRect,
  Virtualizer,
  type VirtualItem,
} from '@tanstack/virtual-core';

export interface LogWindowSizes {
  count: number;
  rowPx: number;
  /** Rows differ in height (long lines are wrapped) and are measured. */
  measured: boolean;
}

export interface LogWindow {
  readonly items: readonly VirtualItem[];
  readonly totalPx: number;
  readonly virtualizer: Virtualizer<HTMLElement, HTMLElement>;
}

/** Which lines are drawn now. Call it while a component is being set up. */
export function createLogWindow(
  viewport: () => HTMLElement | undefined,
  sizes: () => LogWindowSizes,
): LogWindow {
  let items = $state.raw<readonly VirtualItem[]>([]);
  let totalPx = $state(0);
  let last: LogWindowSizes = { count: 0, rowPx: 20, measured: false };

  function refresh(): void {
    items = virtualizer.getVirtualItems();
    totalPx = virtualizer.getTotalSize();
  }

  const virtualizer = new Virtualizer<HTMLElement, HTMLElement>({
    count: 0,
    getScrollElement: () => viewport() ?? null,
    estimateSize: () => last.rowPx,
    overscan: 24,
    observeElementRect,
    observeElementOffset,
    scrollToFn: elementScroll,
    onChange: refresh,
  });

  $effect(() => {
    if (!viewport()) return;
    const unmount = virtualizer._didMount();
    virtualizer._willUpdate();
    refresh();
    return unmount;
  });

  $effect(() => {
    const next = sizes();
    const remeasure = next.rowPx !== last.rowPx || next.measured !== last.measured;
    last = next;
    virtualizer.setOptions({ ...virtualizer.options, count: next.count });
    if (remeasure) virtualizer.measure();
    virtualizer._willUpdate();
    refresh();
  });

  return {
    get items() {
      return items;
    },
    get totalPx() {
      return totalPx;
    },
    virtualizer,
  };
}
