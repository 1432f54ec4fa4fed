import { randomBytes } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { AppError } from '../../shared/domain/errors.ts';
import type { Database } from '../db/open.ts';
import { machineCredentials, machineEvents, machines, vaultWraps } from '../db/schema/index.ts';
import { openMemoryDatabase } from '../db/testing.ts';
import { seal, unseal } from './cipher.ts';
import type { KeyWrapper, VaultEvent } from './types.ts';
import { createVault, type VaultOptions } from './vault.ts';

const place = { table: 'machine_credentials', rowId: 'm1', column: 'enc_password' };
const use = { machineId: null, reason: 'a test' };
const passphrase = 'correct horse';

let database: Database;
let events: VaultEvent[];
beforeEach(() => {
  database = openMemoryDatabase();
  events = [];
});
afterEach(() => {
  vi.useRealTimers();
  database.close();
});

function vaultWith(options: Partial<VaultOptions> = {}) {
  return createVault({ database, wrappers: [], onEvent: (event) => events.push(event), ...options });
}

/** A keyring that lives in this process; its fields break it. */
function memoryKeyring(kind: KeyWrapper['kind'] = 'safe_storage') {
  const own = randomBytes(32);
  const at = { table: 'keyring', rowId: 'x', column: 'y' };
  const ring = {
    reason: null as string | null,
    fails: false,
    stale: false,
    wraps: 0,
    forgotten: [] as string[],
    kind,
    available: async () =>
      ring.reason ? { ok: false as const, reason: ring.reason } : { ok: true as const },
    wrap: async (key: Uint8Array) => {
      ring.wraps++;
      return seal(own, at, key);
    },
    unwrap: async (wrapped: string) => {
      if (ring.fails) throw new Error('the ring says no');
      return { key: unseal(own, at, wrapped) ?? Buffer.alloc(0), stale: ring.stale };
    },
    forget: async (wrapped: string) => {
      ring.forgotten.push(wrapped);
    },
  };
  return ring satisfies KeyWrapper;
}

async function codeOf(work: () => unknown): Promise<string> {
  try {
    await work();
  } catch (error) {
    if (error instanceof AppError) return error.code;
    throw error;
  }
  return 'nothing thrown';
}

