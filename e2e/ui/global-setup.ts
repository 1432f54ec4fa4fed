import { randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { FullConfig } from '@playwright/test';
import ssh2 from 'ssh2';
import { electronUnavailable } from '../support/electron-binary.ts';
import { watchProcesses } from '../support/process-watch.ts';
import { keySecrets, type Secret } from '../support/secret-search.ts';
import { createTestbed, removeTestbed, unavailableReason, type Testbed } from '../testbed/index.ts';
import { fleetFor, hostNames } from './fleet.ts';
import { announceRunFolder, bedName, type SharedSecrets } from './run-folder.ts';

/** Easy to quote wrongly, and found in nothing by chance. */
const newSecret = (name: string): string => `${name}-${randomBytes(9).toString('base64url')}'"$é`;

function makeSecrets(): { secrets: SharedSecrets; publicKey: string } {
  const keyPassphrase = newSecret('key');
  const key = ssh2.utils.generateKeyPairSync('ed25519', {
    comment: 'e2e',
    passphrase: keyPassphrase,
    cipher: 'aes256-ctr',
    rounds: 16,
  });
  return {
    publicKey: key.public,
    secrets: {
      passphrase: newSecret('vault'),
      wrongPassword: newSecret('wrong'),
      canary: newSecret('canary'),
      keyPassphrase,
      privateKey: key.private,
    },
  };
}

function searchedSecrets(secrets: SharedSecrets, bed: Testbed | null): Secret[] {
  const { privateKey, ...texts } = secrets;
  return [
    ...Object.entries(texts).map(([label, text]) => ({ label, text })),
    ...keySecrets('privateKey', privateKey),
    ...(bed === null ? [] : keySecrets('the key of the testbed', bed.privateKey)),
    ...(bed?.hosts ?? []).flatMap((host) => [
      { label: `the password of ${host.user} on ${host.name}`, text: host.password },
      { label: `the password of root on ${host.name}`, text: host.rootPassword },
    ]),
  ];
}

/** Makes the hosts and begins to watch all processes; the function returned ends both. */
export default async function setUp(config: FullConfig): Promise<() => Promise<void>> {
  // What the applications' browsers put 74 characters below must fit into the 107 of a socket's path.
  const folder = mkdtempSync(join(tmpdir().length <= 33 ? tmpdir() : '/tmp', 'e2e-'));
  mkdirSync(join(folder, 'apps'));
  const unavailable = unavailableReason();
  const { secrets, publicKey } = makeSecrets();
  const names = config.projects.map((project) => project.name);
  const wanted = hostNames.filter((name) => names.includes(name));
  const hosts = wanted.filter((name) => name !== 'electron' || electronUnavailable() === null);
  const removeBed = async () => {
    if (unavailable === null) await removeTestbed(bedName);
  };
  try {
    const bed =
      unavailable === null ? await createTestbed({ name: bedName, hosts: fleetFor(hosts, publicKey) }) : null;
    const searched = searchedSecrets(secrets, bed);
    announceRunFolder(folder, { unavailable, secrets, searched });
    const watch = process.platform === 'linux' ? await watchProcesses(folder, searched) : null;
    return async () => {
      await watch?.stop();
      await removeBed();
      rmSync(folder, { recursive: true, force: true });
    };
  } catch (error) {
    await removeBed();
    rmSync(folder, { recursive: true, force: true });
    throw error;
  }
}
