import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { until } from '../testbed/index.ts';
import type { Finding, Secret } from './secret-search.ts';

/** What the watcher has seen so far. */
export interface WatchReport {
  /** Times that the whole process table was gone through. */
  readonly rounds: number;
  /** Different processes seen, each with its pid and start. */
  readonly processes: number;
  /** Longest time between two rounds, in milliseconds. */
  readonly longestGapMs: number;
  readonly findings: readonly Finding[];
}

/** Looks at the arguments and the environment of every process of this machine, its hosts' included, all the time. */
export interface ProcessWatch {
  /** What was seen up to a moment after this call. */
  report(): Promise<WatchReport>;
  stop(): Promise<void>;
}

/** The report of a watcher that another process started, newer than this call. */
export async function readWatchReport(folder: string): Promise<WatchReport> {
  const read = async () => JSON.parse(await readFile(join(folder, 'watch.json'), 'utf8')) as WatchReport;
  const before = await read();
  return until(
    'two further rounds of the process watch',
    async () => {
      const now = await read();
      return now.rounds >= before.rounds + 2 ? now : null;
    },
    15_000,
  );
}

/**
 * Starts the watcher as a process of its own: a test that is busy must not make it miss anything. The secrets reach it by
 * its standard input, since its own arguments are watched too.
 * @param folder where its report lies
 */
export async function watchProcesses(folder: string, secrets: readonly Secret[]): Promise<ProcessWatch> {
  await writeFile(
    join(folder, 'watch.json'),
    JSON.stringify({ rounds: 0, processes: 0, longestGapMs: 0, findings: [] }),
  );
  const child = spawn(process.execPath, [join(import.meta.dirname, 'process-watcher.ts'), folder], {
    stdio: ['pipe', 'inherit', 'inherit'],
  });
  const ended = once(child, 'exit');
  child.stdin.write(`${JSON.stringify(secrets)}\n`);
  await readWatchReport(folder);
  return {
    report: () => readWatchReport(folder),
    async stop() {
      // It ends with its standard input, so also when the one who started it dies.
      child.stdin.end();
      await ended;
    },
  };
}
