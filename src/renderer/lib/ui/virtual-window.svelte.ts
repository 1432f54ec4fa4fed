import { Virtualizer, elementScroll, observeElementOffset, observeElementRect } from '@tanstack/virtual-core';

/** A row that is in or near what is visible. Pixels. */
export interface WindowRow {
  readonly index: number;
  readonly start: number;
  readonly size: number;
  readonly isNear: boolean;
}

/** Which rows of a long list are to be in the page, following the scrolling of `viewport`. */
export function createVirtualWindow(viewport: () => HTMLDivElement | undefined) {
  let rows = $state.raw<readonly WindowRow[]>([]);
  let total = $state(0);
  const virtualizer = new Virtualizer<HTMLDivElement, HTMLDivElement>({
    count: 0,
    getScrollElement: () => viewport() ?? null,
    estimateSize: () => 1,
    scrollToFn: elementScroll,
    observeElementRect,
    observeElementOffset,
    onChange: read,
  });

  function read(): void {
    const { startIndex = 0, endIndex = 0 } = virtualizer.range ?? {};
    rows = virtualizer.getVirtualItems().map(({ index, start, size }) => ({
      index,
      start,
      size,
      isNear: index >= startIndex && index <= endIndex,
    }));
    total = virtualizer.getTotalSize();
  }

  return {
    get rows(): readonly WindowRow[] {
      return rows;
    },
    /** Height of all rows, pixels. */
    get total(): number {
      return total;
    },
    /** Call it in an effect: as soon as there is a viewport, and whenever one of the values changes. */
    configure(options: {
      count: number;
      sizeOf: (index: number) => number;
      overscan: number;
      /** Covered by something that floats over the end of the viewport, pixels. */
      covered?: number;
    }): void {
      if (!viewport()) return;
      const { count, sizeOf: estimateSize, overscan, covered: paddingEnd = 0 } = options;
      const scrollPaddingEnd = paddingEnd;
      virtualizer.setOptions({
        ...virtualizer.options,
        count,
        estimateSize,
        overscan,
        paddingEnd,
        scrollPaddingEnd,
      });
      virtualizer.measure();
      virtualizer._willUpdate();
      read();
    },
    /** Call it in an effect and return what it returns. */
    mount: (): (() => void) => virtualizer._didMount(),
    /** Brings a row into view; does nothing when it is there already. */
    scrollToIndex(index: number, align: 'auto' | 'start' | 'center' | 'end' = 'auto'): void {
      virtualizer.scrollToIndex(index, { align });
    },
  };
}
