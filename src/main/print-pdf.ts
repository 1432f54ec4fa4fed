import { randomUUID } from 'node:crypto';
import type { BrowserWindow } from 'electron';
import { documentUrl } from './origin.ts';

/** What is used of Electron's BrowserWindow. */
export type PrintWindow = Pick<BrowserWindow, 'loadURL' | 'isDestroyed' | 'destroy'> & {
  readonly webContents: Pick<BrowserWindow['webContents'], 'printToPDF'>;
};

/** Texts for pages that are only printed, by their one-time URL; never on a disk. */
export interface PrintDocuments {
  /** The page of a URL of ours, or null when there is none (any more). */
  find(url: string): string | null;
}

/** A page that takes longer than that hangs. */
const printWithinMs = 60_000;

const footer =
  '<div style="width:100%;padding:0 16mm;font:8px sans-serif;color:#555;text-align:right">' +
  '<span class="pageNumber"></span> / <span class="totalPages"></span></div>';

/**
 * Prints pages as PDF in a window that nobody sees: without script, preload or rights, on an origin of its own that has no
 * wire to the core. One page at a time.
 */
export function createPdfPrinter(openHidden: () => PrintWindow): {
  documents: PrintDocuments;
  printPdf: (html: string) => Promise<Uint8Array>;
} {
  const pages = new Map<string, string>();
  let last: Promise<unknown> = Promise.resolve();

  async function print(html: string): Promise<Uint8Array> {
    const url = documentUrl(randomUUID());
    pages.set(url, html);
    const window = openHidden();
    const late = Promise.withResolvers<never>();
    const timer = setTimeout(() => {
      late.reject(new Error(`The page was not printed in ${printWithinMs / 1000} seconds`));
    }, printWithinMs);
    try {
      return await Promise.race([
        late.promise,
        (async () => {
          await window.loadURL(url);
          return window.webContents.printToPDF({
            pageSize: 'A4',
            preferCSSPageSize: true,
            printBackground: true,
            displayHeaderFooter: true,
            headerTemplate: '<span></span>',
            footerTemplate: footer,
            generateTaggedPDF: true,
            generateDocumentOutline: true,
          });
        })(),
      ]);
    } finally {
      clearTimeout(timer);
      pages.delete(url);
      if (!window.isDestroyed()) window.destroy();
    }
  }

  return {
    documents: { find: (url) => pages.get(url) ?? null },
    printPdf(html) {
      const mine = last.then(() => print(html));
      last = mine.catch(() => undefined);
      return mine;
    },
  };
}
