import { randomBytes, scrypt } from 'node:crypto';
import { z } from 'zod';
import { AppError } from '../../shared/domain/errors.ts';
import { keyBytes, seal, unseal, type SecretPlace } from './cipher.ts';

/** In characters, after normalisation. */
export const minPassphraseLength = 8;

/** Bounds keep a tampered database from asking for a terabyte of memory. */
const parameters = z.object({
  kdf: z.literal('scrypt'),
  saltBase64: z.base64(),
  n: z
    .number()
    .int()
    .min(2)
    .max(2 ** 20),
  r: z.number().int().min(1).max(32),
  p: z.number().int().min(1).max(16),
});
type Parameters = z.infer<typeof parameters>;

/** OWASP Password Storage Cheat Sheet's scrypt minimum: 128 MiB and about 0.35 s for each guess. */
const cost = { n: 2 ** 17, r: 8, p: 1 } as const;

export interface PassphraseWrap {
  readonly wrappedKey: string;
  readonly paramsJson: string;
}

const normalise = (passphrase: string) => passphrase.normalize('NFKC');

/** @throws AppError invalid_input when it is too short */
export function assertAcceptable(passphrase: string): void {
  if ([...normalise(passphrase)].length >= minPassphraseLength) return;
  throw new AppError('invalid_input', `A passphrase has at least ${minPassphraseLength} characters`, {
    field: 'passphrase',
    minLength: minPassphraseLength,
  });
}

/** scrypt of the passphrase on a thread of the pool, so that the event loop goes on. */
function derive(passphrase: string, { saltBase64, n, r, p }: Parameters): Promise<Buffer> {
  const options = { N: n, r, p, maxmem: 128 * r * (n + p + 2) + 1024 * 1024 };
  return new Promise((resolve, reject) => {
    scrypt(normalise(passphrase), Buffer.from(saltBase64, 'base64'), keyBytes, options, (error, key) => {
      if (error) reject(error);
      else resolve(key);
    });
  });
}

export async function wrapWithPassphrase(
  passphrase: string,
  place: SecretPlace,
  dataKey: Uint8Array,
): Promise<PassphraseWrap> {
  assertAcceptable(passphrase);
  const params: Parameters = { kdf: 'scrypt', saltBase64: randomBytes(16).toString('base64'), ...cost };
  const key = await derive(passphrase, params);
  try {
    return { wrappedKey: seal(key, place, dataKey), paramsJson: JSON.stringify(params) };
  } finally {
    key.fill(0);
  }
}

/** @throws AppError vault_passphrase_wrong */
export async function unwrapWithPassphrase(
  passphrase: string,
  place: SecretPlace,
  wrap: PassphraseWrap,
): Promise<Buffer> {
  const params = parameters.parse(JSON.parse(wrap.paramsJson));
  const key = await derive(passphrase, params);
  try {
    const dataKey = unseal(key, place, wrap.wrappedKey);
    if (!dataKey) throw new AppError('vault_passphrase_wrong', 'The passphrase does not open the vault');
    return dataKey;
  } finally {
    key.fill(0);
  }
}
