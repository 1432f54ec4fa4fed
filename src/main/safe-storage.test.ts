import { describe, expect, test, vi } from 'vitest';
import { createSafeStorageWrapper, type SafeStorageLike } from './safe-storage.ts';

function fake(overrides: Partial<SafeStorageLike> = {}): SafeStorageLike {
  return {
    isAsyncEncryptionAvailable: () => Promise.resolve(true),
    getSelectedStorageBackend: () => 'gnome_libsecret',
    encryptStringAsync: (text) => Promise.resolve(Buffer.from(`sealed:${text}`)),
    decryptStringAsync: (sealed) =>
      Promise.resolve({ result: sealed.toString().replace('sealed:', ''), shouldReEncrypt: false }),
    ...overrides,
  };
}

const key = new Uint8Array(32).map((_, n) => 255 - n);

describe('the key in the system', () => {
  test('comes back as it was', async () => {
    const wrapper = createSafeStorageWrapper(fake(), 'linux');
    await expect(wrapper.available()).resolves.toEqual({ ok: true });
    const back = await wrapper.unwrap(await wrapper.wrap(key));
    expect(back).toEqual({ key: Buffer.from(key), stale: false });
  });

  test.each(['basic_text', 'unknown'] as const)('is not kept by %s', async (backend) => {
    const encrypt = vi.fn();
    const wrapper = createSafeStorageWrapper(
      fake({ getSelectedStorageBackend: () => backend, encryptStringAsync: encrypt }),
      'linux',
    );
    await expect(wrapper.available()).resolves.toMatchObject({ ok: false });
    await expect(wrapper.wrap(key)).rejects.toThrow('keyring');
    expect(encrypt).not.toHaveBeenCalled();
  });

  test('does not ask macOS and Windows for a Linux backend', async () => {
    const backend = vi.fn();
    const wrapper = createSafeStorageWrapper(fake({ getSelectedStorageBackend: backend }), 'darwin');
    await expect(wrapper.available()).resolves.toEqual({ ok: true });
    expect(backend).not.toHaveBeenCalled();
  });

  test('says when the system wants it wrapped again', async () => {
    const decryptStringAsync = (sealed: Buffer) =>
      Promise.resolve({ result: sealed.toString().replace('sealed:', ''), shouldReEncrypt: true });
    const wrapper = createSafeStorageWrapper(fake({ decryptStringAsync }), 'linux');
    await expect(wrapper.unwrap(await wrapper.wrap(key))).resolves.toMatchObject({ stale: true });
  });

  test('is not available when the store fails or is silent, and says so', async () => {
    const failing = createSafeStorageWrapper(
      fake({ isAsyncEncryptionAvailable: () => Promise.reject(new Error('locked')) }),
    );
    await expect(failing.available()).resolves.toEqual({ ok: false, reason: 'locked' });
    vi.useFakeTimers();
    const silent = createSafeStorageWrapper(
      fake({ isAsyncEncryptionAvailable: () => new Promise<boolean>(() => undefined) }),
    );
    const answer = silent.available();
    await vi.advanceTimersByTimeAsync(10_000);
    await expect(answer).resolves.toMatchObject({
      ok: false,
      reason: expect.stringContaining('10') as string,
    });
    vi.useRealTimers();
  });
});
