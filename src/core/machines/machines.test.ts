import { beforeEach, describe, expect, it } from 'vitest';
import type { HomeportHandlers } from '../../shared/contract/index.ts';
import type { ImportMachine } from '../../shared/contract/machines.ts';
import { toAppError, type AppError } from '../../shared/domain/errors.ts';
import type { CoreContext } from '../context.ts';
import { createCredentials, type Credentials } from '../credentials/credentials.ts';
import { jobs, machineEvents, machines } from '../db/schema/index.ts';
import { fleetRows } from '../fleet/index.ts';
import { approvedKeyTypes } from '../hostkeys/index.ts';
import type { SshPool } from '../ssh/types.ts';
import { testContext } from '../testing/context.ts';
import { createVault } from '../vault/vault.ts';
import { machineHandlers, purgeExpired } from './index.ts';

type Handlers = ReturnType<typeof machineHandlers>;
const caller = { surface: 'ui', signal: new AbortController().signal } as const;

let context: CoreContext & { readonly logged: string[] };
let credentials: Credentials;
let handlers: Handlers;
let nowMs: number;
let left: string[];

beforeEach(async () => {
  nowMs = Date.parse('2026-03-01T00:00:00Z');
  context = { ...testContext(), now: () => new Date(nowMs) };
  const vault = createVault({
    database: context.database,
    wrappers: [
      {
        kind: 'safe_storage',
        available: async () => ({ ok: true }),
        wrap: async (key) => Buffer.from(key).toString('hex'),
        unwrap: async (wrapped) => Buffer.from(wrapped, 'hex'),
      },
    ],
  });
  await vault.setUpWithSystem();
  credentials = createCredentials({ database: context.database, vault, now: context.now });
  const pool = { drop: () => undefined } as unknown as SshPool;
  left = [];
  const queue = { cancelQueued: () => undefined };
  const requests = {
    leaveMachine: (id: string) => {
      // What fails here takes the removal back with it.
      if (left.includes(id)) throw new Error('the requests could not be ended');
      expect(context.database.raw.inTransaction).toBe(true);
      left.push(id);
    },
  };
  handlers = machineHandlers(context, credentials, pool, queue, requests);
});

const call = async <N extends keyof Handlers>(
  name: N,
  input: Parameters<HomeportHandlers[N]>[0],
): Promise<Awaited<ReturnType<HomeportHandlers[N]>>> =>
  (await (handlers[name] as (input: unknown, caller: unknown) => unknown)(input, caller)) as Awaited<
    ReturnType<HomeportHandlers[N]>
  >;
const refused = async (work: Promise<unknown>): Promise<AppError> =>
  work.then(
    () => Promise.reject(new Error('nothing was refused')),
    (error: unknown) => toAppError(error),
  );
const events = (type: string) =>
  context.database.db
    .select()
    .from(machineEvents)
    .all()
    .filter((event) => event.eventType === type);
const names = () => fleetRows(context).map(({ name }) => name);

const login = {
  authMethod: 'password',
  sudoMode: 'separate',
  password: 'p-secret',
  sudoPassword: 's-secret',
} as const;
const fields = {
  port: 22,
  username: 'ops',
  jumpMachineId: null,
  allowLegacyAlgorithms: false,
  aptProxyMode: 'direct',
  aptProxyUrl: null,
  tagIds: [] as string[],
  group: null,
  notes: null,
  chosenKind: null,
} as const;
const add = async (name: string, more: Partial<Parameters<HomeportHandlers['machines.add']>[0]> = {}) =>
  (
    await call('machines.add', {
      ...fields,
      tagIds: [],
      name,
      hostname: `${name}.test`,
      credentials: login,
      ...more,
    })
  ).id;
const inFile = (name: string, more: Partial<ImportMachine> = {}): ImportMachine => ({
  name,
  hostname: `${name}.test`,
  port: 22,
  username: null,
  jumpHost: null,
  group: null,
  kind: null,
  tags: [],
  notes: null,
  authMethod: null,
  sudoMode: null,
  allowLegacyAlgorithms: false,
  aptProxyMode: 'direct',
  aptProxyUrl: null,
  identityFile: null,
  hostKeys: [],
  ...more,
});
const importRows = (
  list: ImportMachine[],
  more: Partial<Parameters<HomeportHandlers['machines.importRows']>[0]> = {},
) =>
  call('machines.importRows', {
    source: 'csv',
    machines: list,
    defaultUsername: 'root',
    approveHostKeys: false,
    ...more,
  });

