import { createPrivateKey, type KeyObject } from 'node:crypto';
import ssh2, { type ParsedKey } from 'ssh2';
import { AppError } from '../../shared/domain/errors.ts';

/**
 * Reads a private key: OpenSSH's own format, PEM (PKCS#1, SEC1, PKCS#8) or PuTTY's version 2; ed25519, ECDSA, RSA.
 * @throws AppError ssh_key_unreadable, ssh_key_passphrase_wrong (`data.missing` when there is none)
 */
export function readPrivateKey(text: string, passphrase: string | null, machineName: string): ParsedKey {
  const normalized = `${text
    .replace(/^\uFEFF/, '')
    .replace(/\r\n?/g, '\n')
    .trim()}\n`;
  const secret = passphrase === null || passphrase === '' ? undefined : passphrase;
  const pkcs8 = /^-----BEGIN (ENCRYPTED )?PRIVATE KEY-----/.test(normalized);
  const parsed = (pkcs8 ? readPkcs8(normalized, secret) : ssh2.utils.parseKey(normalized, secret)) as
    ParsedKey | Error | readonly ParsedKey[]; // an OpenSSH file may hold several keys, and then ssh2 answers with a list
  const key = 'length' in parsed ? parsed[0] : parsed;
  if (key instanceof Error || key === undefined) {
    const text = key instanceof Error ? key.message : 'no key inside';
    if (isEncrypted(normalized) && !/unsupported|not supported/i.test(text)) {
      throw new AppError(
        'ssh_key_passphrase_wrong',
        secret === undefined
          ? `${machineName}: the private key has a passphrase and none is stored`
          : `${machineName}: the passphrase does not open the private key`,
        { missing: secret === undefined },
      );
    }
    throw unreadable(machineName, normalized, text);
  }
  if (!key.isPrivateKey()) throw unreadable(machineName, normalized, 'this is a public key');
  return key;
}

function unreadable(machineName: string, text: string, reason: string): AppError {
  // Parser messages quote names of formats and ciphers, never the key itself.
  const detail = /^PuTTY-User-Key-File-3/.test(text)
    ? 'PuTTY key version 3: export it as OpenSSH key with PuTTYgen'
    : reason;
  return new AppError('ssh_key_unreadable', `${machineName}: the private key cannot be read: ${detail}`, {
    detail,
  });
}

function isEncrypted(text: string): boolean {
  if (/^-----BEGIN ENCRYPTED PRIVATE KEY-----/.test(text)) return true;
  if (/^Proc-Type: *4,ENCRYPTED/m.test(text)) return true;
  if (/^PuTTY-User-Key-File-\d/.test(text)) return /^Encryption: *(?!none)/m.test(text);
  const body = /^-----BEGIN OPENSSH PRIVATE KEY-----\n([\s\S]+?)-----END/.exec(text)?.[1];
  if (body === undefined) return false;
  // "openssh-key-v1\0", then the cipher's name as a string (PROTOCOL.key of OpenSSH).
  const blob = Buffer.from(body, 'base64');
  const length = blob.length >= 19 ? blob.readUInt32BE(15) : 0;
  return length > 0 && length < 64 && blob.toString('latin1', 19, 19 + length) !== 'none';
}

/** ssh2 does not read PKCS#8: Node opens it, and the key is written again in a form that ssh2 reads. Memory only. */
function readPkcs8(text: string, passphrase: string | undefined): ParsedKey | Error {
  let key: KeyObject;
  try {
    key = createPrivateKey({ key: text, format: 'pem', ...(passphrase === undefined ? {} : { passphrase }) });
  } catch {
    return new Error('malformed PKCS#8 key');
  }
  switch (key.asymmetricKeyType) {
    case 'rsa':
      return ssh2.utils.parseKey(key.export({ format: 'pem', type: 'pkcs1' }));
    case 'ec':
      return ssh2.utils.parseKey(key.export({ format: 'pem', type: 'sec1' }));
    case 'ed25519':
      return ssh2.utils.parseKey(ed25519ToOpenSsh(key));
    default:
      return new Error(`unsupported key type ${key.asymmetricKeyType ?? ''}`);
  }
}

/** OpenSSH's private key format without encryption (PROTOCOL.key). */
function ed25519ToOpenSsh(key: KeyObject): string {
  const jwk = key.export({ format: 'jwk' });
  const publicPart = Buffer.from(jwk.x ?? '', 'base64url');
  const privatePart = Buffer.from(jwk.d ?? '', 'base64url');
  const string = (value: Buffer | string) => {
    const bytes = Buffer.from(value as string);
    const length = Buffer.alloc(4);
    length.writeUInt32BE(bytes.length);
    return Buffer.concat([length, bytes]);
  };
  const one = Buffer.from([0, 0, 0, 1]);
  const publicBlob = Buffer.concat([string('ssh-ed25519'), string(publicPart)]);
  const secret = Buffer.concat([
    Buffer.alloc(8), // the check number, twice the same
    string('ssh-ed25519'),
    string(publicPart),
    string(Buffer.concat([privatePart, publicPart])),
    string(''),
  ]);
  const padding = Buffer.from(Array.from({ length: (8 - (secret.length % 8)) % 8 }, (_, index) => index + 1));
  const blob = Buffer.concat([
    Buffer.from('openssh-key-v1\0'),
    string('none'),
    string('none'),
    string(''),
    one,
    string(publicBlob),
    string(Buffer.concat([secret, padding])),
  ]);
  const lines = blob.toString('base64').match(/.{1,70}/g) ?? [];
  return `-----BEGIN OPENSSH PRIVATE KEY-----\n${lines.join('\n')}\n-----END OPENSSH PRIVATE KEY-----\n`;
}
