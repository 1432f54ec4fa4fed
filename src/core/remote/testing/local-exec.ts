import { spawn } from 'node:child_process';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AppError } from '../../../shared/domain/errors.ts';
import type { Exec } from '../types.ts';

/** Runs what would be sent to a host on this machine instead: a real shell, real files and processes, no SSH. */

export interface LocalLink {
  readonly exec: Exec;
  /** How often exec was called. */
  calls: number;
  /** Set: the next calls end like a cut connection when so many bytes of standard output were received. */
  cutAfterBytes: () => number | null;
  /** What the shell gets when its connection goes; a shell that is killed can do nothing more. */
  hangUp: 'SIGKILL' | 'SIGHUP';
  /** Set: the next calls upload no more than so many bytes of standard input. */
  stdinLimit: number | null;
}

export const shells = {
  dash: ['dash', '-c'],
  bash: ['bash', '-c'],
  busybox: ['busybox', 'sh', '-c'],
} as const;
export type ShellName = keyof typeof shells;

export const availableShells = (Object.keys(shells) as ShellName[]).filter((name) =>
  ['/bin', '/usr/bin'].some((folder) => existsSync(join(folder, name))),
);

/** Runs of a host belong to root, and /proc is asked for their processes. */
export const cannotRunLocally = process.platform !== 'linux' || process.getuid?.() !== 0;

export function createLocalLink(shell: ShellName = 'dash'): LocalLink {
  const link: LocalLink = { exec, calls: 0, cutAfterBytes: () => null, hangUp: 'SIGKILL', stdinLimit: null };
  return link;

  function exec(_machineId: string, request: Parameters<Exec>[1]): ReturnType<Exec> {
    link.calls += 1;
    const cutAfter = link.cutAfterBytes();
    const [command, ...args] = shells[shell];
    return new Promise((resolve, reject) => {
      if (request.signal?.aborted === true) {
        reject(new AppError('cancelled', 'Cancelled'));
        return;
      }
      const child = spawn(command, [...args, request.script], {
        detached: true,
        stdio: [request.stdin === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
        // bash reads ~/.bashrc when its input is a socket, as Node's pipes are: the developer's own must not count.
        env: { PATH: process.env['PATH'], HOME: '/nonexistent', LC_ALL: 'C' },
      });
      const stdout: Uint8Array[] = [];
      const stderr: Uint8Array[] = [];
      let received = 0;
      let failure: AppError | null = null;
      const fail = (error: AppError) => {
        failure ??= error;
        try {
          if (child.pid !== undefined) process.kill(-child.pid, link.hangUp);
        } catch {
          // It ended by itself meanwhile.
        }
        child.stdout?.resume();
      };
      const abort = () => fail(new AppError('cancelled', 'Cancelled'));
      request.signal?.addEventListener('abort', abort, { once: true });
      const timer = setTimeout(() => fail(new AppError('ssh_timeout', 'Too long')), request.timeoutMs);
      child.stdin?.on('error', () => undefined);
      child.stdin?.end(request.stdin?.subarray(0, link.stdinLimit ?? undefined));
      child.stderr?.on('data', (chunk: Buffer) => stderr.push(chunk));
      let handled = Promise.resolve();
      const out = child.stdout;
      out?.on('data', (chunk: Buffer) => {
        if (failure !== null) return;
        const part =
          cutAfter !== null && received + chunk.length >= cutAfter
            ? chunk.subarray(0, cutAfter - received)
            : chunk;
        received += part.length;
        if (request.onStdout === undefined) stdout.push(part);
        else {
          out.pause();
          const onStdout = request.onStdout;
          handled = handled.then(() => onStdout(part)).finally(() => out.resume());
          handled.catch(() => fail(new AppError('internal', 'onStdout failed')));
        }
        if (cutAfter !== null && received >= cutAfter)
          fail(new AppError('ssh_connection_lost', 'The test cut the connection'));
      });
      child.on('error', () => fail(new AppError('internal', 'No shell')));
      child.on('close', (code) => {
        clearTimeout(timer);
        request.signal?.removeEventListener('abort', abort);
        void handled
          .catch(() => undefined)
          .then(() => {
            if (failure !== null) reject(failure);
            else if (code === null) reject(new AppError('ssh_connection_lost', 'The shell was killed'));
            else resolve({ stdout: Buffer.concat(stdout), stderr: Buffer.concat(stderr), exitCode: code });
          });
      });
    });
  }
}

export interface LocalRoot {
  readonly runsDir: string;
  readonly volatileDir: string;
  /** Path of a file in a run's directory. */
  path(executionId: string, name: string): string;
  /** Ends what still runs there and removes the folder. */
  clean(): void;
}

export function createLocalRoot(parent: string = mkdtempSync(join(tmpdir(), 'homeport-runs-'))): LocalRoot {
  const runsDir = join(parent, 'lib', 'runs');
  const volatileDir = join(parent, 'volatile');
  mkdirSync(parent, { recursive: true });
  return {
    runsDir,
    volatileDir,
    path: (executionId, name) => join(runsDir, executionId, name),
    clean: () => {
      for (const id of existsSync(runsDir) ? readdirSync(runsDir) : []) {
        try {
          const text = readFileSync(join(runsDir, id, 'status.json'), 'utf8');
          const { pid } = JSON.parse(text) as { pid: number };
          if (pid > 1 && readFileSync(`/proc/${String(pid)}/cmdline`, 'utf8').includes(id))
            process.kill(-pid, 'SIGKILL');
        } catch {
          // Never started, or ended.
        }
      }
      rmSync(parent, { recursive: true, force: true });
    },
  };
}

/** A small memory file system at a new folder; `unmount` removes both. */
export function mountTmpfs(options: string): {
  path: string;
  remount(options: string): void;
  unmount(): void;
} {
  const path = mkdtempSync(join(tmpdir(), 'homeport-tmpfs-'));
  execFileSync('mount', ['-t', 'tmpfs', '-o', options, 'homeport-test', path]);
  return {
    path,
    remount: (changed) => execFileSync('mount', ['-o', `remount,${changed}`, path]),
    unmount: () => {
      execFileSync('umount', ['-l', path]);
      rmSync(path, { recursive: true, force: true });
    },
  };
}
