import { existsSync, writeFileSync, writeSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { ActionJob } from '../../src/core/actions/types.ts';
import { createBus } from '../../src/core/bus.ts';
import type { CoreContext } from '../../src/core/context.ts';
import { openDatabase } from '../../src/core/db/open.ts';
import type { Bulks } from '../../src/core/bulk/index.ts';
import { createRunner } from '../../src/core/jobs/index.ts';
import { createRequests } from '../../src/core/requests/index.ts';
import { createSchedules } from '../../src/core/schedules/index.ts';
import { runningRuns } from '../../src/core/schedules/store.ts';
import { fakeActions, fakeHost, putSchedule } from '../../src/core/schedules/testing/fake-fleet.ts';
import { insertMachine } from '../../src/core/testing/machines.ts';
import { AppError } from '../../src/shared/domain/errors.ts';
import { killAtCommit } from './kill-at-commit.ts';

/**
 * A process of its own whose schedules become due, and which kills itself as kill -9 does at one of its commits. Arguments:
 * directory, `prepare`, `first` or `later`, the number of the commit (0: none), `inside` (before it is committed) or `after`.
 * Prints how many commits there were. A change that began on a pretended host is a file: begun once, there for ever.
 */
const [folder = '', life = '', killText = '0', moment = ''] = process.argv.slice(2);
const killAt = Number(killText);

/** The application is there from 01:50 to 02:10 and comes again at 02:25: what was due at 02:15 was missed. */
const times = { prepare: '01:50', first: '01:59', later: '02:25' } as const;
let now = new Date(`2026-11-26T${times[life as keyof typeof times]}:00Z`);
const database = openDatabase({
  file: join(folder, 'homeport.db'),
  migrationsDir: resolve(import.meta.dirname, '../../migrations'),
  backupsDir: join(folder, 'backups'),
});
const context: CoreContext = {
  database,
  bus: createBus(),
  dataDir: folder,
  log: {
    info: () => undefined,
    error: (message, data) => process.stderr.write(`${message} ${JSON.stringify(data)}\n`),
  },
  now: () => now,
};
if (life === 'prepare') {
  const [a = '', b = '', c = '', d = ''] = ['a', 'b', 'c', 'd'].map((name) => insertMachine(context, name));
  const steps = [
    { action: 'apt_full_upgrade', condition: 'if_updates' },
    { action: 'reboot_verified', condition: 'if_reboot_needed' },
  ] as const;
  putSchedule(context, {
    name: 'waves',
    scope: { by: 'machines', machineIds: [a, b, c] },
    steps: [...steps],
    wave: { sizes: [1, 2] },
  });
  putSchedule(context, {
    name: 'asks',
    scope: { by: 'machines', machineIds: [d] },
    steps: [...steps],
    asksApproval: true,
    approvalHours: 1,
  });
  putSchedule(context, { name: 'late', cron: '15 2 * * *', catchUp: 'run_once' });
  putSchedule(context, { name: 'left', cron: '15 2 * * *', catchUp: 'skip' });
  database.close();
  process.exit(0);
}

const commits = killAtCommit(database, killAt, moment);

const ids = database.raw.prepare('select id from machines order by name').pluck().all() as string[];
const hosts = new Map(
  ids.map((id) => [id, fakeHost({ updates: existsSync(join(folder, `done-${id}`)) ? 0 : 2 })]),
);
const turn = () => new Promise<void>((done) => setImmediate(done));
/** The host begins a change once; a second beginning is what must never be seen. */
async function gate(job: ActionJob): Promise<void> {
  job.progress('work', null);
  await turn();
  const { action } = database.raw.prepare('select action from jobs where id = ?').get(job.jobId) as {
    action: string;
  };
  if (action !== 'apt_full_upgrade') return;
  const begun = join(folder, `host-${job.jobId}`);
  if (existsSync(begun)) return;
  const done = join(folder, `done-${job.machineId}`);
  if (existsSync(done)) writeFileSync(join(folder, `twice-${job.machineId}`), '');
  writeFileSync(begun, '');
  writeFileSync(done, '');
}
const actions = fakeActions(context, hosts, [], gate);
const { apt_full_upgrade: upgrade } = actions;
Object.assign(actions, {
  apt_full_upgrade: {
    ...upgrade,
    async resume(job: ActionJob) {
      if (existsSync(join(folder, `host-${job.jobId}`))) return upgrade.run(job);
      throw new AppError('execution_interrupted', 'The host knows nothing of this run');
    },
  },
});
const runner = createRunner(context, actions, 4);
const requests = createRequests(context, actions, runner, {} as Bulks);
const schedules = createSchedules(context, runner, requests);
runner.start();
schedules.start();
requests.start();
/** The person who approves what waits for it. */
function approveAll(): void {
  const pending = database.raw.prepare("select id, binding from action_requests where status = 'pending'");
  for (const { id, binding } of pending.all() as { id: string; binding: string }[]) {
    requests.approve(id, binding, 'ui');
  }
}
async function settle(): Promise<void> {
  for (let calm = 0; calm < 20;) {
    await turn();
    approveAll();
    const { n } = database.raw
      .prepare("select count(*) as n from jobs where status in ('queued', 'running')")
      .get() as {
      n: number;
    };
    calm = n === 0 && runningRuns(context).length === 0 ? calm + 1 : 0;
  }
}
if (life === 'first') {
  now = new Date('2026-11-26T02:00:00Z');
  schedules.look();
}
await settle();
schedules.look();
await settle();
writeSync(1, `${commits()}\n`);
requests.close();
await schedules.close();
await runner.close();
database.close();
