import { generateKeyPairSync, type KeyExportOptions } from 'node:crypto';
import { readFileSync } from 'node:fs';
import ssh2 from 'ssh2';
import { describe, expect, it } from 'vitest';
import { AppError } from '../../shared/domain/errors.ts';
import { readPrivateKey } from './private-key.ts';
import { testKey } from './testing/server.ts';
import { readableKey } from './testing/keys.ts';

const passphrase = 'öpen sesame';

function pem(type: 'rsa' | 'ec' | 'ed25519', format: 'pkcs1' | 'sec1' | 'pkcs8', encrypted: boolean): string {
  const { privateKey } =
    type === 'rsa'
      ? generateKeyPairSync('rsa', { modulusLength: 2048 })
      : type === 'ec'
        ? generateKeyPairSync('ec', { namedCurve: 'P-256' })
        : generateKeyPairSync('ed25519');
  const protection = encrypted ? { cipher: 'aes-256-cbc', passphrase } : {};
  const exported = privateKey.export({
    format: 'pem',
    type: format,
    ...protection,
  } as KeyExportOptions<'pem'>);
  return exported.toString();
}

const forms: [string, (encrypted: boolean) => string][] = [
  ['OpenSSH ed25519', (encrypted) => openSsh('ed25519', encrypted)],
  ['OpenSSH RSA', (encrypted) => openSsh('rsa', encrypted)],
  ['OpenSSH ECDSA', (encrypted) => openSsh('ecdsa', encrypted)],
  ['PKCS#1 RSA', (encrypted) => pem('rsa', 'pkcs1', encrypted)],
  ['SEC1 EC', (encrypted) => pem('ec', 'sec1', encrypted)],
  ['PKCS#8 RSA', (encrypted) => pem('rsa', 'pkcs8', encrypted)],
  ['PKCS#8 EC', (encrypted) => pem('ec', 'pkcs8', encrypted)],
  ['PKCS#8 ed25519', (encrypted) => pem('ed25519', 'pkcs8', encrypted)],
];

function openSsh(type: 'ed25519' | 'rsa' | 'ecdsa', encrypted: boolean): string {
  const protection = { passphrase, cipher: 'aes256-ctr', rounds: 4 };
  if (type === 'rsa')
    return ssh2.utils.generateKeyPairSync('rsa', { bits: 2048, ...(encrypted && protection) }).private;
  if (type === 'ecdsa')
    return ssh2.utils.generateKeyPairSync('ecdsa', { bits: 256, ...(encrypted && protection) }).private;
  return encrypted
    ? readableKey(() => ssh2.utils.generateKeyPairSync('ed25519', protection).private, passphrase)
    : readableKey(() => ssh2.utils.generateKeyPairSync('ed25519').private);
}

function failure(text: string, secret: string | null): AppError {
  try {
    readPrivateKey(text, secret, 'one');
  } catch (error) {
    if (error instanceof AppError) return error;
    throw error;
  }
  throw new Error('it was read');
}

describe.each(forms)('%s', (_name, make) => {
  it('signs what its public half verifies', () => {
    const key = readPrivateKey(make(false), null, 'one');
    const algorithm = key.type === 'ssh-rsa' ? 'sha256' : undefined;
    const signature = key.sign(Buffer.from('data'), algorithm);
    expect(key.verify(Buffer.from('data'), signature, algorithm)).toBe(true);
    expect(key.verify(Buffer.from('other'), signature, algorithm)).toBe(false);
  });

  it('opens with its passphrase only', () => {
    const text = make(true);
    expect(readPrivateKey(text, passphrase, 'one').isPrivateKey()).toBe(true);
    expect(failure(text, 'wrong')).toMatchObject({
      code: 'ssh_key_passphrase_wrong',
      data: { missing: false },
    });
    expect(failure(text, null)).toMatchObject({ code: 'ssh_key_passphrase_wrong', data: { missing: true } });
    expect(failure(text, '')).toMatchObject({ code: 'ssh_key_passphrase_wrong', data: { missing: true } });
  });
});

it('reads a key with Windows line ends, a byte order mark and blank lines around it', () => {
  const text = `\uFEFF\r\n${testKey('ed25519').replaceAll('\n', '\r\n')}\r\n\r\n`;
  expect(readPrivateKey(text, null, 'one').type).toBe('ssh-ed25519');
});

it.each([
  ['nothing', ''],
  ['a word', 'hunter2'],
  ['half a key', testKey('ed25519').slice(0, 200)],
  ['a public key', 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ3jx4nvXy1zUq4mR0gW6yR5bFf2Yb8Zr2a3xN0m7kqD me'],
  ['PuTTY 3', 'PuTTY-User-Key-File-3: ssh-ed25519\nEncryption: none\nComment: x\n'],
])('refuses %s without quoting it', (_name, text) => {
  const error = failure(text, null);
  expect(error.code).toBe('ssh_key_unreadable');
  if (text !== '') expect(JSON.stringify(error.toWire())).not.toContain(text);
});

it('reads a PuTTY key of version 2, with its passphrase', () => {
  const text = readFileSync(
    new URL('../../../node_modules/ssh2/test/fixtures/keyParser/ppk_rsa_enc', import.meta.url),
    'utf8',
  );
  expect(readPrivateKey(text, 'node.js', 'one').type).toBe('ssh-rsa');
  expect(failure(text, 'wrong').code).toBe('ssh_key_passphrase_wrong');
  expect(failure(text, null).code).toBe('ssh_key_passphrase_wrong');
});
