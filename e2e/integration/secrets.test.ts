import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import ssh2 from 'ssh2';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openCoreSession, openVault, passphrase } from '../support/core-session.ts';
import { watchProcesses } from '../support/process-watch.ts';
import { findIn, findInFolders, keySecrets, prepareSearch, type Secret } from '../support/secret-search.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'homeport-secrets-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

const secret: Secret = { label: 'a password', text: `pw-0a1b2c3d4e5f'"$\\é` };
const needles = prepareSearch([secret]);

describe('the search for secrets', () => {
  const base64 = (before: string) => Buffer.from(`${before}${secret.text} and more`).toString('base64');
  it.each([
    ['as it is', secret.text],
    ['in JSON', JSON.stringify({ a: secret.text })],
    ['in JSON in JSON', JSON.stringify(JSON.stringify({ a: secret.text }))],
    ['in hexadecimal digits', Buffer.from(secret.text).toString('hex')],
    ['in an address', `?p=${encodeURIComponent(secret.text)}`],
    ['quoted for a shell', `'${secret.text.replaceAll("'", `'\\''`)}'`],
    ['in base64', base64('')],
    ['in base64, one byte later', base64('x')],
    ['in base64, two bytes later', base64('xy')],
  ])('finds it %s', (_spelling, text) => {
    expect(findIn(needles, Buffer.from(`before ${text} after`))).toEqual(['a password']);
  });
  it('finds it in UTF-16', () => {
    expect(findIn(needles, Buffer.from(`x${secret.text}`, 'utf16le'))).toEqual(['a password']);
  });
  it('finds nothing where there is nothing', () => {
    expect(findIn(needles, Buffer.from(secret.text.slice(0, -1)))).toEqual([]);
  });
  it('refuses what would be found by chance', () => {
    expect(() => prepareSearch([{ label: 'short', text: '1234567' }])).toThrow(/too short/);
  });
  it('finds it across the chunks of a large file, and in the name of one', async () => {
    writeFileSync(join(folder, 'large'), `${'x'.repeat(4 * 1024 * 1024 - 7)}${secret.text}`);
    const named = prepareSearch([{ label: 'a name', text: 'name-of-a-file' }, secret]);
    writeFileSync(join(folder, 'name-of-a-file'), '');
    const { findings, files } = await findInFolders(named, [folder]);
    expect(findings.map((one) => one.label).sort()).toEqual(['a name', 'a password']);
    expect(files).toBe(2);
  });
});

const isLinux = process.platform === 'linux';
describe.skipIf(!isLinux)(
  `the watch of processes${isLinux ? '' : ' (skipped: it reads /proc, Linux only)'}`,
  () => {
    it('sees arguments and environments, and names no secret', async () => {
      const other: Secret = { label: 'another password', text: 'pw-99887766554433' };
      const watch = await watchProcesses(folder, [secret, other]);
      try {
        const env = { ...process.env, PLANTED: other.text };
        execFileSync('sh', ['-c', 'sleep 1; :', secret.text], { env });
        const { findings } = await watch.report();
        expect(findings).toContainEqual({
          label: 'a password',
          where: 'the arguments of a process called sh',
        });
        expect(findings).toContainEqual({
          label: 'another password',
          where: 'the environment of a process called sleep',
        });
        expect(JSON.stringify(findings)).not.toContain(other.text);
      } finally {
        await watch.stop();
      }
    });
  },
);

it('a data directory that knows every kind of secret shows none of them', async () => {
  const keyPassphrase = 'key-passphrase-4711-é';
  const key = ssh2.utils.generateKeyPairSync('ed25519', {
    passphrase: keyPassphrase,
    cipher: 'aes256-ctr',
    rounds: 16,
  });
  const dataDir = join(folder, 'data');
  const session = await openCoreSession({ dataDir });
  try {
    await openVault(session);
    const add = (name: string, credentials: object) =>
      session.client['machines.add']({
        name,
        hostname: '192.0.2.1',
        username: name,
        credentials: { authMethod: 'password', sudoMode: 'separate', ...credentials },
      });
    await add('by-password', { password: secret.text, sudoPassword: 'sudo-password-0815' });
    await add('by-key', { authMethod: 'ssh_key', privateKey: key.private, keyPassphrase });
  } finally {
    await session.close();
  }
  const searched = prepareSearch([
    secret,
    { label: 'sudo password', text: 'sudo-password-0815' },
    { label: 'key passphrase', text: keyPassphrase },
    { label: 'vault passphrase', text: passphrase },
    ...keySecrets('private key', key.private),
  ]);
  const { findings, unread, files } = await findInFolders(searched, [dataDir]);
  expect(findings).toEqual([]);
  expect(unread).toEqual([]);
  expect(files).toBeGreaterThan(0);
  // The same search finds what is stored in the clear.
  const clear = await findInFolders(prepareSearch([{ label: 'a name', text: 'by-password' }]), [dataDir]);
  expect(clear.findings.length).toBeGreaterThan(0);
});
