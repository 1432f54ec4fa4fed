import { mkdirSync, readFileSync, readlinkSync, rmSync, symlinkSync, watch, writeFileSync } from 'node:fs';
import path from 'node:path';

/** The process that holds the lock, if it lives. The link's target is its id, as Chromium's own lock has it. */
function holder(lock: string): number | null {
  try {
    const pid = Number(readlinkSync(lock));
    process.kill(pid, 0);
    return pid;
  } catch {
    return null;
  }
}

/**
 * One instance a user-data directory. The first gets the lock and hears of later starts; a later one gives its command line
 * to the first and gets nothing.
 */
export function requestLock(userData: string, onSecond: (argv: string[], cwd: string) => void): boolean {
  mkdirSync(userData, { recursive: true });
  const lock = path.join(userData, 'sim-instance');
  const inbox = path.join(userData, 'sim-second-start.json');
  if (holder(lock) !== null) {
    writeFileSync(inbox, JSON.stringify({ argv: process.argv, cwd: process.cwd() }));
    return false;
  }
  rmSync(lock, { force: true });
  rmSync(inbox, { force: true });
  symlinkSync(String(process.pid), lock);
  process.on('exit', () => {
    rmSync(lock, { force: true });
  });
  const watcher = watch(userData, (_event, name) => {
    if (name !== path.basename(inbox)) return;
    try {
      const { argv, cwd } = JSON.parse(readFileSync(inbox, 'utf8')) as { argv: string[]; cwd: string };
      rmSync(inbox);
      onSecond(argv, cwd);
    } catch {
      // Not whole yet, or taken already: the next news of the file tells.
    }
  });
  watcher.unref();
  return true;
}
