import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';

/** Where a ciphertext belongs. It is authenticated with the text, so a ciphertext moved elsewhere does not open. */
export interface SecretPlace {
  readonly table: string;
  readonly rowId: string;
  readonly column: string;
}

export const keyBytes = 32;
const nonceBytes = 12;
const tagBytes = 16;
const form = /^v1:([A-Za-z0-9+/]{16}):([A-Za-z0-9+/]+={0,2})$/;

const associatedData = ({ table, rowId, column }: SecretPlace) =>
  Buffer.from(`${table}|${rowId}|${column}`, 'utf8');

/**
 * Encrypts with AES-256-GCM under a fresh random 96-bit nonce (NIST SP 800-38D, 8.2.2).
 * @returns `v1:` nonce `:` ciphertext and 128-bit tag, both base64
 */
export function seal(key: Uint8Array, place: SecretPlace, plaintext: Uint8Array): string {
  const nonce = randomBytes(nonceBytes);
  const cipher = createCipheriv('aes-256-gcm', key, nonce, { authTagLength: tagBytes });
  cipher.setAAD(associatedData(place));
  const sealed = Buffer.concat([cipher.update(plaintext), cipher.final(), cipher.getAuthTag()]);
  return `v1:${nonce.toString('base64')}:${sealed.toString('base64')}`;
}

/** The plaintext of what `seal` made, or null when the key, the place or the text is not the one it was made with. */
export function unseal(key: Uint8Array, place: SecretPlace, text: string): Buffer | null {
  const [, nonce, body] = form.exec(text) ?? [];
  if (nonce === undefined || body === undefined) return null;
  const sealed = Buffer.from(body, 'base64');
  if (sealed.length < tagBytes) return null;
  const decipher = createDecipheriv('aes-256-gcm', key, Buffer.from(nonce, 'base64'), {
    authTagLength: tagBytes,
  });
  decipher.setAAD(associatedData(place));
  decipher.setAuthTag(sealed.subarray(-tagBytes));
  const start = decipher.update(sealed.subarray(0, -tagBytes));
  try {
    return Buffer.concat([start, decipher.final()]);
  } catch {
    // The tag does not match: the only way in which final() fails.
    start.fill(0);
    return null;
  }
}
