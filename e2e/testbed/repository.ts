import { createHash } from 'node:crypto';
import { mkdir, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import type { Offer } from './catalogue.ts';
import { buildPackage } from './deb.ts';
import { clearSign } from './signing.ts';
import type { SigningKey } from './signing.ts';
import type { SuiteName } from './spec.ts';

/** The name under which hosts know the repository server; an entry of their /etc/hosts. */
export const repositoryHost = 'packages.test';

const suites: Record<SuiteName, { version: string; suite: string }> = {
  bookworm: { version: '12.12', suite: 'oldstable' },
  trixie: { version: '13.2', suite: 'stable' },
};

/** How the Release files of the main archives differ from what they should be. */
export interface ReleaseRevision {
  /** Other values of fields, signed like everything else. */
  readonly fields?: Partial<Record<'Origin' | 'Label' | 'Suite' | 'Codename', string>>;
  /** One letter of the signed text is another one since it was signed. */
  readonly isTampered?: boolean;
}

interface Archive {
  /** First part of the URL path. */
  folder: 'debian' | 'debian-security';
  codename: string;
  header: string;
  offers: Offer[];
}

function archives(suite: SuiteName, offers: readonly Offer[]): Archive[] {
  const { version, suite: alias } = suites[suite];
  const of = (archive: Offer['archive']) => offers.filter((offer) => offer.archive === archive);
  return [
    {
      folder: 'debian',
      codename: suite,
      header: `Origin: Debian\nLabel: Debian\nSuite: ${alias}\nVersion: ${version}\nCodename: ${suite}\n`,
      offers: of('main'),
    },
    {
      folder: 'debian-security',
      codename: `${suite}-security`,
      header: `Origin: Debian\nLabel: Debian-Security\nSuite: ${alias}-security\nVersion: ${version.split('.')[0]}\nCodename: ${suite}-security\n`,
      offers: of('security'),
    },
  ];
}

/** Text of a host's /etc/apt/sources.list. */
export function sourcesList(suite: SuiteName): string {
  const signedBy = '[signed-by=/usr/share/keyrings/homeport-testbed.gpg]';
  return (
    `deb ${signedBy} http://${repositoryHost}/debian ${suite} main\n` +
    `deb ${signedBy} http://${repositoryHost}/debian-security ${suite}-security main\n`
  );
}

/** Index files of a repository, by path from its root. */
export type IndexFiles = Map<string, string | Buffer>;

/**
 * Builds the packages into `pool` and makes the signed indexes of both archives of each suite.
 * @param architecture Debian's name of it, e.g. amd64
 */
export async function makeIndexes(
  offers: readonly Offer[],
  wanted: readonly SuiteName[],
  pool: string,
  architecture: string,
  key: SigningKey,
  revision: ReleaseRevision = {},
): Promise<IndexFiles> {
  const files: IndexFiles = new Map();
  const releases: { path: string; text: string }[] = [];
  for (const archive of wanted.flatMap((suite) => archives(suite, offers))) {
    const paragraphs = await Promise.all(
      archive.offers.map(async (offer) => {
        const built = await buildPackage(offer.definition, pool, architecture);
        return `${built.control}Filename: pool/main/${built.fileName}\nSize: ${built.sizeBytes}\nSHA256: ${built.sha256}\n`;
      }),
    );
    const folder = `${archive.folder}/dists/${archive.codename}`;
    const packages = `main/binary-${architecture}/Packages`;
    const text = paragraphs.join('\n');
    const indexes: [string, Buffer][] = [
      [packages, Buffer.from(text)],
      [`${packages}.gz`, gzipSync(text)],
    ];
    for (const [path, bytes] of indexes) files.set(`${folder}/${path}`, bytes);
    const sums = indexes.map(([path, bytes]) => ` ${sha256(bytes)} ${bytes.length} ${path}\n`).join('');
    const header = archive.folder === 'debian' ? revised(archive.header, revision) : archive.header;
    releases.push({
      path: `${folder}/InRelease`,
      text: `${header}Date: ${new Date().toUTCString()}\nArchitectures: ${architecture}\nComponents: main\nDescription: Homeport testbed\nSHA256:\n${sums}`,
    });
  }
  const signed = await clearSign(
    key,
    releases.map((release) => release.text),
  );
  releases.forEach(({ path }, index) => {
    const text = signed[index] ?? '';
    const isTampered = revision.isTampered === true && path.startsWith('debian/');
    files.set(path, isTampered ? text.replace('Homeport testbed', 'Homeport Testbed') : text);
  });
  return files;
}

function revised(header: string, { fields = {} }: ReleaseRevision): string {
  return Object.entries(fields).reduce(
    (text, [field, value]) => text.replace(new RegExp(`^${field}: .*$`, 'm'), `${field}: ${value}`),
    header,
  );
}

function sha256(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/**
 * Puts index files under `root` in one step: an apt that reads meanwhile sees the old or the new set. HTTP tells times in
 * whole seconds, so each set is a second younger than the one before, however soon it follows.
 */
export async function writeIndexes(files: IndexFiles, root: string): Promise<void> {
  const building = `${root}.new`;
  const former = `${root}.old`;
  await rm(building, { recursive: true, force: true });
  const [known = ''] = files.keys();
  const formerTime = await stat(join(root, known)).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw error;
    return null;
  });
  const seconds = Math.max(Math.ceil(Date.now() / 1000), (formerTime?.mtimeMs ?? 0) / 1000 + 1);
  for (const [path, content] of files) {
    await mkdir(dirname(join(building, path)), { recursive: true });
    await writeFile(join(building, path), content);
    await utimes(join(building, path), seconds, seconds);
  }
  await rename(root, former).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw error;
  });
  await rename(building, root);
  await rm(former, { recursive: true, force: true });
}

/** The same indexes as apt keeps them in /var/lib/apt/lists, so that a new host has been updated already. */
export function asLists(files: IndexFiles, suite: SuiteName): Map<string, string | Buffer> {
  const lists = new Map<string, string | Buffer>();
  for (const [path, content] of files) {
    if (path.endsWith('.gz') || !/\/dists\/([^/]+)\//.exec(path)?.[1]?.startsWith(suite)) continue;
    lists.set(`${repositoryHost}_${path.replaceAll('/', '_')}`, content);
  }
  return lists;
}