describe('what a person says of a machine', () => {
  it('is stored, shown over what the host says, and changed one by one', async () => {
    const id = await add('nas', { group: 'Cellar', notes: 'Behind the boiler.', chosenKind: 'physical' });
    context.database.raw.prepare("update machines set machine_kind = 'vm' where id = ?").run(id);
    expect(await call('machines.get', { id })).toMatchObject({
      group: 'Cellar',
      notes: 'Behind the boiler.',
      chosenKind: 'physical',
      machineKind: 'physical',
    });
    await call('machines.update', { id, chosenKind: null });
    expect(await call('machines.get', { id })).toMatchObject({
      group: 'Cellar',
      chosenKind: null,
      machineKind: 'vm',
    });
    expect(fleetRows(context, [id])[0]?.group).toBe('Cellar');
  });

  it('cannot move a machine onto another one', async () => {
    await add('nas');
    const id = await add('web');
    const error = await refused(call('machines.update', { id, hostname: 'NAS.test' }));
    expect([error.code, error.data['name']]).toEqual(['conflict', 'nas']);
  });
});

describe('duplicate', () => {
  it('copies settings, tags and words, and no secret unless asked', async () => {
    const tag = await call('tags.create', { name: 'prod', color: '#4477aa' });
    const id = await add('web', {
      tagIds: [tag.id],
      group: 'Rack',
      notes: 'n',
      aptProxyMode: 'runtime',
      aptProxyUrl: 'http://p:1',
    });
    const copy = await call('machines.duplicate', {
      id,
      name: 'web-2',
      hostname: 'web-2.test',
      port: 22,
      username: 'ops',
      withCredentials: false,
    });
    const detail = await call('machines.get', { id: copy.id });
    expect(detail).toMatchObject({
      name: 'web-2',
      group: 'Rack',
      notes: 'n',
      aptProxyUrl: 'http://p:1',
      tags: [tag],
    });
    expect(detail.credentials).toMatchObject({
      authMethod: 'password',
      sudoMode: 'separate',
      hasPassword: false,
      hasSudoPassword: false,
    });
    expect(events('secret_decrypted')).toHaveLength(0);
    expect(JSON.parse(events('machine.duplicated')[0]?.payloadJson ?? '{}')).toMatchObject({
      copyId: copy.id,
      withCredentials: false,
    });
  });

  it('copies the secrets when asked, and the audit trail says so', async () => {
    const id = await add('web');
    const copy = await call('machines.duplicate', {
      id,
      name: 'web-2',
      hostname: 'web-2.test',
      port: 22,
      username: 'ops',
      withCredentials: true,
    });
    expect(await credentials.secret(copy.id, 'password', 'test')).toBe('p-secret');
    expect(await credentials.secret(copy.id, 'sudoPassword', 'test')).toBe('s-secret');
    const [event] = events('machine.duplicated');
    expect(event?.machineId).toBe(id);
    expect(JSON.parse(event?.payloadJson ?? '{}')).toMatchObject({ withCredentials: true });
    expect(events('secret_decrypted').filter(({ machineId }) => machineId === id)).toHaveLength(2);
    expect(JSON.stringify(events('machine.duplicated'))).not.toContain('p-secret');
  });

  it('decrypts nothing for an address that is taken', async () => {
    const id = await add('web');
    const error = await refused(
      call('machines.duplicate', {
        id,
        name: 'x',
        hostname: 'web.test',
        port: 22,
        username: 'ops',
        withCredentials: true,
      }),
    );
    expect(error.code).toBe('conflict');
    expect(events('secret_decrypted')).toHaveLength(0);
  });
});

