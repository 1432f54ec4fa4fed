import { spawn } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import BetterSqlite3 from 'better-sqlite3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const script = resolve(import.meta.dirname, '../support/queue-to-kill.ts');
const moments = ['inside', 'after'] as const;
/**
 * Each point costs two starts of a process. Every run of the tests takes one commit of `STRIDE`, others at each moment;
 * with HOMEPORT_EVERY_COMMIT=1 all are taken (some minutes).
 */
const STRIDE = process.env['HOMEPORT_EVERY_COMMIT'] === '1' ? 1 : 10;
const sampled = STRIDE === 1 ? 'each' : `one in ${STRIDE}`;
type Moment = (typeof moments)[number];

interface Ended {
  readonly killed: boolean;
  readonly accepted: readonly (readonly [id: string, action: string])[];
}

/** Runs one life of the process. @throws Error when it ended by anything but its own end or kill -9 */
function live(folder: string, life: string, killAt = 0, moment: Moment = 'after'): Promise<Ended> {
  const child = spawn(process.execPath, [script, folder, life, String(killAt), moment], {
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: 60_000,
    killSignal: 'SIGTERM',
  });
  let out = '';
  let err = '';
  child.stdout.on('data', (text: Buffer) => (out += text.toString()));
  child.stderr.on('data', (text: Buffer) => (err += text.toString()));
  return new Promise((done, fail) => {
    child.on('error', fail);
    child.on('close', (code, signal) => {
      if (code !== 0 && signal !== 'SIGKILL') {
        fail(new Error(`${life} ${killAt} ${moment}: ended with ${code ?? signal ?? ''}\n${err}`));
        return;
      }
      const accepted = out
        .split('\n')
        .filter(Boolean)
        .map((line) => line.split(' ') as [string, string]);
      done({ killed: signal === 'SIGKILL', accepted });
    });
  });
}

interface Row {
  id: string;
  action: string;
  status: string;
  error_kind: string | null;
  last: string;
}

/** What must be true at the end, however often the process was killed on the way. */
function findFaults(folder: string, accepted: Ended['accepted']): string[] {
  const raw = new BetterSqlite3(join(folder, 'homeport.db'), { readonly: true });
  const rows = raw
    .prepare(
      `select id, action, status, error_kind,
         (select code from job_logs where job_id = jobs.id order by seq desc limit 1) as last from jobs`,
    )
    .all() as Row[];
  const pluck = (sql: string) => raw.prepare(sql).pluck().get();
  const faults: string[] = [];
  for (const [id] of accepted) if (!rows.some((row) => row.id === id)) faults.push(`lost: ${id}`);
  for (const { id, action, status, error_kind: kind, last } of rows) {
    const what = `${action} ${status} ${kind ?? ''}`;
    const ranOnHost = existsSync(join(folder, `host-${id}`));
    if (existsSync(join(folder, `twice-${id}`))) faults.push(`run twice: ${what}`);
    if (status === 'queued' || status === 'running') faults.push(`left: ${what}`);
    if (action === 'apt_upgrade') {
      if (status === 'ok' && !ranOnHost) faults.push(`said to be done and was not: ${what}`);
      if (status === 'error' && (ranOnHost || kind !== 'execution_interrupted'))
        faults.push(`wrong end: ${what}`);
    } else if (status !== 'ok') faults.push(`a read was given up: ${what}`);
    if (last !== 'ended' && last !== 'interrupted') faults.push(`the log does not tell the end: ${what}`);
  }
  if (pluck('select count(*) from machine_locks') !== 0) faults.push('a machine is still locked');
  if (pluck('select count(*) from machine_state where running_job_id is not null') !== 0) {
    faults.push('a tile still says that something runs');
  }
  raw.close();
  for (const name of readdirSync(folder)) if (name.startsWith('twice-')) faults.push(name);
  return faults;
}

