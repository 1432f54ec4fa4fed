import { createHash } from 'node:crypto';
import type { PresentedHostKey } from './types.ts';

/**
 * Names a host key from its wire form (RFC 4253 section 6.6: a string with the type, then the type's fields).
 * The fingerprint is OpenSSH's: SHA-256 of the wire form, base64 without padding.
 */
export function presentedHostKey(wire: Buffer): PresentedHostKey {
  const typeLength = wire.length >= 4 ? wire.readUInt32BE(0) : 0;
  const type = typeLength > 0 && typeLength <= 64 ? wire.toString('latin1', 4, 4 + typeLength) : 'unknown';
  return {
    type,
    fingerprintSha256: `SHA256:${createHash('sha256').update(wire).digest('base64').replace(/=+$/, '')}`,
    publicKey: wire.toString('base64'),
  };
}