describe('import', () => {
  it('previews without storing anything', async () => {
    const text = 'name,host\na,a.test\nb,b.test\n';
    const read = await call('machines.importPreview', {
      contentBase64: Buffer.from(text).toString('base64'),
    });
    expect(read.rows).toHaveLength(2);
    expect(names()).toEqual([]);
    expect(events('machine.added')).toHaveLength(0);
  });

  it('stores jump hosts first, makes tags once, and takes the login that was given', async () => {
    const { ids } = await importRows(
      [
        inFile('db', { jumpHost: 'gate', tags: [{ name: 'Prod', color: null }], username: 'dba' }),
        inFile('gate', { tags: [{ name: 'prod', color: '#aa3377' }] }),
      ],
      { credentials: login },
    );
    expect(ids).toHaveLength(2);
    const db = fleetRows(context).find(({ name }) => name === 'db');
    const detail = await call('machines.get', { id: db?.id ?? '' });
    const gate = fleetRows(context).find(({ name }) => name === 'gate');
    expect(detail.jumpMachineId).toBe(gate?.id);
    expect([detail.username, gate?.username]).toEqual(['dba', 'root']);
    expect((await call('tags.list', {})).tags).toMatchObject([{ name: 'prod', machineCount: 2 }]);
    expect(await credentials.secret(detail.id, 'password', 'test')).toBe('p-secret');
  });

  it.each([
    ['a duplicate', [inFile('a'), inFile('b'), inFile('A')], 'conflict'],
    ['a jump host that is nowhere', [inFile('a'), inFile('b', { jumpHost: 'nowhere' })], 'invalid_input'],
    [
      'a circle',
      [inFile('x'), inFile('a', { jumpHost: 'b' }), inFile('b', { jumpHost: 'a' })],
      'invalid_input',
    ],
    [
      'a key file that is not there',
      [inFile('x'), inFile('a', { identityFile: '/no/such/key' })],
      'ssh_key_unreadable',
    ],
  ])('stores nothing at all because of %s', async (_what, list, code) => {
    const credentialsOf =
      code === 'ssh_key_unreadable' ? ({ authMethod: 'ssh_key', sudoMode: 'none' } as const) : login;
    expect((await refused(importRows(list, { credentials: credentialsOf }))).code).toBe(code);
    expect(names()).toEqual([]);
    expect((await call('tags.list', {})).tags).toEqual([]);
    expect(context.database.db.select().from(machineEvents).all()).toEqual([]);
  });

  it('approves keys of the file only when the person says so', async () => {
    const type = Buffer.from('ssh-ed25519');
    const size = Buffer.alloc(4);
    size.writeUInt32BE(type.length);
    const publicKey = Buffer.concat([size, type, Buffer.from('key')]).toString('base64');
    const hostKeys = [
      { keyType: 'ssh-ed25519', fingerprintSha256: 'SHA256:what-was-shown-elsewhere', publicKey },
    ];
    const [seen] = (await importRows([inFile('a', { hostKeys })])).ids;
    const [approved] = (await importRows([inFile('b', { hostKeys })], { approveHostKeys: true })).ids;
    const typesOf = (id: string | undefined, hostname: string) =>
      approvedKeyTypes(context, { machineId: id ?? '', hostname, port: 22 });
    expect(typesOf(seen, 'a.test')).toEqual([]);
    expect(typesOf(approved, 'b.test')).toEqual(['ssh-ed25519']);
    // The fingerprint stored is that of the key, not one that the caller names.
    expect((await call('machines.get', { id: approved ?? '' })).hostKeys[0]?.fingerprintSha256).not.toContain(
      'elsewhere',
    );
  });
});

describe('export', () => {
  it('holds the chosen machines and no secret in any form', async () => {
    const id = await add('web', { notes: 'note' });
    await add('db');
    for (const format of ['csv', 'json', 'ssh_config'] as const) {
      const file = await call('machines.export', { format, ids: [id] });
      expect(file.count).toBe(1);
      expect(file.text).toContain('web.test');
      expect(file.text).not.toContain('db.test');
      expect(file.text).not.toMatch(/secret/);
      const row = context.database.raw.prepare('select * from machine_credentials').get() as Record<
        string,
        unknown
      >;
      for (const [column, value] of Object.entries(row))
        if (column.startsWith('enc_') && typeof value === 'string') expect(file.text).not.toContain(value);
    }
    expect(events('secret_decrypted')).toHaveLength(0);
    expect((await call('machines.export', { format: 'csv' })).count).toBe(2);
    // Nobody approved a key of theirs.
    expect((await call('machines.export', { format: 'known_hosts' })).count).toBe(0);
  });
});

