import {
  chmodSync,
  closeSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  renameSync,
  rmSync,
} from 'node:fs';
import path from 'node:path';
import BetterSqlite3 from 'better-sqlite3';

/** How many copies made before migrations are kept. */
export const backupsKept = 5;

const complete = /^homeport-\d{8}T\d{9}Z-before-[\w-]+\.db$/;
const unfinished = /^homeport-.*\.partial(-journal)?$/;

/** Names of the complete backups in a directory, oldest first. */
export function listBackups(backupsDir: string): string[] {
  try {
    return readdirSync(backupsDir)
      .filter((name) => complete.test(name))
      .sort()
      .map((name) => path.join(backupsDir, name));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}

/**
 * Writes a consistent copy of an open database and returns its path. The copy gets its final name only when it is
 * whole, checked and on the disk: whatever kills the process, a file with a backup's name is a usable backup.
 */
export function backUpBeforeMigration(
  raw: BetterSqlite3.Database,
  backupsDir: string,
  migrationTag: string,
  at: Date,
): string {
  mkdirSync(backupsDir, { recursive: true, mode: 0o700 });
  removeUnfinished(backupsDir);
  const stamp = at.toISOString().replace(/[-:.]/g, '');
  const target = path.join(backupsDir, `homeport-${stamp}-before-${migrationTag}.db`);
  const partial = `${target}.partial`;
  // VACUUM INTO accepts an empty file, which is how the copy is private from its first byte.
  closeSync(openSync(partial, 'wx', 0o600));
  raw.prepare('VACUUM INTO ?').run(partial);
  chmodSync(partial, 0o600);
  assertSound(partial);
  sync(partial);
  renameSync(partial, target);
  if (process.platform !== 'win32') sync(backupsDir);
  for (const old of listBackups(backupsDir).slice(0, -backupsKept)) rmSync(old);
  return target;
}

function removeUnfinished(backupsDir: string): void {
  for (const name of readdirSync(backupsDir)) {
    if (unfinished.test(name)) rmSync(path.join(backupsDir, name));
  }
}

function assertSound(file: string): void {
  const copy = new BetterSqlite3(file, { readonly: true });
  try {
    const result = copy.pragma('quick_check(1)', { simple: true });
    if (result !== 'ok') throw new Error(`The backup ${file} is not sound: ${String(result)}`);
  } finally {
    copy.close();
  }
}

function sync(fileOrDirectory: string): void {
  const handle = openSync(fileOrDirectory, process.platform === 'win32' ? 'r+' : 'r');
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}
