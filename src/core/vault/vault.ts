import { randomBytes } from 'node:crypto';
import { AppError } from '../../shared/domain/errors.ts';
import type { VaultWrapKind } from '../../shared/domain/unions.ts';
import { isoNow, type Now } from '../db/clock.ts';
import { newId } from '../db/ids.ts';
import type { Database } from '../db/open.ts';
import { keyBytes, seal, unseal } from './cipher.ts';
import { assertAcceptable, unwrapWithPassphrase, wrapWithPassphrase } from './passphrase.ts';
import * as store from './store.ts';
import { firstAvailable, unwrapBySystem, wrapBySystem } from './system-wrap.ts';
import type { KeyWrapper, SealedSecret, SecretUse, Vault, VaultEvent, VaultState } from './types.ts';

export interface VaultOptions {
  readonly database: Database;
  /** The host's own ways to keep the key, the preferred one first. */
  readonly wrappers: readonly KeyWrapper[];
  readonly now?: Now;
  readonly onEvent?: (event: VaultEvent) => void;
  /** Idle time until the vault locks itself; null: never. */
  readonly autoLockMs?: number | null;
}

export function createVault(options: VaultOptions): Vault {
  const { database, wrappers } = options;
  const now = options.now ?? (() => new Date());
  const emit = options.onEvent ?? (() => undefined);
  let dataKey: Buffer | null = null;
  let autoLockMs = options.autoLockMs ?? null;
  let lastTouchMs = 0;
  let timer: NodeJS.Timeout | undefined;

  const isIdle = () => autoLockMs !== null && now().getTime() - lastTouchMs >= autoLockMs;

  function restartTimer(): void {
    clearTimeout(timer);
    if (autoLockMs === null || !dataKey) return;
    timer = setTimeout(() => forgetKey('idle'), autoLockMs);
    timer.unref();
  }

  /** Takes the key that a wrap gave, unless the vault was erased while the wrap was being opened. */
  function openWith(opened: Buffer, wrap: store.Wrap): void {
    if (store.findWrap(database, wrap.kind)?.id !== wrap.id) {
      opened.fill(0);
      throw new AppError('conflict', 'The vault was changed meanwhile');
    }
    keepKey(opened);
    emit({ type: 'unlocked', kind: wrap.kind });
  }

  function keepKey(key: Buffer): void {
    dataKey?.fill(0);
    dataKey = key;
    lastTouchMs = now().getTime();
    restartTimer();
  }

  function forgetKey(cause: 'asked' | 'idle' | 'reset'): void {
    clearTimeout(timer);
    if (!dataKey) return;
    dataKey.fill(0);
    dataKey = null;
    emit({ type: 'locked', cause });
  }

  function state(): VaultState {
    // A sleeping laptop's timers stand still; the clock does not.
    if (dataKey && isIdle()) forgetKey('idle');
    if (dataKey) return 'unlocked';
    return store.listWraps(database).length === 0 ? 'not_set_up' : 'locked';
  }

  function key(): Buffer {
    const current = state();
    if (current === 'not_set_up') throw new AppError('vault_not_set_up', 'The vault is not set up yet');
    if (!dataKey) throw new AppError('vault_locked', 'The vault is locked');
    return dataKey;
  }

  async function wrapFor(kind: VaultWrapKind, newKey: Uint8Array, passphrase?: string): Promise<store.Wrap> {
    const id = newId();
    const at = isoNow(now);
    if (kind === 'passphrase') {
      const wrap = await wrapWithPassphrase(passphrase ?? '', store.wrapPlace(id), newKey);
      return { id, kind, ...wrap, createdAt: at, updatedAt: at };
    }
    const wrapper = await firstAvailable(wrappers.filter((one) => one.kind === kind));
    const wrappedKey = await wrapBySystem(wrapper, newKey);
    return { id, kind, wrappedKey, paramsJson: '{}', createdAt: at, updatedAt: at };
  }

  async function setUp(kind: VaultWrapKind, passphrase?: string): Promise<void> {
    if (state() !== 'not_set_up') throw new AppError('conflict', 'The vault is already set up');
    const newKey = randomBytes(keyBytes);
    const wrap = await wrapFor(kind, newKey, passphrase);
    database.tx(() => {
      // Another call may have set it up while this one was deriving its key.
      if (store.listWraps(database).length > 0) throw new AppError('conflict', 'The vault is already set up');
      store.saveWrap(database, wrap);
    });
    keepKey(newKey);
    emit({ type: 'set_up', kind });
  }

  async function unlockBySystem(): Promise<void> {
    const reasons: string[] = [];
    for (const wrapper of wrappers) {
      const wrap = store.findWrap(database, wrapper.kind);
      if (!wrap) continue;
      const answer = await wrapper.available();
      if (!answer.ok) {
        reasons.push(answer.reason);
        continue;
      }
      const { key: opened, stale } = await unwrapBySystem(wrapper, wrap.wrappedKey);
      const again = stale ? await wrapBySystem(wrapper, opened) : null;
      openWith(opened, wrap);
      if (again) store.replaceWrap(database, wrap, { ...wrap, wrappedKey: again, updatedAt: isoNow(now) });
      return;
    }
    const reason = reasons.join('; ') || 'no keyring of this host has its key';
    throw new AppError('vault_unavailable', `The vault cannot open by itself: ${reason}`, { reason });
  }

  function decryptAll(secrets: readonly SealedSecret[], use: SecretUse): string[] {
    const opened = key();
    if (secrets.length === 0) return [];
    return database.relaxedTx(() => {
      const columns = secrets.map(({ place }) => place.column);
      store.recordUse(database, use, columns, isoNow(now));
      return secrets.map(({ place, ciphertext }) => {
        const bytes = unseal(opened, place, ciphertext);
        if (!bytes)
          throw new AppError(
            'secret_unreadable',
            `The secret in ${place.table}.${place.column} cannot be read`,
            { ...place },
          );
        const plaintext = bytes.toString('utf8');
        bytes.fill(0);
        return plaintext;
      });
    });
  }

  return {
    state,

    async status() {
      const answer = await firstAvailable(wrappers).then(
        () => null,
        (error: unknown) => {
          if (error instanceof AppError) return String(error.data['reason']);
          throw error;
        },
      );
      return {
        state: state(),
        wraps: store.listWraps(database).map((wrap) => wrap.kind),
        systemKeyring: { available: answer === null, reason: answer },
        autoLockMs,
      };
    },

    async setUpWithSystem() {
      await setUp((await firstAvailable(wrappers)).kind);
    },

    async setUpWithPassphrase(passphrase) {
      assertAcceptable(passphrase);
      await setUp('passphrase', passphrase);
    },

    async unlock(passphrase) {
      if (state() === 'not_set_up') key();
      if (passphrase === undefined) {
        if (state() === 'locked') await unlockBySystem();
        return;
      }
      const wrap = store.findWrap(database, 'passphrase');
      if (!wrap) throw new AppError('vault_passphrase_wrong', 'This vault has no passphrase');
      openWith(await unwrapWithPassphrase(passphrase, store.wrapPlace(wrap.id), wrap), wrap);
    },

    async tryAutoUnlock() {
      if (state() !== 'locked') return dataKey !== null;
      try {
        await unlockBySystem();
        return true;
      } catch (error) {
        if (error instanceof AppError && error.code === 'vault_unavailable') return false;
        throw error;
      }
    },

    lock() {
      forgetKey('asked');
    },

    touch() {
      if (state() !== 'unlocked') return;
      lastTouchMs = now().getTime();
      restartTimer();
    },

    setAutoLock(idleMs) {
      autoLockMs = idleMs;
      lastTouchMs = now().getTime();
      restartTimer();
    },

    async changePassphrase(oldPassphrase, newPassphrase) {
      assertAcceptable(newPassphrase);
      const wrap = store.findWrap(database, 'passphrase');
      if (!wrap) throw new AppError('not_found', 'This vault has no passphrase', { kind: 'passphrase' });
      const place = store.wrapPlace(wrap.id);
      const opened = await unwrapWithPassphrase(oldPassphrase, place, wrap);
      const again = await wrapWithPassphrase(newPassphrase, place, opened);
      if (!store.replaceWrap(database, wrap, { ...wrap, ...again, updatedAt: isoNow(now) })) {
        opened.fill(0);
        throw new AppError('conflict', 'The passphrase was changed meanwhile');
      }
      keepKey(opened);
      emit({ type: 'passphrase_changed' });
    },

    async addWrap(kind, passphrase) {
      const assertNew = () => {
        if (store.findWrap(database, kind))
          throw new AppError('conflict', `The vault already has ${kind}`, { kind });
      };
      // A copy, since locking meanwhile overwrites the original.
      const copy = Buffer.from(key());
      assertNew();
      const wrap = await wrapFor(kind, copy, passphrase).finally(() => copy.fill(0));
      database.tx(() => {
        key();
        assertNew();
        store.saveWrap(database, wrap);
      });
      emit({ type: 'wrap_added', kind });
    },

    async removeWrap(kind) {
      key();
      const removed = database.tx(() => {
        const wraps = store.listWraps(database);
        const wrap = wraps.find((one) => one.kind === kind);
        if (!wrap) throw new AppError('not_found', `The vault has no ${kind}`, { kind });
        if (wraps.length === 1)
          throw new AppError('conflict', 'The last way to open the vault stays', { kind });
        store.deleteWrap(database, wrap.id);
        return wrap;
      });
      emit({ type: 'wrap_removed', kind });
      const wrapper = wrappers.find((one) => one.kind === kind);
      await wrapper?.forget?.(removed.wrappedKey);
    },

    reset() {
      store.eraseVault(database, isoNow(now));
      forgetKey('reset');
    },

    encrypt(place, plaintext) {
      const bytes = Buffer.from(plaintext, 'utf8');
      try {
        return seal(key(), place, bytes);
      } finally {
        bytes.fill(0);
      }
    },

    decryptAll,

    decrypt(place, ciphertext, use) {
      const [plaintext] = decryptAll([{ place, ciphertext }], use);
      if (plaintext === undefined) throw new AppError('internal', 'A decryption gave nothing');
      return plaintext;
    },

    close() {
      forgetKey('asked');
    },
  };
}
