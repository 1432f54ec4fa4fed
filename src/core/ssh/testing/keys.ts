import ssh2 from 'ssh2';

/**
 * A private key in OpenSSH's format. One in 256 of the ed25519 keys that ssh2 1.17 writes cannot be read, by itself or by
 * anybody (measured: 6 of 1,500); such a one is made again.
 */
export function readableKey(make: () => string, passphrase?: string): string {
  for (let attempt = 0; attempt < 10; attempt++) {
    const key = make();
    if (!(ssh2.utils.parseKey(key, passphrase) instanceof Error)) return key;
  }
  throw new Error('No readable key in ten attempts');
}
