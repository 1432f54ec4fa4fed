import { getCiphers } from 'node:crypto';
import type { Algorithms, CipherAlgorithm, KexAlgorithm, MacAlgorithm, ServerHostKeyAlgorithm } from 'ssh2';

const kex: readonly KexAlgorithm[] = [
  'curve25519-sha256',
  'curve25519-sha256@libssh.org',
  'ecdh-sha2-nistp256',
  'ecdh-sha2-nistp384',
  'ecdh-sha2-nistp521',
  'diffie-hellman-group16-sha512',
  'diffie-hellman-group18-sha512',
  'diffie-hellman-group14-sha256',
  'diffie-hellman-group-exchange-sha256',
];
const legacyKex: readonly KexAlgorithm[] = [
  'diffie-hellman-group-exchange-sha1',
  'diffie-hellman-group14-sha1',
  'diffie-hellman-group1-sha1',
];

/** GCM first: without ssh2's native part it is several times faster than ChaCha20 and CTR. */
const ciphers: readonly CipherAlgorithm[] = [
  'aes128-gcm@openssh.com',
  'aes256-gcm@openssh.com',
  'chacha20-poly1305@openssh.com',
  'aes128-ctr',
  'aes192-ctr',
  'aes256-ctr',
];
const legacyCiphers: readonly CipherAlgorithm[] = ['aes128-cbc', 'aes192-cbc', 'aes256-cbc', '3des-cbc'];

/** What OpenSSL (or BoringSSL, which has fewer) calls them; one that the runtime lacks makes ssh2 throw. */
const runtimeNames: Partial<Record<CipherAlgorithm, string>> = {
  'aes128-gcm@openssh.com': 'aes-128-gcm',
  'aes256-gcm@openssh.com': 'aes-256-gcm',
  'chacha20-poly1305@openssh.com': 'chacha20',
  '3des-cbc': 'des-ede3-cbc',
};

const macs: readonly MacAlgorithm[] = [
  'hmac-sha2-256-etm@openssh.com',
  'hmac-sha2-512-etm@openssh.com',
  'hmac-sha2-256',
  'hmac-sha2-512',
];
const legacyMacs: readonly MacAlgorithm[] = ['hmac-sha1-etm@openssh.com', 'hmac-sha1', 'hmac-md5'];

const hostKeys: readonly ServerHostKeyAlgorithm[] = [
  'ssh-ed25519',
  'ecdsa-sha2-nistp256',
  'ecdsa-sha2-nistp384',
  'ecdsa-sha2-nistp521',
  'rsa-sha2-512',
  'rsa-sha2-256',
];
/** `ssh-rsa` and `ssh-dss` sign with SHA-1. */
const legacyHostKeys: readonly ServerHostKeyAlgorithm[] = ['ssh-rsa', 'ssh-dss'];

/**
 * What to offer a server. The host key algorithms of approved keys come first, so that a server with several keys
 * shows the one that is known; the rest stays offered, so that a replaced key is seen and reported.
 */
export function algorithmsFor(
  allowLegacy: boolean,
  approvedKeyTypes: readonly string[],
): Required<Pick<Algorithms, 'kex' | 'cipher' | 'serverHostKey' | 'hmac' | 'compress'>> {
  const available = new Set(getCiphers());
  const offeredHostKeys = [...hostKeys, ...(allowLegacy ? legacyHostKeys : [])];
  const approved = offeredHostKeys.filter((algorithm) => approvedKeyTypes.includes(keyTypeOf(algorithm)));
  return {
    kex: [...kex, ...(allowLegacy ? legacyKex : [])],
    cipher: [...ciphers, ...(allowLegacy ? legacyCiphers : [])].filter((cipher) =>
      available.has(runtimeNames[cipher] ?? cipher.replace(/^aes(\d+)-/, 'aes-$1-')),
    ),
    serverHostKey: [...approved, ...offeredHostKeys.filter((algorithm) => !approved.includes(algorithm))],
    hmac: [...macs, ...(allowLegacy ? legacyMacs : [])],
    compress: ['none'],
  };
}

/** An RSA key has one type and three signature algorithms (RFC 8332). */
function keyTypeOf(algorithm: ServerHostKeyAlgorithm): string {
  return algorithm === 'rsa-sha2-512' || algorithm === 'rsa-sha2-256' ? 'ssh-rsa' : algorithm;
}
