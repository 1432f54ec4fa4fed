import { describe, expect, it } from 'vitest';
import { isOwnUrl } from './origin.ts';
import { createPdfPrinter, type PrintWindow } from './print-pdf.ts';

function setUp(printed: (html: string | null) => Promise<Buffer> | Buffer) {
  const seen = { open: 0, most: 0, destroyed: 0, urls: [] as string[] };
  const printer = createPdfPrinter((): PrintWindow => {
    let html: string | null = null;
    let isDestroyed = false;
    seen.open += 1;
    seen.most = Math.max(seen.most, seen.open);
    return {
      loadURL: (url) => {
        seen.urls.push(url);
        html = printer.documents.find(url);
        return Promise.resolve();
      },
      isDestroyed: () => isDestroyed,
      destroy: () => {
        isDestroyed = true;
        seen.open -= 1;
        seen.destroyed += 1;
      },
      webContents: { printToPDF: async () => printed(html) },
    };
  });
  return { seen, printer };
}

describe('printing PDF', () => {
  it('prints the page from an address that works once and is not the application’s', async () => {
    const { seen, printer } = setUp((html) => Buffer.from(`%PDF ${html ?? 'nothing'}`));
    const pdf = await printer.printPdf('<p>hello</p>');
    expect(Buffer.from(pdf).toString()).toBe('%PDF <p>hello</p>');
    const [url = ''] = seen.urls;
    expect(isOwnUrl(url)).toBe(false);
    expect(printer.documents.find(url)).toBeNull();
    expect(seen).toMatchObject({ open: 0, destroyed: 1 });
  });

  it('closes its window when printing fails, and goes on with the next', async () => {
    let isFirst = true;
    const { seen, printer } = setUp(() => {
      if (!isFirst) return Buffer.from('%PDF');
      isFirst = false;
      throw new Error('no printer');
    });
    const first = printer.printPdf('a');
    const second = printer.printPdf('b');
    await expect(first).rejects.toThrow('no printer');
    expect(Buffer.from(await second).toString()).toBe('%PDF');
    expect(seen).toMatchObject({ open: 0, most: 1, destroyed: 2 });
  });
});
