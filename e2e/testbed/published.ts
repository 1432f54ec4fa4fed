import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { bedFolder } from './bed-folder.ts';
import type { BedRecord, HostRecord } from './bed-folder.ts';
import { openCache } from './base.ts';
import { initialOffers } from './catalogue.ts';
import type { Offer } from './catalogue.ts';
import type { PackageDefinition } from './deb.ts';
import { makeIndexes, writeIndexes } from './repository.ts';
import type { ReleaseRevision } from './repository.ts';
import type { Behaviour } from './repository-server.ts';

/** What a testbed's repository offers beyond the initial packages: to all its hosts, or to one. */

export interface Publication {
  definition: PackageDefinition;
  /** Default `main`; `security` is the archive labelled Debian-Security. */
  archive?: 'main' | 'security';
}

const servedFolder = (bed: string, whom: string) => join(bedFolder(bed), 'served', whom);

async function publishedTo(bed: string, whom: string): Promise<Offer[]> {
  try {
    return JSON.parse(await readFile(join(servedFolder(bed, whom), 'offers.json'), 'utf8')) as Offer[];
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}

/**
 * Adds packages to what the repository offers. With `host`, only that host sees them (and from then on no later
 * publication to all); seen there after its next `apt-get update`. The Release files are right again with the next call
 * that gives no revision.
 */
export async function publish(
  bed: BedRecord,
  publications: readonly Publication[],
  host?: HostRecord,
  revision: ReleaseRevision = {},
): Promise<void> {
  const whom = host?.address ?? 'all';
  const cache = await openCache();
  const added = publications.map(({ definition, archive }): Offer => ({
    definition,
    archive: archive ?? 'main',
  }));
  const before = await publishedTo(bed.name, whom);
  const inherited = host !== undefined && before.length === 0 ? await publishedTo(bed.name, 'all') : before;
  const offers = [...inherited, ...added];
  await mkdir(servedFolder(bed.name, whom), { recursive: true });
  const suites = [...new Set(host === undefined ? bed.hosts.map((one) => one.suite) : [host.suite])];
  const all = [...initialOffers(), ...offers];
  const files = await makeIndexes(all, suites, bed.pool, cache.architecture, cache.key, revision);
  await writeIndexes(files, join(servedFolder(bed.name, whom), 'tree'));
  await writeFile(join(servedFolder(bed.name, whom), 'offers.json'), JSON.stringify(offers));
}

/** Sets how the repository server treats requests from an address. */
export async function serveBehaviour(bed: string, address: string, behaviour: Behaviour): Promise<void> {
  await mkdir(servedFolder(bed, address), { recursive: true });
  await writeFile(join(servedFolder(bed, address), 'behaviour.json'), JSON.stringify(behaviour));
}