describe('before it is set up', () => {
  it('says so, and encrypts nothing', async () => {
    const vault = vaultWith();
    expect(await vault.status()).toEqual({
      state: 'not_set_up',
      wraps: [],
      systemKeyring: { available: false, reason: 'this host has no keyring' },
      autoLockMs: null,
    });
    expect(await codeOf(() => vault.encrypt(place, 'x'))).toBe('vault_not_set_up');
    expect(await codeOf(() => vault.decrypt(place, 'x', use))).toBe('vault_not_set_up');
    expect(await codeOf(() => vault.unlock('whatever it is'))).toBe('vault_not_set_up');
    expect(await vault.tryAutoUnlock()).toBe(false);
  });

  it('refuses a short passphrase, counting characters and not bytes', async () => {
    const vault = vaultWith();
    expect(await codeOf(() => vault.setUpWithPassphrase('1234567'))).toBe('invalid_input');
    expect(await codeOf(() => vault.setUpWithPassphrase('🔑🔑🔑🔑'))).toBe('invalid_input');
    expect(vault.state()).toBe('not_set_up');
  });

  it('is set up once, also when asked twice at the same time', async () => {
    const vault = vaultWith();
    const both = await Promise.allSettled([
      vault.setUpWithPassphrase(passphrase),
      vault.setUpWithPassphrase('another one'),
    ]);
    expect(both.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    expect(await codeOf(() => vault.setUpWithPassphrase(passphrase))).toBe('conflict');
  });
});

describe('with a passphrase', () => {
  it('opens in a later process and reads what was written', async () => {
    const first = vaultWith();
    await first.setUpWithPassphrase(passphrase);
    const secret = first.encrypt(place, 'pässword\n');
    first.close();

    const later = vaultWith();
    expect(later.state()).toBe('locked');
    expect(await codeOf(() => later.decrypt(place, secret, use))).toBe('vault_locked');
    expect(await later.tryAutoUnlock()).toBe(false);
    expect(await codeOf(() => later.unlock())).toBe('vault_unavailable');
    expect(await codeOf(() => later.unlock('correct hors'))).toBe('vault_passphrase_wrong');
    expect(later.state()).toBe('locked');
    await later.unlock(passphrase);
    expect(later.decrypt(place, secret, use)).toBe('pässword\n');
  });

  it('takes the same passphrase typed in another Unicode form', async () => {
    const vault = vaultWith();
    await vault.setUpWithPassphrase('caf\u00e9 cr\u00e8me');
    vault.lock();
    await vault.unlock('cafe\u0301 cre\u0300me');
    expect(vault.state()).toBe('unlocked');
  });

  it('keeps neither key nor passphrase in the database, and a costly scrypt', async () => {
    const vault = vaultWith();
    await vault.setUpWithPassphrase(passphrase);
    const wrap = database.db.select().from(vaultWraps).get();
    expect(JSON.stringify(wrap)).not.toContain(passphrase);
    expect(JSON.parse(wrap?.paramsJson ?? '')).toMatchObject({ kdf: 'scrypt', n: 131_072, r: 8, p: 1 });
  });

  it('does not stop the event loop while it derives', async () => {
    const vault = vaultWith();
    let turns = 0;
    const counting = setInterval(() => turns++, 1);
    await vault.setUpWithPassphrase(passphrase);
    clearInterval(counting);
    expect(turns).toBeGreaterThan(5);
  });

  it('changes the passphrase without touching the secrets', async () => {
    const vault = vaultWith();
    await vault.setUpWithPassphrase(passphrase);
    const secret = vault.encrypt(place, 'kept');
    expect(await codeOf(() => vault.changePassphrase('not the old one', 'the new one'))).toBe(
      'vault_passphrase_wrong',
    );
    expect(await codeOf(() => vault.changePassphrase(passphrase, 'short'))).toBe('invalid_input');
    await vault.changePassphrase(passphrase, 'the new one');
    vault.lock();
    expect(await codeOf(() => vault.unlock(passphrase))).toBe('vault_passphrase_wrong');
    await vault.unlock('the new one');
    expect(vault.decrypt(place, secret, use)).toBe('kept');
  });

  it('refuses parameters that a tampered database would use to exhaust the memory', async () => {
    const vault = vaultWith();
    await vault.setUpWithPassphrase(passphrase);
    vault.lock();
    const wrap = database.db.select().from(vaultWraps).get();
    const params = { ...(JSON.parse(wrap?.paramsJson ?? '') as object), n: 2 ** 30 };
    database.db
      .update(vaultWraps)
      .set({ paramsJson: JSON.stringify(params) })
      .run();
    await expect(vault.unlock(passphrase)).rejects.toThrow();
    expect(vault.state()).toBe('locked');
  });
});

describe('with a system keyring', () => {
  it('opens by itself in a later process', async () => {
    const ring = memoryKeyring();
    const first = vaultWith({ wrappers: [ring] });
    await first.setUpWithSystem();
    const secret = first.encrypt(place, 'x');
    const later = vaultWith({ wrappers: [ring] });
    expect(await later.tryAutoUnlock()).toBe(true);
    expect(later.decrypt(place, secret, use)).toBe('x');
  });

  it('that is not there gives the reason, and no vault in the clear', async () => {
    const ring = memoryKeyring();
    ring.reason = 'only basic_text';
    const vault = vaultWith({ wrappers: [ring] });
    await expect(vault.setUpWithSystem()).rejects.toMatchObject({
      code: 'vault_unavailable',
      data: { reason: 'only basic_text' },
    });
    expect((await vault.status()).systemKeyring).toEqual({ available: false, reason: 'only basic_text' });
    expect(vault.state()).toBe('not_set_up');
  });

  it('that does not give the key back is not trusted with it', async () => {
    const ring = memoryKeyring();
    const vault = vaultWith({ wrappers: [{ ...ring, unwrap: async () => randomBytes(32) }] });
    expect(await codeOf(() => vault.setUpWithSystem())).toBe('vault_unavailable');
    expect(vault.state()).toBe('not_set_up');
  });

  it('that fails leaves the passphrase as the way in', async () => {
    const ring = memoryKeyring();
    const vault = vaultWith({ wrappers: [ring] });
    await vault.setUpWithSystem();
    await vault.addWrap('passphrase', passphrase);
    expect((await vault.status()).wraps).toEqual(['safe_storage', 'passphrase']);
    vault.lock();
    ring.fails = true;
    expect(await codeOf(() => vault.unlock())).toBe('vault_unavailable');
    await vault.unlock(passphrase);
    expect(vault.state()).toBe('unlocked');
  });

  it('serves two hosts with a wrap each of the same key', async () => {
    const safeStorage = memoryKeyring('safe_storage');
    const keyring = memoryKeyring('keyring');
    const electron = vaultWith({ wrappers: [safeStorage] });
    await electron.setUpWithSystem();
    await electron.addWrap('passphrase', passphrase);
    const secret = electron.encrypt(place, 'shared');
    const browser = vaultWith({ wrappers: [keyring] });
    expect(await browser.tryAutoUnlock()).toBe(false);
    await browser.unlock(passphrase);
    await browser.addWrap('keyring');
    const again = vaultWith({ wrappers: [keyring] });
    expect(await again.tryAutoUnlock()).toBe(true);
    expect(again.decrypt(place, secret, use)).toBe('shared');
  });

  it('that asks for it gets the key again', async () => {
    const ring = memoryKeyring();
    const vault = vaultWith({ wrappers: [ring] });
    await vault.setUpWithSystem();
    const before = database.db.select().from(vaultWraps).get()?.wrappedKey;
    vault.lock();
    ring.stale = true;
    await vault.unlock();
    expect(ring.wraps).toBe(2);
    expect(database.db.select().from(vaultWraps).get()?.wrappedKey).not.toBe(before);
    ring.stale = false;
    vault.lock();
    expect(await vault.tryAutoUnlock()).toBe(true);
  });

  it('is left only while another way remains, and forgets', async () => {
    const ring = memoryKeyring();
    const vault = vaultWith({ wrappers: [ring] });
    await vault.setUpWithSystem();
    expect(await codeOf(() => vault.removeWrap('safe_storage'))).toBe('conflict');
    await vault.addWrap('passphrase', passphrase);
    expect(await codeOf(() => vault.addWrap('passphrase', passphrase))).toBe('conflict');
    await vault.removeWrap('safe_storage');
    expect(ring.forgotten).toHaveLength(1);
    expect((await vault.status()).wraps).toEqual(['passphrase']);
  });
});

describe('locking', () => {
  it('overwrites the key in memory', async () => {
    const given: Uint8Array[] = [];
    const vault = vaultWith({
      wrappers: [
        {
          kind: 'keyring',
          available: async () => ({ ok: true }),
          wrap: async (key) => {
            given.push(key);
            return Buffer.from(key).toString('hex');
          },
          unwrap: async (wrapped) => Buffer.from(wrapped, 'hex'),
        },
      ],
    });
    await vault.setUpWithSystem();
    expect(given[0]?.some((byte) => byte !== 0)).toBe(true);
    vault.lock();
    expect(given[0]?.every((byte) => byte === 0)).toBe(true);
    expect(events.map(({ type }) => type)).toEqual(['set_up', 'locked']);
  });

  it('comes after the idle time, which activity begins again', async () => {
    const ring = memoryKeyring();
    vi.useFakeTimers();
    const vault = vaultWith({ wrappers: [ring], autoLockMs: 60_000 });
    await vault.setUpWithSystem();
    vi.advanceTimersByTime(59_000);
    vault.touch();
    vi.advanceTimersByTime(59_000);
    expect(vault.state()).toBe('unlocked');
    vi.advanceTimersByTime(1_000);
    expect(vault.state()).toBe('locked');
    expect(events.at(-1)).toEqual({ type: 'locked', cause: 'idle' });
  });

  it('comes at the first touch after a sleep in which no timer ran', async () => {
    let nowMs = Date.UTC(2026, 0, 1);
    const vault = vaultWith({
      wrappers: [memoryKeyring()],
      autoLockMs: 60_000,
      now: () => new Date(nowMs),
    });
    await vault.setUpWithSystem();
    nowMs += 8 * 3_600_000;
    vault.touch();
    expect(vault.state()).toBe('locked');
  });

  it('during the making of a wrap makes no wrap of an overwritten key', async () => {
    const vault = vaultWith({ wrappers: [memoryKeyring()] });
    await vault.setUpWithSystem();
    const adding = vault.addWrap('passphrase', passphrase);
    vault.lock();
    expect(await codeOf(() => adding)).toBe('vault_locked');
    expect((await vault.status()).wraps).toEqual(['safe_storage']);
  });
});

describe('decrypting', () => {
  const addMachine = () => {
    const at = '2026-01-01T00:00:00.000Z';
    const machine = {
      name: 'm',
      hostname: 'h',
      osFamily: 'debian',
      username: 'u',
      status: 'unknown',
    } as const;
    database.db
      .insert(machines)
      .values({ ...machine, id: 'm1', createdAt: at, updatedAt: at })
      .run();
  };

  it('leaves an event with the field and the reason, never the value', async () => {
    addMachine();
    const vault = vaultWith();
    await vault.setUpWithPassphrase(passphrase);
    const secret = vault.encrypt(place, 'hunter2hunter2');
    vault.decrypt(place, secret, { machineId: 'm1', reason: 'sudo for apt_upgrade', fields: ['password'] });
    const rows = database.db.select().from(machineEvents).all();
    expect(rows).toHaveLength(1);
    expect(rows[0]).toMatchObject({ machineId: 'm1', eventType: 'secret_decrypted', severity: 'info' });
    expect(JSON.parse(rows[0]?.payloadJson ?? '')).toEqual({
      field: 'password',
      reason: 'sudo for apt_upgrade',
    });
    expect(JSON.stringify(rows)).not.toContain('hunter2');
  });

  it('hands out nothing when the event cannot be written', async () => {
    const vault = vaultWith();
    await vault.setUpWithPassphrase(passphrase);
    const secret = vault.encrypt(place, 'x');
    expect(() => vault.decrypt(place, secret, { machineId: 'no such machine', reason: 'r' })).toThrow(
      /FOREIGN KEY/,
    );
  });

  it('what is damaged or moved names the place, not the text', async () => {
    const vault = vaultWith();
    await vault.setUpWithPassphrase(passphrase);
    const secret = vault.encrypt(place, 'x');
    for (const [where, text] of [
      [{ ...place, rowId: 'm2' }, secret],
      [place, 'v1:garbage'],
    ] as const) {
      await expect(async () => vault.decrypt(where, text, use)).rejects.toMatchObject({
        code: 'secret_unreadable',
        data: where,
      });
    }
  });
});

it('reset gives up the secrets and allows a new vault', async () => {
  const at = '2026-01-01T00:00:00.000Z';
  const vault = vaultWith();
  await vault.setUpWithPassphrase(passphrase);
  const machine = { name: 'm', hostname: 'h', osFamily: 'debian', username: 'u', status: 'unknown' } as const;
  database.db
    .insert(machines)
    .values({ ...machine, id: 'm1', createdAt: at, updatedAt: at })
    .run();
  database.db
    .insert(machineCredentials)
    .values({
      machineId: 'm1',
      authMethod: 'password',
      sudoMode: 'none',
      encPassword: vault.encrypt(place, 'x'),
      createdAt: at,
      updatedAt: at,
    })
    .run();
  vault.reset();
  expect(vault.state()).toBe('not_set_up');
  expect(database.db.select().from(machineCredentials).get()).toMatchObject({ encPassword: null });
  await vault.setUpWithPassphrase('a new beginning');
  expect(vault.state()).toBe('unlocked');
});