describe('tags', () => {
  it('are renamed, recoloured, merged and deleted, and machines keep the rest', async () => {
    const make = (name: string) => call('tags.create', { name, color: '#4477aa' });
    const [a, b, c] = [await make('a'), await make('b'), await make('c')];
    const both = await add('both', { tagIds: [a.id, b.id] });
    const one = await add('one', { tagIds: [a.id, c.id] });
    expect((await refused(call('tags.update', { id: a.id, name: 'B' }))).code).toBe('conflict');
    expect(await call('tags.update', { id: b.id, name: 'Beta', color: '#000000' })).toEqual({
      id: b.id,
      name: 'Beta',
      color: '#000000',
    });
    expect(await call('tags.merge', { id: a.id, intoId: b.id })).toEqual({ moved: 1 });
    const tagsOf = async (id: string) =>
      (await call('machines.get', { id })).tags.map(({ name }) => name).sort();
    expect(await tagsOf(both)).toEqual(['Beta']);
    expect(await tagsOf(one)).toEqual(['Beta', 'c']);
    expect(await call('tags.remove', { id: b.id })).toEqual({
      machineIds: expect.arrayContaining([both, one]) as string[],
    });
    expect(await tagsOf(both)).toEqual([]);
    expect((await refused(call('tags.merge', { id: c.id, intoId: c.id }))).code).toBe('invalid_input');
  });
});

describe('removal', () => {
  it('can be undone later, from the list of what was removed', async () => {
    const id = await add('nas');
    await call('machines.remove', { id });
    expect(names()).toEqual([]);
    const { machines: removed, keepDays } = await call('machines.removed', {});
    expect(removed).toMatchObject([
      { id, name: 'nas', removedAt: '2026-03-01T00:00:00.000Z', purgeAt: '2026-05-30T00:00:00.000Z' },
    ]);
    expect(keepDays).toBe(90);
    await call('machines.restore', { id });
    expect(names()).toEqual(['nas']);
  });

  it('ends the requests of the machine in its own transaction', async () => {
    const id = await add('nas');
    left = [id];
    await refused(call('machines.remove', { id }));
    expect([names(), events('machine.removed')]).toEqual([['nas'], []]);
    left = [];
    await call('machines.remove', { id });
    expect([names(), left]).toEqual([[], [id]]);
  });

  it('is final only for the right name, and takes secrets along', async () => {
    const id = await add('nas');
    expect((await refused(call('machines.purge', { id, name: 'nas' }))).code).toBe('conflict');
    await call('machines.remove', { id });
    expect((await refused(call('machines.purge', { id, name: 'NAS' }))).code).toBe('invalid_input');
    await call('machines.purge', { id, name: 'nas' });
    for (const table of ['machines', 'machine_credentials', 'machine_state', 'machine_descriptions'])
      expect(context.database.raw.prepare(`select count(*) from ${table}`).pluck().get(), table).toBe(0);
    expect(events('machine.purged')).toMatchObject([{ machineId: null, actorType: 'user' }]);
  });

  it('waits for a job that runs, and for machines behind it', async () => {
    const gate = await add('gate');
    const behind = await add('db', { jumpMachineId: gate });
    expect((await call('machines.get', { id: gate })).jumpFor).toEqual([{ id: behind, name: 'db' }]);
    await call('machines.remove', { id: gate });
    expect((await refused(call('machines.purge', { id: gate, name: 'gate' }))).data).toMatchObject({
      reason: 'jump',
      name: 'db',
    });
    await call('machines.remove', { id: behind });
    context.database.db
      .insert(jobs)
      .values({
        id: 'j',
        kind: 'apt_upgrade',
        action: 'apt_upgrade',
        machineId: gate,
        partitionKey: gate,
        status: 'running',
        createdAt: 't',
        updatedAt: 't',
      })
      .run();
    expect((await refused(call('machines.purge', { id: gate, name: 'gate' }))).data).toMatchObject({
      reason: 'job',
    });
    nowMs += 91 * 86_400_000;
    // The one whose job runs is kept; the other one's time is over.
    expect(purgeExpired(context)).toBe(1);
    expect(
      context.database.db
        .select()
        .from(machines)
        .all()
        .map(({ name }) => name),
    ).toEqual(['gate']);
  });

  it('follows the rule that was set', async () => {
    await call('machines.remove', { id: await add('nas') });
    await call('machines.setRemovedKeepDays', { days: null });
    nowMs += 4000 * 86_400_000;
    expect(purgeExpired(context)).toBe(0);
    expect((await call('machines.removed', {})).machines[0]?.purgeAt).toBeNull();
    await call('machines.setRemovedKeepDays', { days: 7 });
    expect((await call('machines.removed', {})).machines).toEqual([]);
    expect(events('machine.purged')).toMatchObject([{ actorType: 'system' }]);
  });
});
