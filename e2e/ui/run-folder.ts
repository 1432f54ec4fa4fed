import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Secret } from '../support/secret-search.ts';

/** What the processes of one run of this suite share, in a folder that ends with it. */

/** Two checkouts that are tested at the same time on one machine name theirs (HOMEPORT_E2E_BED). */
export const bedName = process.env['HOMEPORT_E2E_BED'] ?? 'ui';

/** Secrets that the tests type in, made anew for each run. */
export interface SharedSecrets {
  readonly passphrase: string;
  readonly keyPassphrase: string;
  /** An encrypted OpenSSH private key that every host accepts. */
  readonly privateKey: string;
  readonly wrongPassword: string;
  /** Stands in no product: planted to see that the search finds it. */
  readonly canary: string;
}

interface Shared {
  /** Why there are no real hosts here, or null. */
  readonly unavailable: string | null;
  readonly secrets: SharedSecrets;
  /** All of the above and every host's passwords, to be searched for. */
  readonly searched: readonly Secret[];
}

const variable = 'HOMEPORT_E2E_FOLDER';

/** For the tests' own processes, which inherit the environment. */
export function announceRunFolder(folder: string, shared: Shared): void {
  writeFileSync(join(folder, 'shared.json'), JSON.stringify(shared), { mode: 0o600 });
  process.env[variable] = folder;
}

export function runFolder(): string {
  const folder = process.env[variable];
  if (folder === undefined) throw new Error('The suite has not been set up: run it with playwright test');
  return folder;
}

/** Where the applications keep their data, each in a folder of its own; searched for secrets at the end. */
export const appsFolder = (): string => join(runFolder(), 'apps');

export const shared = (): Shared =>
  JSON.parse(readFileSync(join(runFolder(), 'shared.json'), 'utf8')) as Shared;
