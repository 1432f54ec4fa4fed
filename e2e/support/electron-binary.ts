import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

const packageDir = resolve(import.meta.dirname, '../../node_modules/electron');

/** Electron's own program where it has been downloaded, or ELECTRON_BIN; null when there is none. */
export function electronBinary(): string | null {
  const wanted = process.env['ELECTRON_BIN'];
  if (wanted !== undefined) return existsSync(wanted) ? wanted : null;
  const pathFile = join(packageDir, 'path.txt');
  if (!existsSync(pathFile)) return null;
  const file = join(packageDir, 'dist', readFileSync(pathFile, 'utf8').trim());
  return existsSync(file) ? file : null;
}

/** Why the real Electron cannot be driven here, as a sentence for a skipped test; null when it can. */
export function electronUnavailable(): string | null {
  if (electronBinary() === null) return "Electron's program is not on this computer";
  if (process.platform === 'linux' && !process.env['DISPLAY'] && !process.env['WAYLAND_DISPLAY']) {
    return 'Electron needs a display';
  }
  return null;
}
