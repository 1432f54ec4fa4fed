import { accessSync, chmodSync, constants, mkdirSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import path from 'node:path';

/** Where both hosts keep everything, unless `--data-dir` says otherwise. Linux: the XDG Base Directory Specification. */
export function defaultDataDir(
  platform: NodeJS.Platform = process.platform,
  env: NodeJS.ProcessEnv = process.env,
  home = homedir(),
): string {
  if (platform === 'win32') {
    return path.win32.join(env['APPDATA'] ?? path.win32.join(home, 'AppData', 'Roaming'), 'Homeport');
  }
  if (platform === 'darwin') return path.join(home, 'Library', 'Application Support', 'Homeport');
  // The specification: a relative path in the variable is to be ignored.
  const xdg = env['XDG_DATA_HOME'];
  return path.join(xdg && path.isAbsolute(xdg) ? xdg : path.join(home, '.local', 'share'), 'homeport');
}

/**
 * Like mkdirSync's `recursive`, which tries for ever where a file system answers ENOENT to a new name (/proc).
 * @throws the file system's error
 */
function makeDirectories(dir: string): void {
  try {
    mkdirSync(dir, { mode: 0o700 });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST' && statSync(dir).isDirectory()) return;
    const parent = path.dirname(dir);
    if (code !== 'ENOENT' || parent === dir) throw error;
    makeDirectories(parent);
    mkdirSync(dir, { mode: 0o700 });
  }
}

/** Makes the directory, for this user only. @throws the file system's error when that is not possible */
export function prepareDataDir(dataDir: string): void {
  makeDirectories(path.resolve(dataDir));
  accessSync(dataDir, constants.R_OK | constants.W_OK | constants.X_OK);
  chmodSync(dataDir, 0o700);
}
