import type { SafeStorage } from 'electron';
import type { Availability, KeyWrapper } from '../core/vault/types.ts';

/** What is used of Electron's safeStorage: its asynchronous functions (the others are deprecated). */
export type SafeStorageLike = Pick<
  SafeStorage,
  'isAsyncEncryptionAvailable' | 'encryptStringAsync' | 'decryptStringAsync' | 'getSelectedStorageBackend'
>;

/** A keyring daemon that asks nobody's permission answers at once; one that hangs must not hang the start. */
const answerWithinMs = 10_000;

async function within<T>(work: Promise<T>, timeoutMs: number): Promise<T> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => {
    late.reject(new Error(`it did not answer in ${timeoutMs / 1000} seconds`));
  }, timeoutMs);
  try {
    return await Promise.race([work, late.promise]);
  } finally {
    clearTimeout(timer);
  }
}

/**
 * The system's key store through Electron: Keychain, DPAPI, libsecret or KWallet. On Linux without one Electron goes on with
 * a key that is part of its source (`basic_text`): that is no protection, so it counts as not available.
 */
export function createSafeStorageWrapper(
  safeStorage: SafeStorageLike,
  platform: NodeJS.Platform = process.platform,
): KeyWrapper {
  const isRealBackend = (): boolean =>
    platform !== 'linux' || !['basic_text', 'unknown'].includes(safeStorage.getSelectedStorageBackend());

  return {
    kind: 'safe_storage',

    async available(): Promise<Availability> {
      try {
        const isAvailable = await within(safeStorage.isAsyncEncryptionAvailable(), answerWithinMs);
        if (!isRealBackend()) {
          return { ok: false, reason: 'no_keyring' };
        }
        return isAvailable ? { ok: true } : { ok: false, reason: 'key_store_locked' };
      } catch (error) {
        return { ok: false, reason: error instanceof Error ? error.message : String(error) };
      }
    },

    async wrap(key) {
      if (!isRealBackend()) throw new Error('there is no Secret Service or KWallet keyring in this session');
      const sealed = await safeStorage.encryptStringAsync(Buffer.from(key).toString('base64'));
      return sealed.toString('base64');
    },

    async unwrap(wrapped) {
      const { result, shouldReEncrypt } = await safeStorage.decryptStringAsync(
        Buffer.from(wrapped, 'base64'),
      );
      return { key: Buffer.from(result, 'base64'), stale: shouldReEncrypt };
    },
  };
}
