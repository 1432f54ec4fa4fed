// One run of the whole suite: its own temporary folder and mark, so that what it leaves behind can be found and ended.
import { spawn, spawnSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import {
  existsSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  readlinkSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { constants, setPriority, tmpdir } from 'node:os';
import path from 'node:path';

const endWithinMs = 30_000;

/**
 * Processes of this run: they carry its mark in their environment, or, where that was emptied on purpose, work in its
 * folder or name it in their arguments. Linux only.
 */
function processesOf(mark, folder) {
  if (process.platform !== 'linux') return [];
  return readdirSync('/proc').flatMap((name) => {
    if (!/^\d+$/.test(name) || Number(name) === process.pid) return [];
    try {
      const isOurs =
        readFileSync(`/proc/${name}/environ`, 'latin1').split('\0').includes(mark) ||
        readFileSync(`/proc/${name}/cmdline`, 'latin1').includes(folder) ||
        readlinkSync(`/proc/${name}/cwd`).startsWith(folder);
      return isOurs ? [Number(name)] : [];
    } catch {
      // Ended while we looked, or another user's.
      return [];
    }
  });
}

function signalAll(pids, signal) {
  for (const pid of pids) {
    try {
      process.kill(pid, signal);
    } catch (error) {
      if (error.code !== 'ESRCH') throw error;
    }
  }
}

/** Its children inherit it. Linux weighs whole sessions first where it groups tasks by them (sched(7), "autogroup"). */
function yieldToOthers(pid) {
  try {
    setPriority(pid, constants.priority.PRIORITY_LOW);
    if (process.platform === 'linux') writeFileSync(`/proc/${pid}/autogroup`, '19');
  } catch (error) {
    // It ended already, or the kernel does not group: the tests only take longer.
    if (!['ESRCH', 'ENOENT', 'EACCES', 'EPERM'].includes(error.code ?? error.info?.code)) throw error;
  }
}

/**
 * @param {{ root: string, node: string }} project
 */
export function openTestRun({ root, node }) {
  const folder = mkdtempSync(path.join(tmpdir(), 'hp-test-'));
  const id = randomUUID();
  const ledger = path.join(folder, 'testbeds');
  const env = {
    ...process.env,
    PATH: [path.dirname(node), path.join(root, 'node_modules/.bin'), process.env.PATH].join(path.delimiter),
    TMPDIR: folder,
    HOMEPORT_TEST_RUN: id,
    HOMEPORT_TESTBED_LEDGER: ledger,
  };
  // What the tools print passes through us: they cannot see that it is a terminal.
  if (process.stdout.isTTY && !env.NO_COLOR) env.FORCE_COLOR = '1';
  else {
    delete env.FORCE_COLOR;
    env.NO_COLOR = '1';
  }
  const current = new Set();
  let stoppedBy = null;

  function stop(signal) {
    if (stoppedBy) return;
    stoppedBy = signal;
    console.log(`\n${signal}: ending what runs…`);
    for (const end of current) end();
  }
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => stop(signal));

  return {
    folder,
    get stoppedBy() {
      return stoppedBy;
    },

    /**
     * Runs a program of the project, prints what it prints, and returns its exit code and standard output.
     * It is in a group of its own: a Ctrl-C of the terminal reaches it once, from here.
     * In the background it only takes what of the processors others leave.
     */
    run(file, args, { timeoutMs, isQuiet = false, isInBackground = false, env: extra = {} }) {
      if (stoppedBy) return Promise.resolve({ exitCode: 130, output: '' });
      return new Promise((resolve) => {
        const child = spawn(file, args, {
          cwd: root,
          env: { ...env, ...extra },
          stdio: ['ignore', 'pipe', 'inherit'],
          detached: process.platform !== 'win32',
        });
        if (isInBackground && child.pid !== undefined) yieldToOthers(child.pid);
        const chunks = [];
        const group = (signal) => {
          try {
            if (process.platform === 'win32') child.kill(signal);
            else process.kill(-child.pid, signal);
          } catch (error) {
            if (error.code !== 'ESRCH') throw error;
          }
        };
        let killing;
        const end = () => {
          group('SIGINT');
          killing ??= setTimeout(() => group('SIGKILL'), endWithinMs);
        };
        current.add(end);
        const limit = setTimeout(() => {
          console.log(`Not done within ${timeoutMs / 1000} s: ended.`);
          end();
        }, timeoutMs);
        child.stdout.on('data', (chunk) => {
          chunks.push(chunk);
          if (!isQuiet) process.stdout.write(chunk);
        });
        const done = (exitCode) => {
          clearTimeout(limit);
          clearTimeout(killing);
          current.delete(end);
          resolve({ exitCode, output: Buffer.concat(chunks).toString() });
        };
        child.on('error', (error) => {
          console.log(`${file} could not be started: ${error.message}`);
          done(127);
        });
        // `exit`, not `close`: something left behind may hold the pipe open.
        child.on('exit', (code, signal) => done(code ?? 128 + (constants.signals[signal] ?? 0)));
      });
    },

    /** Ends what is left, removes testbeds and the folder. Returns sentences about what was found. */
    async close() {
      const found = [];
      const mark = `HOMEPORT_TEST_RUN=${id}`;
      const left = processesOf(mark, folder);
      if (left.length > 0) {
        found.push(`${left.length} processes were left and have been ended`);
        const until = Date.now() + 10_000;
        for (;;) {
          const pids = processesOf(mark, folder);
          if (pids.length === 0 || Date.now() > until) break;
          signalAll(pids, 'SIGKILL');
          await new Promise((resolve) => setTimeout(resolve, 50));
        }
      }
      const beds = existsSync(ledger)
        ? [...new Set(readFileSync(ledger, 'utf8').split('\n').filter(Boolean))]
        : [];
      for (const name of beds) {
        if (!existsSync(path.join('/run/homeport-testbed', name))) continue;
        found.push(`testbed ${name} was left and has been removed`);
        spawnSync(node, ['e2e/testbed/cli.ts', 'down', '--name', name], { cwd: root, env, stdio: 'inherit' });
      }
      rmSync(folder, { recursive: true, force: true });
      return found;
    },
  };
}
