import { createWriteStream } from 'node:fs';
import { mkdir, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { serveScheme } from './session.ts';
import { note, preventable } from './state.ts';

interface Listens {
  emit(event: 'will-download', ...values: unknown[]): boolean;
}

/** RFC 8187 as the gateway writes it, else the name that the link of the page gives. */
function nameOf(disposition: string | null, suggested: string): string {
  const encoded = /filename\*=UTF-8''([^;]+)/.exec(disposition ?? '')?.[1];
  return encoded === undefined ? suggested : decodeURIComponent(encoded);
}

/**
 * What a page's link with `download` leads to, saved as Electron does it: the application is asked first (`will-download`), then a person,
 * who keeps what the dialog proposes. It has its name only when it is whole.
 */
export async function saveDownload(
  session: Listens,
  contents: object,
  url: string,
  suggested: string,
): Promise<void> {
  const left = new AbortController();
  const response = await serveScheme(url, { method: 'GET', headers: {} }, left.signal);
  const fileName = nameOf(response.headers.get('content-disposition'), suggested);
  let proposed = fileName;
  const event = preventable({});
  session.emit(
    'will-download',
    event,
    {
      getFilename: () => fileName,
      getURL: () => url,
      setSaveDialogOptions: (options: { defaultPath?: string }) => {
        proposed = options.defaultPath ?? proposed;
      },
    },
    contents,
  );
  if (event.defaultPrevented || !response.ok || !response.body || !path.isAbsolute(proposed)) {
    left.abort();
    note(`nothing saved of ${url}: ${response.status}`);
    return;
  }
  const partial = `${proposed}.part`;
  try {
    await mkdir(path.dirname(proposed), { recursive: true });
    await pipeline(Readable.fromWeb(response.body as never), createWriteStream(partial));
    await rename(partial, proposed);
    note(`saved ${proposed}`);
  } catch (error) {
    await rm(partial, { force: true });
    note(`a download broke off: ${proposed}: ${String(error)}`);
  }
}
