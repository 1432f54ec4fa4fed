import { spawn } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import path from 'node:path';

export interface BrowserCommand {
  readonly file: string;
  readonly args: readonly string[];
}

/** The first of `names` on the PATH that may be executed. */
function onPath(names: readonly string[], env: NodeJS.ProcessEnv): string | null {
  for (const dir of (env['PATH'] ?? '').split(path.delimiter).filter((entry) => path.isAbsolute(entry))) {
    for (const name of names) {
      const file = path.join(dir, name);
      try {
        accessSync(file, constants.X_OK);
        return file;
      } catch {
        // Not here: the next one.
      }
    }
  }
  return null;
}

const chromiumNames = [
  'chromium',
  'chromium-browser',
  'google-chrome',
  'google-chrome-stable',
  'microsoft-edge',
];

/**
 * How to show `url`: in a window of its own by Chromium with a profile of its own (no extension of the user's sees the
 * fleet), else in the default browser; null where there is no display.
 */
export function browserCommand(
  url: string,
  profileDir: string,
  platform: NodeJS.Platform = process.platform,
  env: NodeJS.ProcessEnv = process.env,
): BrowserCommand | null {
  if (platform === 'darwin') return { file: '/usr/bin/open', args: [url] };
  if (platform === 'win32') return { file: 'rundll32.exe', args: ['url.dll,FileProtocolHandler', url] };
  if (!env['DISPLAY'] && !env['WAYLAND_DISPLAY']) return null;
  const chromium = onPath(chromiumNames, env);
  if (chromium) {
    const asRoot = process.getuid?.() === 0 ? ['--no-sandbox'] : [];
    return {
      file: chromium,
      args: [
        `--app=${url}`,
        `--user-data-dir=${profileDir}`,
        '--no-first-run',
        '--no-default-browser-check',
        ...asRoot,
      ],
    };
  }
  const opener = onPath(['xdg-open', 'sensible-browser'], env);
  return opener ? { file: opener, args: [url] } : null;
}

/** Starts the browser and leaves it alone: it may outlive us. Calls back if it cannot be started. */
export function openBrowser(command: BrowserCommand, onFailure: (error: Error) => void): void {
  const child = spawn(command.file, command.args, { detached: true, stdio: 'ignore' });
  child.on('error', onFailure);
  child.unref();
}