describe.skipIf(process.platform === 'win32')('the queue, killed with kill -9 (needs POSIX signals)', () => {
  let root: string;
  let count = 0;
  beforeAll(async () => {
    root = mkdtempSync(join(tmpdir(), 'homeport-queue-crash-'));
    mkdirSync(join(root, 'template'));
    await live(join(root, 'template'), 'prepare');
  });
  afterAll(() => rmSync(root, { recursive: true, force: true }));
  const fresh = (from = 'template'): string => {
    const folder = join(root, `run-${String(++count)}`);
    cpSync(join(root, from), folder, { recursive: true });
    return folder;
  };
  /** Calls `kill` with every `STRIDE`th number until the process reached its end without being killed; two side by side. */
  async function atCommits(
    moment: Moment,
    kill: (n: number) => Promise<{ killed: boolean; faults: string[] }>,
  ) {
    let points = 0;
    const faults: string[] = [];
    const offset = moment === 'inside' ? 0 : Math.floor(STRIDE / 2);
    for (let n = 1 + offset; ; n += 2 * STRIDE) {
      const pair = await Promise.all([kill(n), kill(n + STRIDE)]);
      pair.forEach((one, i) =>
        faults.push(...one.faults.map((fault) => `commit ${n + i * STRIDE}: ${fault}`)),
      );
      points += pair.filter(({ killed }) => killed).length;
      if (pair.every(({ killed }) => killed)) continue;
      if (STRIDE === 1) console.error(`${moment}: killed at ${points} commits, ${faults.length} faults`);
      return { points, faults };
    }
  }

  it('comes to its end when nobody kills it', async () => {
    const folder = fresh();
    const { killed, accepted } = await live(folder, 'first');
    expect(killed).toBe(false);
    expect(accepted).toHaveLength(7);
    expect(findFaults(folder, accepted)).toEqual([]);
  });

  it.each(moments)(
    `%s ${sampled} of its commits: no job is lost, none runs twice, none is left running`,
    async (moment) => {
      const { points, faults } = await atCommits(moment, async (n) => {
        const folder = fresh();
        const first = await live(folder, 'first', n, moment);
        if (first.killed) expect((await live(folder, 'later')).killed).toBe(false);
        const found = findFaults(folder, first.accepted);
        rmSync(folder, { recursive: true });
        return { killed: first.killed, faults: found };
      });
      expect(faults).toEqual([]);
      // Queueing, starting, steps, attempts, pauses, moves, cancelling and ends of seven jobs.
      expect(points).toBeGreaterThan(30 / STRIDE);
    },
    600_000,
  );

  it.each(moments)(
    `a second time, %s ${sampled} of the commits of the start that takes up what was left`,
    async (moment) => {
      // Killed with the job that nobody ends at work, and others waiting.
      const left = fresh();
      let accepted: Ended['accepted'] = [];
      for (let n = 24; ; n += 2) {
        rmSync(left, { recursive: true });
        cpSync(join(root, 'template'), left, { recursive: true });
        const first = await live(left, 'first', n, 'after');
        expect(first.killed).toBe(true);
        accepted = first.accepted;
        const raw = new BetterSqlite3(join(left, 'homeport.db'), { readonly: true });
        const endless = existsSync(join(left, 'endless')) ? readFileSync(join(left, 'endless'), 'utf8') : '';
        const status = raw.prepare('select status from jobs where id = ?').pluck().get(endless);
        raw.close();
        if (status === 'running') break;
      }
      const { points, faults } = await atCommits(moment, async (n) => {
        const folder = fresh(left.slice(root.length + 1));
        const { killed } = await live(folder, 'later', n, moment);
        if (killed) expect((await live(folder, 'later')).killed).toBe(false);
        const found = findFaults(folder, accepted);
        rmSync(folder, { recursive: true });
        return { killed, faults: found };
      });
      expect(faults).toEqual([]);
      expect(points).toBeGreaterThan(8 / STRIDE);
    },
    600_000,
  );
});
