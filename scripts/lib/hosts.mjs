import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';

/** Electron's executable: ELECTRON_BIN, or what the electron package has downloaded, or null. Never downloads. */
export function electronBinary(root, env = process.env) {
  if (env.ELECTRON_BIN) return existsSync(env.ELECTRON_BIN) ? env.ELECTRON_BIN : null;
  const pathFile = path.join(root, 'node_modules/electron/path.txt');
  if (!existsSync(pathFile)) return null;
  const file = path.join(root, 'node_modules/electron/dist', readFileSync(pathFile, 'utf8').trim());
  return existsSync(file) ? file : null;
}

export function hasDisplay(env = process.env, platform = process.platform) {
  if (platform === 'darwin' || platform === 'win32') return true;
  return Boolean(env.DISPLAY || env.WAYLAND_DISPLAY);
}

const howToGet = 'To get Electron: npx install-electron --no';

/**
 * Which host to start and why: `wanted` if it can be, else Electron where its program and a display are, else the browser.
 * @returns {{ host: 'electron' | 'browser', reason: string } | { host: null, reason: string }}
 */
export function chooseHost({ wanted, binary, isDisplayed }) {
  if (wanted === 'browser') return { host: 'browser', reason: 'as asked' };
  if (wanted === 'electron') {
    if (!binary) return { host: null, reason: `Electron's program is not on this computer. ${howToGet}` };
    if (!isDisplayed)
      return { host: null, reason: 'Electron needs a display; there is none (DISPLAY, WAYLAND_DISPLAY).' };
    return { host: 'electron', reason: 'as asked' };
  }
  if (!binary) return { host: 'browser', reason: "Electron's program is not on this computer" };
  if (!isDisplayed) return { host: 'browser', reason: 'there is no display' };
  return { host: 'electron', reason: 'Electron and a display are here' };
}

/** The command of the chosen host. Chromium refuses its sandbox to root, so only then it goes without. */
export function hostCommand({ host, root, node, binary, options, isRoot }) {
  const dataDir = options.dataDir === undefined ? [] : [`--data-dir=${options.dataDir}`];
  if (host === 'electron') {
    return { file: binary, args: [...(isRoot ? ['--no-sandbox'] : []), root, ...dataDir] };
  }
  const port = options.port === undefined ? [] : [`--port=${options.port}`];
  const open = options.isOpening ? [] : ['--no-open'];
  return { file: node, args: [path.join(root, 'out/main/gateway.js'), ...dataDir, ...port, ...open] };
}
