import { mkdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { app } from './app.ts';
import { watchPages } from './browser-window.ts';
import { startChromium } from './chromium.ts';
import { state } from './state.ts';

const loadWithinMs = 10_000;

/** [node, run.ts, ...switches, app, ...arguments], as for Electron's program. */
function readCommandLine(): { appDir: string; rest: string[] } {
  const given = process.argv.slice(2);
  const at = given.findIndex((word) => !word.startsWith('-'));
  if (at < 0) throw new Error('usage: electron [switches] <app> [arguments]');
  const appDir = path.resolve(given[at] ?? '');
  return { appDir, rest: [...given.slice(0, at), appDir, ...given.slice(at + 1)] };
}

const { appDir, rest } = readCommandLine();
process.argv = [process.execPath, ...rest];
const manifest = JSON.parse(readFileSync(path.join(appDir, 'package.json'), 'utf8')) as {
  main: string;
  version: string;
};
state.appDir = appDir;
state.version = manifest.version;

const late = setTimeout(() => {
  console.error(
    'sim: the main module did not finish. A top-level `await app.whenReady()` hangs Electron in the same way.',
  );
  process.exit(70);
}, loadWithinMs);
await import(pathToFileURL(path.join(appDir, manifest.main)).href);
clearTimeout(late);

const profileDir = path.join(app.getPath('userData'), 'Chromium');
mkdirSync(profileDir, { recursive: true });
state.chromium = await startChromium({
  executable: process.env['HOMEPORT_SIM_CHROMIUM'] ?? '/usr/bin/chromium',
  profileDir,
});
state.chromium.onExit(() => {
  app.simChromiumGone();
});
await watchPages();
console.error(`DevTools listening on ${state.chromium.wsEndpoint}`);
state.isReady = true;
app.emit('ready');
app.ready.resolve();
