import { AppError } from '../../shared/domain/errors.ts';
import { keyBytes } from './cipher.ts';
import type { KeyWrapper } from './types.ts';

/** The first of these wrappers that works now. @throws AppError vault_unavailable with the reasons of all */
export async function firstAvailable(wrappers: readonly KeyWrapper[]): Promise<KeyWrapper> {
  const reasons: string[] = [];
  for (const wrapper of wrappers) {
    const answer = await wrapper.available();
    if (answer.ok) return wrapper;
    reasons.push(answer.reason);
  }
  const reason = reasons.join('; ') || 'this host has no keyring';
  throw new AppError('vault_unavailable', `No system keyring can be used: ${reason}`, { reason });
}

/**
 * Wraps and unwraps again before trusting it: a keyring that takes the key and does not give it back would lose every
 * secret at the next start.
 */
export async function wrapBySystem(wrapper: KeyWrapper, key: Uint8Array): Promise<string> {
  const wrapped = await asUnavailable(wrapper.wrap(key));
  const { key: back } = await unwrapBySystem(wrapper, wrapped);
  const same = back.equals(key);
  back.fill(0);
  if (!same)
    throw new AppError('vault_unavailable', 'The system keyring gave back another key', {
      reason: 'it gave back another key',
    });
  return wrapped;
}

export async function unwrapBySystem(
  wrapper: KeyWrapper,
  wrapped: string,
): Promise<{ key: Buffer; stale: boolean }> {
  const answer = await asUnavailable(wrapper.unwrap(wrapped));
  const { key, stale } = answer instanceof Uint8Array ? { key: answer, stale: false } : answer;
  if (key.length !== keyBytes)
    throw new AppError('vault_unavailable', 'The system keyring gave back something that is no key', {
      reason: 'what it gave back is no key',
    });
  const own = Buffer.from(key);
  key.fill(0);
  return { key: own, stale };
}

/** What a keyring throws is its own; what the vault says is vault_unavailable, with the keyring's words as reason. */
async function asUnavailable<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof AppError) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    throw new AppError('vault_unavailable', 'The system keyring failed', { reason }, { cause: error });
  }
}
