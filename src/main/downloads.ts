import path from 'node:path';
import type { DownloadItem, WebContents } from 'electron';
import { isOwnUrl } from './origin.ts';

/** What is used of Electron's Session, and of a file that a page offers. */
interface Downloads {
  on(
    event: 'will-download',
    listener: (
      event: { preventDefault(): void },
      item: Pick<DownloadItem, 'getFilename' | 'setSaveDialogOptions'>,
      contents: Pick<WebContents, 'getURL'>,
    ) => void,
  ): unknown;
}

/** A file that our page offers is saved where the person says, beginning in the folder for downloads; no other page offers any. */
export function askWhereToSave(session: Downloads, downloadsDir: () => string): void {
  session.on('will-download', (event, item, contents) => {
    if (!isOwnUrl(contents.getURL())) {
      event.preventDefault();
      return;
    }
    item.setSaveDialogOptions({ defaultPath: path.join(downloadsDir(), path.basename(item.getFilename())) });
  });
}
