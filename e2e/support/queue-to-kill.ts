import { existsSync, readFileSync, writeFileSync, writeSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Action, ActionJob, Actions } from '../../src/core/actions/types.ts';
import { createBus } from '../../src/core/bus.ts';
import type { CoreContext } from '../../src/core/context.ts';
import { openDatabase } from '../../src/core/db/open.ts';
import { createRunner } from '../../src/core/jobs/index.ts';
import { activeJobs } from '../../src/core/jobs/store.ts';
import { insertMachine } from '../../src/core/testing/machines.ts';
import { AppError } from '../../src/shared/domain/errors.ts';
import { startableActions } from '../../src/shared/domain/unions.ts';
import { killAtCommit } from './kill-at-commit.ts';

/**
 * A process of its own that works off a queue on a data directory and kills itself as kill -9 does at one of its commits.
 * Arguments: directory, `first` or `later`, the number of the commit (0: none), `inside` (before it is committed) or `after`.
 * Prints each job that was accepted. A host is a file: started once, there for ever.
 */
const [folder = '', life = '', killText = '0', moment = ''] = process.argv.slice(2);
const killAt = Number(killText);

// A hundred times faster: waiting for the next attempt takes no time that a test would feel.
const speed = 100;
const born = Date.now();
const realTimeout = globalThis.setTimeout;
globalThis.setTimeout = ((work: () => void, ms = 0) => realTimeout(work, ms / speed)) as typeof setTimeout;

const database = openDatabase({
  file: join(folder, 'homeport.db'),
  migrationsDir: resolve(import.meta.dirname, '../../migrations'),
  backupsDir: join(folder, 'backups'),
});
const context: CoreContext = {
  database,
  bus: createBus(),
  dataDir: folder,
  log: { info: () => undefined, error: (message) => process.stderr.write(`${message}\n`) },
  now: () => new Date(born + (Date.now() - born) * speed),
};
if (life === 'prepare') {
  for (const name of ['a', 'b', 'c', 'd']) insertMachine(context, name);
  database.close();
  process.exit(0);
}

killAtCommit(database, killAt, moment);

const hostFile = (jobId: string) => join(folder, `host-${jobId}`);
const turn = () => new Promise<void>((done) => setImmediate(done));
/** Ends when it is cancelled; the others end by themselves. */
const endless = join(folder, 'endless');
const isEndless = (jobId: string) => existsSync(endless) && readFileSync(endless, 'utf8') === jobId;

async function follow(job: ActionJob): Promise<{ status: 'ok' }> {
  job.progress('install', null);
  await turn();
  while (isEndless(job.jobId)) {
    if (job.signal.aborted) throw new AppError('cancelled', 'given up');
    await turn();
  }
  return { status: 'ok' };
}
const change: Action = {
  idempotent: false,
  lockKind: 'apt',
  validate: (_id, options) => options,
  async run(job) {
    job.progress('launch', null);
    await turn();
    // The host starts it: a second start of the same job is what must never be seen.
    const started = hostFile(job.jobId);
    if (existsSync(started)) writeFileSync(join(folder, `twice-${job.jobId}`), '');
    writeFileSync(started, '');
    job.remember({ executionId: job.jobId });
    return follow(job);
  },
  async resume(job) {
    if (existsSync(hostFile(job.jobId))) return follow(job);
    throw new AppError('execution_interrupted', 'The host knows nothing of this run');
  },
};
const read: Action = {
  idempotent: true,
  lockKind: 'apt',
  validate: (_id, options) => options,
  async run(job) {
    job.progress('refresh', null);
    await turn();
    // The first contact fails, as that of a host that is just coming back.
    const seen = join(folder, `seen-${job.jobId}`);
    if (!existsSync(seen)) {
      writeFileSync(seen, '');
      throw new AppError('ssh_unreachable', 'no route');
    }
    return { status: 'ok' };
  },
};
const others = Object.fromEntries(startableActions.map((name) => [name, change]));
const runner = createRunner(context, { ...others, apt_update_analyze: read } as Actions, 2);

const machineIds = database.raw.prepare('select id from machines order by name').pluck().all() as string[];
const [a = '', b = '', c = '', d = ''] = machineIds;
function add(action: 'apt_upgrade' | 'apt_update_analyze', machineId: string): string {
  const jobId = runner.enqueue(action, [machineId], {})[0]?.jobId ?? '';
  writeSync(1, `${jobId} ${action}\n`);
  return jobId;
}
async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await turn();
}
const isRunning = (jobId: string) => runner.progressOf(jobId)?.step === 'install';

runner.start();
if (life === 'first') {
  add('apt_upgrade', a);
  add('apt_update_analyze', a);
  runner.pause(b);
  add('apt_update_analyze', b);
  const dropped = add('apt_upgrade', b);
  add('apt_upgrade', b);
  runner.move(dropped, 'first');
  await runner.cancel(dropped);
  runner.pause(null);
  runner.resume(b);
  add('apt_upgrade', c);
  const stopped = runner.enqueue('apt_upgrade', [d], {})[0]?.jobId ?? '';
  writeFileSync(endless, stopped);
  writeSync(1, `${stopped} apt_upgrade\n`);
  runner.resume(null);
  await until(() => isRunning(stopped));
  await runner.cancel(stopped);
} else {
  // What a person would do who finds the queue as it was left.
  if (existsSync(endless)) {
    const left = readFileSync(endless, 'utf8');
    if (activeJobs(context).some(({ row }) => row.id === left)) await runner.cancel(left);
  }
  for (const id of [null, ...machineIds]) runner.resume(id);
}
await until(() => activeJobs(context).length === 0);
await runner.close();
database.close();
