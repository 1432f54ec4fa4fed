import { readFileSync, readdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { findIn, prepareSearch, type Finding, type Secret } from './secret-search.ts';

/** The program behind `watchProcesses`: goes through /proc again and again until its standard input ends. */

const everyMs = 100;

const folder = process.argv[2];
if (folder === undefined) throw new Error('process-watcher.ts needs the folder of its report');

const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]();
const first = await lines.next();
if (first.done === true) throw new Error('process-watcher.ts needs the secrets on its standard input');
const needles = prepareSearch(JSON.parse(first.value) as Secret[]);

const findings = new Map<string, Finding>();
/** Processes whose arguments are known, by pid and start: the environment is read again when they change (exec). */
const known = new Map<string, string>();
let rounds = 0;
let processes = 0;
let longestGapMs = 0;
let lastRoundAt = performance.now();

function read(path: string): Buffer | null {
  try {
    return readFileSync(path);
  } catch {
    // Ended, or a kernel thread: it has neither.
    return null;
  }
}

function note(pid: string, what: string, bytes: Buffer): void {
  for (const label of findIn(needles, bytes)) {
    const name = read(`/proc/${pid}/comm`)?.toString().trim() ?? '?';
    const where = `${what} of a process called ${name}`;
    findings.set(`${label}\0${where}`, { label, where });
  }
}

function round(): void {
  const seen = new Set<string>();
  for (const pid of readdirSync('/proc')) {
    if (!/^\d+$/.test(pid)) continue;
    const started = /^\d+ \(.*\) (?:\S+ ){19}(\d+)/s.exec(read(`/proc/${pid}/stat`)?.toString() ?? '')?.[1];
    const argv = read(`/proc/${pid}/cmdline`);
    if (started === undefined || argv === null) continue;
    const key = `${pid} ${started}`;
    seen.add(key);
    const args = argv.toString('latin1');
    const former = known.get(key);
    if (former === args) continue;
    if (former === undefined) processes += 1;
    known.set(key, args);
    note(pid, 'the arguments', argv);
    const environ = read(`/proc/${pid}/environ`);
    if (environ !== null) note(pid, 'the environment', environ);
  }
  for (const key of known.keys()) if (!seen.has(key)) known.delete(key);
}

function report(path: string): void {
  const file = join(path, 'watch.json');
  const text = JSON.stringify({ rounds, processes, longestGapMs, findings: [...findings.values()] });
  writeFileSync(`${file}.new`, text);
  renameSync(`${file}.new`, file);
}

const timer = setInterval(() => {
  const now = performance.now();
  longestGapMs = Math.max(longestGapMs, now - lastRoundAt);
  lastRoundAt = now;
  round();
  rounds += 1;
  report(folder);
}, everyMs);

// A Ctrl-C of the terminal reaches us too; we stop when the one who started us does.
process.on('SIGINT', () => undefined);
while ((await lines.next()).done !== true);
clearInterval(timer);
