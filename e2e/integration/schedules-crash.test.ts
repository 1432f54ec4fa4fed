import { spawn } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import BetterSqlite3 from 'better-sqlite3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const script = resolve(import.meta.dirname, '../support/schedules-to-kill.ts');
/** As in queue-crash.test.ts: one commit of so many in every run, all with HOMEPORT_EVERY_COMMIT=1. */
const STRIDE = process.env['HOMEPORT_EVERY_COMMIT'] === '1' ? 1 : 14;
const sampled = STRIDE === 1 ? 'each' : `one in ${STRIDE}`;

/** Runs one life of the process. @throws Error when it ended by anything but its own end or kill -9 */
function live(folder: string, life: string, killAt = 0, moment = 'after'): Promise<boolean> {
  const child = spawn(process.execPath, [script, folder, life, String(killAt), moment], {
    stdio: ['ignore', 'ignore', 'pipe'],
    timeout: 60_000,
    killSignal: 'SIGTERM',
  });
  let err = '';
  child.stderr.on('data', (text: Buffer) => (err += text.toString()));
  return new Promise((done, fail) => {
    child.on('error', fail);
    child.on('close', (code, signal) => {
      if (code === 0 || signal === 'SIGKILL') done(signal === 'SIGKILL');
      else fail(new Error(`${life} ${killAt} ${moment}: ended with ${code ?? signal ?? ''}\n${err}`));
    });
  });
}

/** What must be true at the end, wherever the process was killed on the way. */
function findFaults(folder: string): string[] {
  const raw = new BetterSqlite3(join(folder, 'homeport.db'), { readonly: true });
  const faults = readdirSync(folder).filter((name) => name.startsWith('twice-'));
  const runs = raw
    .prepare(
      `select s.name, r.status, substr(r.due_at, 12, 5) as due from schedule_runs r
       join schedules s on s.id = r.schedule_id order by s.name, r.due_at`,
    )
    .all() as { name: string; status: string; due: string }[];
  const told = runs.map(({ name, due }) => `${name} ${due}`);
  // Each due moment has its one run: none is lost, none is doubled.
  if (told.join() !== 'asks 02:00,late 02:15,left 02:15,waves 02:00') faults.push(`runs: ${told.join()}`);
  for (const { name, status } of runs) {
    if (status === 'running' || status === 'asking') faults.push(`left: ${name}`);
    if (name === 'left' && status !== 'skipped') faults.push(`left out by its rule and is ${status}`);
    if (name === 'late' && status !== 'ok') faults.push(`made up for by its rule and is ${status}`);
  }
  const count = (sql: string) => raw.prepare(sql).pluck().get();
  if (count("select count(*) from jobs where status in ('queued', 'running')") !== 0)
    faults.push('a job is left');
  // Each machine of a run came to an end, and each step that has a job has one that is there.
  if (count("select count(*) from schedule_run_machines where state in ('waiting', 'active', 'held')") !== 0)
    faults.push('a machine is left');
  if (
    count(`select count(*) from schedule_run_steps s where s.state = 'job'
           and not exists (select 1 from jobs where jobs.id = s.job_id)`) !== 0
  )
    faults.push('a step without its job');
  // What was asked for was approved, once, with the job that the run goes on with; nobody is asked by a run that was left out.
  const asked = runs.some(({ name, status }) => name === 'asks' && status !== 'skipped') ? 1 : 0;
  if (
    count(`select count(*) from schedule_run_steps s join action_requests r on r.id = s.request_id
           join jobs on jobs.id = r.job_id where s.state = 'asked' and r.status = 'executed'`) !== asked
  )
    faults.push('a step that was approved has no job');
  const requests = count('select count(*) from action_requests');
  if (requests !== asked) faults.push(`asked ${String(requests)} times`);
  if (
    count(
      `select count(*) from jobs where not exists (select 1 from schedule_run_steps s where s.job_id = jobs.id)
       and not exists (select 1 from action_requests r where r.job_id = jobs.id)`,
    ) !== 0
  )
    faults.push('a job without its step');
  if (
    count(`select count(*) from schedules where enabled and
           (next_run_at is null or next_run_at <= '2026-11-26T02:25:00.000Z')`) !== 0
  )
    faults.push('a schedule has no next moment');
  raw.close();
  return faults;
}

describe.skipIf(process.platform === 'win32')('schedules, killed with kill -9 (needs POSIX signals)', () => {
  let root: string;
  let count = 0;
  beforeAll(async () => {
    root = mkdtempSync(join(tmpdir(), 'homeport-schedules-crash-'));
    mkdirSync(join(root, 'template'));
    await live(join(root, 'template'), 'prepare');
  });
  afterAll(() => rmSync(root, { recursive: true, force: true }));
  const fresh = (from = 'template'): string => {
    const folder = join(root, `run-${String(++count)}`);
    cpSync(join(root, from), folder, { recursive: true });
    return folder;
  };
  /** Kills at every `STRIDE`th commit until the process reached its end without being killed. */
  async function atCommits(moment: string, life: string, from = 'template') {
    let points = 0;
    const faults: string[] = [];
    for (let n = moment === 'inside' ? 1 : Math.ceil(STRIDE / 2); ; n += STRIDE) {
      const folder = fresh(from);
      const killed = await live(folder, life, n, moment);
      if (killed || life === 'first') expect(await live(folder, 'later')).toBe(false);
      faults.push(...findFaults(folder).map((fault) => `commit ${n}: ${fault}`));
      rmSync(folder, { recursive: true });
      if (!killed) return { points, faults };
      points++;
    }
  }

  it.each(['inside', 'after'])(
    `%s ${sampled} of the commits of a tick and its run: no due moment is lost, none runs twice`,
    async (moment) => {
      const { points, faults } = await atCommits(moment, 'first');
      expect(faults).toEqual([]);
      expect(points).toBeGreaterThan(20 / STRIDE);
    },
    600_000,
  );

  it(`a second time, within ${sampled} of the commits of the start that finds runs missed`, async () => {
    const left = fresh();
    // Killed in the midst of the run of 02:00.
    expect(await live(left, 'first', 6, 'after')).toBe(true);
    const { points, faults } = await atCommits('inside', 'later', left.slice(root.length + 1));
    expect(faults).toEqual([]);
    expect(points).toBeGreaterThan(10 / STRIDE);
  }, 600_000);
});
