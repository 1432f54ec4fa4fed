import { spawn } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import BetterSqlite3 from 'better-sqlite3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const script = resolve(import.meta.dirname, '../support/requests-to-kill.ts');
const moments = ['inside', 'after'] as const;
/** Requests made (1, 2, 3), one ended with its machine (4), two approved (5, 6), and then the work. */
const sampled = [3, 4, 5, 6, 8] as const;
/** HOMEPORT_EVERY_COMMIT=1: all that there are. */
const commits = process.env['HOMEPORT_EVERY_COMMIT'] === '1' ? Infinity : sampled.length;

/** Runs one life of the process; true when it was killed. @throws Error when it ended by anything but its end or kill -9 */
function live(folder: string, ...args: readonly string[]): Promise<boolean> {
  const child = spawn(process.execPath, [script, folder, ...args], {
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
      else fail(new Error(`${args.join(' ')}: ended with ${code ?? signal ?? ''}\n${err}`));
    });
  });
}

interface Row {
  note: string;
  status: string;
  machines: number;
  removed: number;
  ended: number;
  jobs: number;
  bulks: number;
  created: number;
  approved: number;
  told: number;
}

/** Each request with what there is of it: its work, its audit, and the message that tells of it. */
function look(folder: string): Row[] {
  const raw = new BetterSqlite3(join(folder, 'homeport.db'), { readonly: true });
  const rows = raw
    .prepare(
      `select r.note, r.status,
         (select count(*) from action_request_machines m where m.request_id = r.id) as machines,
         (select count(*) from machines x where x.name = 'd' and x.deleted_at is not null) as removed,
         (select count(*) from machine_events e where e.event_type = 'request.expired' and e.payload_json like '%' || r.id || '%') as ended,
         (select count(*) from jobs j where j.id = r.job_id or j.bulk_run_id = r.bulk_run_id) as jobs,
         (select count(*) from bulk_runs b where b.id = r.bulk_run_id) as bulks,
         (select count(*) from machine_events e where e.event_type = 'request.created' and e.payload_json like '%' || r.id || '%') as created,
         (select count(*) from machine_events e where e.event_type = 'request.approved' and e.payload_json like '%' || r.id || '%') as approved,
         (select count(*) from outward_messages o where o.dedup_key = 'request:' || r.id) as told
       from action_requests r order by r.id`,
    )
    .all() as Row[];
  const alone = raw
    .prepare('select (select count(*) from jobs) as jobs, (select count(*) from bulk_runs) as bulks')
    .get() as {
    jobs: number;
    bulks: number;
  };
  raw.close();
  const sum = (pick: (row: Row) => number) => rows.reduce((all, row) => all + pick(row), 0);
  // No work without a request that has queued it.
  expect(alone).toEqual({ jobs: sum(({ jobs }) => jobs), bulks: sum(({ bulks }) => bulks) });
  return rows;
}

describe.skipIf(process.platform === 'win32')('approvals, killed with kill -9 (needs POSIX signals)', () => {
  let root: string;
  beforeAll(async () => {
    root = mkdtempSync(join(tmpdir(), 'homeport-requests-crash-'));
    mkdirSync(join(root, 'template'));
    await live(join(root, 'template'), 'prepare');
  });
  afterAll(() => rmSync(root, { recursive: true, force: true }));

  it.each(moments)(
    '%s a commit: approval and work are there together or not at all, and nothing is done twice',
    async (moment) => {
      let points = 0;
      for (; points < commits; points++) {
        const commit = commits === Infinity ? points + 1 : (sampled[points] ?? 0);
        const folder = join(root, `${moment}-${commit}`);
        cpSync(join(root, 'template'), folder, { recursive: true });
        if (!(await live(folder, String(commit), moment))) break;
        const left = look(folder);
        const done = moment === 'after' ? commit : commit - 1;
        expect(left, `commit ${commit}`).toHaveLength(Math.min(3, done));
        for (const row of left) {
          expect(row, `commit ${commit}`).toMatchObject({
            machines: row.note === 'two' ? 2 : 1,
            created: 1,
            told: 1,
          });
          if (row.note === 'gone') {
            // It has ended when, and only when, its machine is gone.
            const isGone = done >= 4 ? 1 : 0;
            expect([row.status, row.ended]).toEqual([isGone ? 'expired' : 'pending', isGone]);
            if (done < 7) expect(row.removed).toBe(isGone);
            continue;
          }
          const isApproved = row.status !== 'pending';
          expect(row.approved, `commit ${commit}`).toBe(isApproved ? 1 : 0);
          if (row.note === 'one') expect(row.jobs).toBe(isApproved ? 1 : 0);
          else expect(row.bulks).toBe(isApproved ? 1 : 0);
        }
        expect(left.filter(({ status }) => status === 'approved' || status === 'executed')).toHaveLength(
          Math.max(0, Math.min(2, done - 4)),
        );
        expect(await live(folder, '0')).toBe(false);
        expect(look(folder).map(({ machines: _, created: _created, bulks: _bulks, ...row }) => row)).toEqual([
          { note: 'one', status: 'executed', jobs: 1, approved: 1, told: 1, ended: 0, removed: 0 },
          { note: 'two', status: 'executed', jobs: 2, approved: 1, told: 1, ended: 0, removed: 0 },
          { note: 'gone', status: 'expired', jobs: 0, approved: 0, told: 1, ended: 1, removed: 0 },
        ]);
        expect(readdirSync(folder).filter((name) => name.startsWith('twice-'))).toEqual([]);
        rmSync(folder, { recursive: true });
      }
      expect(points).toBeGreaterThanOrEqual(sampled.length);
      if (commits === Infinity) console.error(`${moment}: killed at ${points} commits`);
    },
    600_000,
  );
});
