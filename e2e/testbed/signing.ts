import { mkdir, readFile, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { must, withLock } from './exec.ts';

/** The key that signs the testbed's archives: made once a cache, never leaves it, without a passphrase. */
export interface SigningKey {
  /** gpg home folder. */
  home: string;
  /** The public key, binary, for Signed-By. */
  publicKeyPath: string;
  fingerprint: string;
}

/** Finds the cache's signing key, or makes it. */
export async function signingKey(cache: string): Promise<SigningKey> {
  const home = join(cache, 'key');
  const key = { home, publicKeyPath: join(home, 'public.gpg') };
  return withLock(join(cache, '.key.lock'), async () => {
    const present = await readdir(home).catch(() => [] as string[]);
    if (!present.includes('fingerprint')) {
      const building = `${home}.new`;
      await rm(building, { recursive: true, force: true });
      await rm(home, { recursive: true, force: true });
      await mkdir(building, { mode: 0o700 });
      const parameters = [
        '%no-protection',
        'Key-Type: RSA',
        'Key-Length: 3072',
        'Key-Usage: sign',
        'Name-Real: Homeport testbed archive',
        'Expire-Date: 0',
        '%commit',
      ].join('\n');
      await gpg(building, ['--gen-key'], `${parameters}\n`);
      await gpg(building, ['--output', join(building, 'public.gpg'), '--export'], '');
      const listing = await gpg(building, ['--with-colons', '--fingerprint'], '');
      const fingerprint = /^fpr:+([0-9A-F]{40}):/m.exec(listing)?.[1];
      if (fingerprint === undefined) throw new Error('gpg made no key');
      await stopAgent(building);
      await writeFile(join(building, 'fingerprint'), fingerprint);
      await rename(building, home);
    }
    return { ...key, fingerprint: await readFile(join(home, 'fingerprint'), 'utf8') };
  });
}

/** Signs texts in place (clear-signed, for InRelease). Serialised over processes: gpg's agent is one per home. */
export async function clearSign(key: SigningKey, texts: readonly string[]): Promise<string[]> {
  return withLock(`${key.home}.lock`, async () => {
    const signed: string[] = [];
    for (const text of texts) {
      signed.push(await gpg(key.home, ['--digest-algo', 'SHA256', '--clearsign'], text));
    }
    await stopAgent(key.home);
    return signed;
  });
}

function gpg(home: string, args: readonly string[], input: string): Promise<string> {
  return must('gpg', ['--homedir', home, '--batch', '--yes', '--quiet', ...args], { input });
}

/** gpg starts an agent that would stay after us. */
async function stopAgent(home: string): Promise<void> {
  await must('gpgconf', ['--homedir', home, '--kill', 'gpg-agent']);
}
