import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Database } from '../db/open.ts';
import { machineCredentials, machineEvents, machines } from '../db/schema/index.ts';
import { openMemoryDatabase } from '../db/testing.ts';
import type { Vault } from '../vault/types.ts';
import { createVault } from '../vault/vault.ts';
import { createCredentials, type Credentials } from './credentials.ts';

const at = '2026-01-01T00:00:00.000Z';
const both = { authMethod: 'password', sudoMode: 'separate' } as const;

let database: Database;
let vault: Vault;
let credentials: Credentials;
beforeEach(async () => {
  database = openMemoryDatabase();
  // A keyring in memory: these tests are not about how the key is kept.
  vault = createVault({
    database,
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
  credentials = createCredentials({ database, vault, now: () => new Date(at) });
  const machine = { hostname: 'h', osFamily: 'debian', username: 'u', status: 'unknown' } as const;
  for (const id of ['m1', 'm2'])
    database.db
      .insert(machines)
      .values({ ...machine, id, name: id, createdAt: at, updatedAt: at })
      .run();
});
afterEach(() => {
  database.close();
});

const events = (type: string) =>
  database.db
    .select()
    .from(machineEvents)
    .all()
    .filter(({ eventType }) => eventType === type);

describe('storing', () => {
  it('keeps what is not given, removes what is null, and shows only what is set', () => {
    credentials.setCredentials('m1', { ...both, password: 'first one', sudoPassword: 'root one' });
    credentials.setCredentials('m1', { ...both, sudoPassword: null, privateKey: 'a key' });
    expect(credentials.summary('m1')).toEqual({
      ...both,
      isSet: { password: true, sudoPassword: false, privateKey: true, keyPassphrase: false },
      status: 'unknown',
      lastTestAt: null,
      updatedAt: at,
    });
    expect(credentials.summary('m2')).toBeNull();
  });

  it('leaves no secret in the clear anywhere in the database', () => {
    credentials.setCredentials('m1', { ...both, password: 'hunter2hunter2', sudoPassword: 'swordfish!' });
    const everything = database.raw.serialize().toString('latin1');
    expect(everything).toContain('m1');
    expect(everything).not.toContain('hunter2');
    expect(everything).not.toContain('swordfish');
  });

  it('records which fields changed', () => {
    credentials.setCredentials('m1', { ...both, password: 'x'.repeat(8), keyPassphrase: null });
    expect(JSON.parse(events('credentials_changed')[0]?.payloadJson ?? '')).toEqual({
      ...both,
      set: ['password'],
      removed: ['keyPassphrase'],
    });
  });

  it('is refused for a machine that is not there', () => {
    expect(() => credentials.setCredentials('nope', both)).toThrow(
      expect.objectContaining({ code: 'not_found' }),
    );
  });

  it('needs the vault only where there is something to encrypt', () => {
    credentials.setCredentials('m1', { ...both, password: 'first one' });
    vault.lock();
    credentials.setCredentials('m1', { authMethod: 'agent', sudoMode: 'nopasswd', password: null });
    expect(credentials.summary('m1')).toMatchObject({ authMethod: 'agent', isSet: { password: false } });
    expect(() => credentials.setCredentials('m1', { ...both, password: 'again' })).toThrow(
      expect.objectContaining({ code: 'vault_locked' }),
    );
    expect(credentials.summary('m1')).toMatchObject({ authMethod: 'agent' });
  });
});

describe('using', () => {
  it('gives one secret and leaves one event with the field and the reason', async () => {
    credentials.setCredentials('m1', { ...both, password: 'first one', sudoPassword: 'root one' });
    expect(await credentials.secret('m1', 'sudoPassword', 'sudo for apt_upgrade')).toBe('root one');
    expect(events('secret_decrypted')).toHaveLength(1);
    expect(events('secret_decrypted')[0]).toMatchObject({
      machineId: 'm1',
      payloadJson: JSON.stringify({ field: 'sudoPassword', reason: 'sudo for apt_upgrade' }),
    });
  });

  it('gives null for what is not set, and no event', async () => {
    credentials.setCredentials('m1', both);
    expect(await credentials.secret('m1', 'password', 'r')).toBeNull();
    expect(await credentials.secret('m2', 'password', 'r')).toBeNull();
    expect(credentials.currentSecrets('m1')).toEqual([]);
    expect(events('secret_decrypted')).toEqual([]);
  });

  it('gives all of a machine to its redactor with one event', () => {
    credentials.setCredentials('m1', { ...both, password: 'first one', keyPassphrase: 'third one' });
    credentials.setCredentials('m2', { ...both, password: 'of another' });
    expect(credentials.currentSecrets('m1')).toEqual(['first one', 'third one']);
    expect(
      events('secret_decrypted').map(({ payloadJson }) => JSON.parse(payloadJson ?? '') as unknown),
    ).toEqual([{ fields: ['password', 'keyPassphrase'], reason: 'redaction' }]);
  });

  it('a ciphertext copied to another machine does not open there', async () => {
    credentials.setCredentials('m1', { ...both, password: 'first one' });
    credentials.setCredentials('m2', both);
    const stolen = database.db.select().from(machineCredentials).all()[0]?.encPassword;
    database.raw
      .prepare("update machine_credentials set enc_password = ? where machine_id = 'm2'")
      .run(stolen);
    await expect(credentials.secret('m2', 'password', 'r')).rejects.toMatchObject({
      code: 'secret_unreadable',
    });
    expect(events('secret_decrypted')).toEqual([]);
  });

  it('waits for an open vault', async () => {
    credentials.setCredentials('m1', { ...both, password: 'first one' });
    vault.lock();
    await expect(credentials.secret('m1', 'password', 'r')).rejects.toMatchObject({ code: 'vault_locked' });
  });
});

it('remembers whether they worked, until they change', () => {
  credentials.setCredentials('m1', both);
  credentials.recordTest('m1', true);
  expect(credentials.summary('m1')).toMatchObject({ status: 'ok', lastTestAt: at });
  credentials.recordTest('m1', false);
  expect(credentials.summary('m1')).toMatchObject({ status: 'error' });
  credentials.setCredentials('m1', { ...both, password: 'another' });
  expect(credentials.summary('m1')).toMatchObject({ status: 'unknown', lastTestAt: null });
  expect(() => credentials.recordTest('m2', true)).toThrow(expect.objectContaining({ code: 'not_found' }));
});
