import { readFile, readdir, readlink, stat } from 'node:fs/promises';
import { netnsPath } from './bed-folder.ts';
import { until } from './exec.ts';

/** A host's processes are those in its network namespace: no list of pids has to be kept, so none can be stale. */

async function namespaceId(path: string): Promise<string | null> {
  try {
    return `net:[${(await stat(path)).ino}]`;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}

/** Pids, as this machine counts them, of everything in any of the given network namespaces (paths). */
export async function processesIn(netnsPaths: readonly string[]): Promise<number[]> {
  const ids = new Set(await Promise.all(netnsPaths.map(namespaceId)));
  ids.delete(null);
  if (ids.size === 0) return [];
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const inside = await Promise.all(
    pids.map(async (pid) => {
      // A process that ends while we look has no link any more: it is not in the namespace.
      const id = await readlink(`/proc/${pid}/ns/net`).catch(() => null);
      return id !== null && ids.has(id) ? [Number(pid)] : [];
    }),
  );
  return inside.flat();
}

/** Kills everything in the namespaces and waits until nothing is left. */
export async function killAllIn(netnsPaths: readonly string[]): Promise<void> {
  await until(
    'all processes of the hosts gone',
    async () => {
      const pids = await processesIn(netnsPaths);
      for (const pid of pids) {
        try {
          process.kill(pid, 'SIGKILL');
        } catch (error) {
          if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
        }
      }
      return pids.length === 0 ? true : null;
    },
    10_000,
    20,
  );
}

/** Pid of a host's process 1, as this machine counts it; null while it is down. */
export async function initOf(bed: string, host: string): Promise<number | null> {
  for (const pid of await processesIn([netnsPath(bed, host)])) {
    const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
    if (/^State:\s+Z/m.test(status)) continue;
    if (/^NSpid:\s+\d+\s+1$/m.test(status)) return pid;
  }
  return null;
}

/** Whether something in the process's network namespace listens on the TCP port. */
export async function listensOn(pid: number, port: number): Promise<boolean> {
  const table = await readFile(`/proc/${pid}/net/tcp`, 'utf8').catch(() => '');
  const suffix = `:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  return table.split('\n').some((line) => {
    const [, local, , state] = line.trim().split(/\s+/);
    return local?.endsWith(suffix) === true && state === '0A';
  });
}
