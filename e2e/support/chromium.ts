import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

/** The browser that tests drive: Debian's, unless HOMEPORT_CHROMIUM names another. */
export const chromiumPath: string =
  process.env['HOMEPORT_CHROMIUM'] ?? onPath('chromium') ?? onPath('chromium-browser') ?? '/usr/bin/chromium';

/** Nothing asked of the network but what the page asks; no sandbox only for root, to whom Chromium refuses it. */
export const chromiumFlags: readonly string[] = [
  ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
  '--disable-gpu',
  '--disable-quic',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--no-first-run',
];

function onPath(name: string): string | null {
  for (const folder of (process.env['PATH'] ?? '').split(delimiter)) {
    try {
      accessSync(join(folder, name), constants.X_OK);
      return join(folder, name);
    } catch {
      // Not here: the next folder.
    }
  }
  return null;
}
