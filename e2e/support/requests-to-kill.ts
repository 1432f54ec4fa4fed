import { existsSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Action, Actions } from '../../src/core/actions/types.ts';
import { createBulks } from '../../src/core/bulk/index.ts';
import { createBus } from '../../src/core/bus.ts';
import type { CoreContext } from '../../src/core/context.ts';
import { openDatabase } from '../../src/core/db/open.ts';
import { createCredentials } from '../../src/core/credentials/credentials.ts';
import { createRunner } from '../../src/core/jobs/index.ts';
import { machineHandlers } from '../../src/core/machines/index.ts';
import { createOutward } from '../../src/core/outward/index.ts';
import { createRequests } from '../../src/core/requests/index.ts';
import type { SshPool } from '../../src/core/ssh/types.ts';
import { insertMachine } from '../../src/core/testing/machines.ts';
import { createVault } from '../../src/core/vault/vault.ts';
import { notificationKinds, startableActions } from '../../src/shared/domain/unions.ts';
import { killAtCommit } from './kill-at-commit.ts';

/**
 * A process of its own that asks for approval (of one machine, of two, of one that is then removed), approves what waits,
 * carries it out to its end and brings the removed machine back; it kills itself as kill -9 does at one of its commits.
 * What it finds done is not done again, as by a person.
 * Arguments: directory, the number of the commit (0: none), `inside` (before it is committed) or `after`.
 */
const [folder = '', killText = '0', moment = ''] = process.argv.slice(2);
const killAt = Number(killText);

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
  now: () => new Date(),
};
const vault = createVault({ database, wrappers: [] });
// Nothing is sent: what is written is what is looked at.
const outward = createOutward(context, vault, { gatherMs: 3_600_000, gapMs: 0, delaysMs: [] });

if (killText === 'prepare') {
  for (const name of ['a', 'b', 'c', 'd']) insertMachine(context, name);
  outward.save({
    name: 'pager',
    enabled: true,
    config: { kind: 'webhook', url: 'http://127.0.0.1:9' },
    filter: { kinds: [...notificationKinds], severity: 'info', tagIds: [] },
  });
  database.close();
  process.exit(0);
}

killAtCommit(database, killAt, moment);

const hostFile = (machineId: string) => join(folder, `host-${machineId}`);
const reboot: Action = {
  idempotent: false,
  lockKind: 'reboot',
  validate: (_id, options) => options,
  run({ machineId }) {
    if (existsSync(hostFile(machineId))) writeFileSync(join(folder, `twice-${machineId}`), '');
    writeFileSync(hostFile(machineId), '');
    return Promise.resolve({ status: 'ok' });
  },
  resume: ({ machineId }) =>
    Promise.resolve({ status: existsSync(hostFile(machineId)) ? 'ok' : 'cancelled' }),
};
const actions = Object.fromEntries(startableActions.map((name) => [name, reboot])) as Actions;
const runner = createRunner(context, actions, 4);
const bulks = createBulks(context, runner, () => true);
const requests = createRequests(context, actions, runner, bulks);

const pool = { drop: () => undefined } as unknown as SshPool;
const credentials = createCredentials({ database, vault, now: context.now });
const handlers = machineHandlers(context, credentials, pool, runner, requests);
const caller = { surface: 'ui', signal: new AbortController().signal } as const;

const [a = '', b = '', c = '', d = ''] = database.raw
  .prepare('select id from machines order by name')
  .pluck()
  .all() as string[];
const rows = () =>
  database.raw.prepare('select id, note, status, binding from action_requests order by id').all() as {
    id: string;
    note: string;
    status: string;
    binding: string;
  }[];
function ask(note: string, machineIds: string[]): void {
  if (rows().some((row) => row.note === note)) return;
  requests.create({
    action: 'reboot',
    machineIds,
    options: {},
    wave: 'all',
    concurrency: 4,
    onFailure: 'continue',
    requestedBy: 'user',
    requestedFrom: 'ui',
    expiresInHours: 1,
    note,
  });
}
ask('one', [a]);
ask('two', [b, c]);
ask('gone', [d]);
if (rows().some(({ note, status }) => note === 'gone' && status === 'pending')) {
  await handlers['machines.remove']({ id: d }, caller);
}
for (const { id, status, binding } of rows()) if (status === 'pending') requests.approve(id, binding, 'ui');
runner.start();
bulks.start();
requests.start();
while (rows().some(({ status }) => status !== 'executed' && status !== 'expired'))
  await new Promise<void>((done) => setImmediate(done));
await handlers['machines.restore']({ id: d }, caller);
requests.close();
await outward.close();
await bulks.close();
await runner.close();
database.close();
