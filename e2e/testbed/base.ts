import { createHash } from 'node:crypto';
import { cp, mkdir, mkdtemp, readFile, readdir, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { initialOffers, installedFor } from './catalogue.ts';
import { buildPackage, definitionKey } from './deb.ts';
import { execute, must, withLock } from './exec.ts';
import { asLists, makeIndexes, sourcesList, writeIndexes } from './repository.ts';
import type { IndexFiles } from './repository.ts';
import { signingKey } from './signing.ts';
import type { SigningKey } from './signing.ts';
import type { PackageChoice, SuiteName } from './spec.ts';

const shellFolder = join(import.meta.dirname, 'shell');
const unusedAfterMs = 7 * 24 * 3600 * 1000;

const included = [
  ...['ca-certificates', 'dbus', 'fish', 'iproute2', 'libpam-systemd', 'locales', 'openssh-server', 'procps'],
  // Python and its APT binding: most Debian hosts have them, and other tools need them there.
  ...['python3-apt', 'sudo', 'systemd-sysv', 'tcsh', 'zsh'],
  // What people run in a terminal.
  ...['htop', 'less', 'mc', 'tmux', 'vim-tiny'],
];

/** What may be shared by all testbeds of this machine and survives them. */
export interface Cache {
  folder: string;
  architecture: string;
  key: SigningKey;
  /** Built packages. */
  pool: string;
  /** Indexes of the initial repository; its folder is `repository`. */
  indexes: IndexFiles;
  repository: string;
}

/** Opens the cache (HOMEPORT_TESTBED_CACHE, default /var/cache/homeport-testbed) and makes the initial repository. */
export async function openCache(): Promise<Cache> {
  const folder = process.env['HOMEPORT_TESTBED_CACHE'] ?? '/var/cache/homeport-testbed';
  await mkdir(folder, { recursive: true });
  const architecture = (await must('dpkg', ['--print-architecture'])).trim();
  const key = await signingKey(folder);
  const offers = initialOffers();
  const hash = digest([key.fingerprint, architecture, JSON.stringify(offers), await source('repository.ts')]);
  const repository = join(folder, `repository-${hash}`);
  const pool = join(folder, 'pool');
  await build(folder, `repository-${hash}`, async (building) => {
    await writeIndexes(
      await makeIndexes(offers, ['bookworm', 'trixie'], pool, architecture, key),
      join(building, 'tree'),
    );
  });
  const tree = join(repository, 'tree');
  return { folder, architecture, key, pool, indexes: await readIndexes(tree), repository: tree };
}

async function readIndexes(tree: string): Promise<IndexFiles> {
  const entries = await readdir(tree, { recursive: true, withFileTypes: true });
  const files: IndexFiles = new Map();
  for (const entry of entries.filter((one) => one.isFile())) {
    const path = join(entry.parentPath, entry.name);
    files.set(path.slice(tree.length + 1), await readFile(path));
  }
  return files;
}

/** The debootstrapped root all hosts of a suite share; made when its recipe is new (about a minute, needs the mirror). */
export async function baseFolder(cache: Cache, suite: SuiteName): Promise<string> {
  const recipe = await source('shell/customise-base.sh');
  const name = `base-${suite}-${digest([suite, cache.architecture, included.join(), recipe])}`;
  return build(
    cache.folder,
    name,
    async (building) => {
      await must(
        'debootstrap',
        ['--variant=minbase', `--include=${included.join()}`, suite, building, await mirror()],
        { env: { ...process.env, ...(await proxy()), LC_ALL: 'C' }, timeoutMs: 900_000 },
      );
      await must('chroot', [building, '/bin/sh', '-e'], { input: recipe, timeoutMs: 300_000 });
    },
    `base-${suite}-`,
  );
}

/** The difference between the base and a host that has this set of packages, sources and lists. */
export async function layerFolder(
  cache: Cache,
  suite: SuiteName,
  packages: readonly PackageChoice[],
  base: string,
): Promise<string> {
  const { definitions, prepare } = installedFor(packages);
  const sshd = sshdConfig(suite);
  const hash = digest([
    base,
    cache.repository,
    sshd,
    ...definitions.map(definitionKey),
    ...prepare,
    await source('shell/build-layer.sh'),
  ]);
  const folder = await build(
    cache.folder,
    `layer-${suite}-${hash}`,
    async (building) => {
      const stage = join(building, 'stage');
      const lists = join(stage, 'var/lib/apt/lists');
      for (const path of [
        lists,
        join(stage, 'usr/share/keyrings'),
        join(stage, 'etc/apt'),
        join(stage, 'etc/ssh/sshd_config.d'),
      ]) {
        await mkdir(path, { recursive: true, mode: 0o755 });
      }
      await writeFile(join(stage, 'etc/apt/sources.list'), sourcesList(suite));
      await cp(cache.key.publicKeyPath, join(stage, 'usr/share/keyrings/homeport-testbed.gpg'));
      await writeFile(join(stage, 'etc/ssh/sshd_config.d/10-testbed.conf'), sshd);
      for (const [name, content] of asLists(cache.indexes, suite))
        await writeFile(join(lists, name), content);
      await mkdir(join(building, 'debs'));
      for (const definition of definitions) {
        const built = await buildPackage(definition, cache.pool, cache.architecture);
        await cp(built.path, join(building, 'debs', built.fileName));
      }
      await writeFile(
        join(building, 'prepare.sh'),
        `chmod 644 /usr/share/keyrings/homeport-testbed.gpg\n${prepare.join('\n')}\n`,
      );
      await must('unshare', [
        '--mount',
        '--propagation=private',
        'sh',
        join(shellFolder, 'build-layer.sh'),
        base,
        building,
      ]);
      for (const rest of ['stage', 'debs', 'overlay', 'root'])
        await rm(join(building, rest), { recursive: true });
    },
    `layer-${suite}-`,
  );
  return join(folder, 'upper');
}

function sshdConfig(suite: SuiteName): string {
  return [
    'HostKey /etc/ssh/ssh_host_ed25519_key',
    'HostKey /etc/ssh/ssh_host_ecdsa_key',
    'MaxSessions 100',
    'MaxStartups 200:30:400',
    'LoginGraceTime 60',
    'UseDNS no',
    // OpenSSH 9.8 and later would shut a test out for the failed logins of the one before.
    ...(suite === 'bookworm' ? [] : ['PerSourcePenalties no']),
    '',
  ].join('\n');
}

/** Makes `folder/name` once: under a lock, in a temporary folder that is renamed when `work` is through. */
async function build(
  folder: string,
  name: string,
  work: (building: string) => Promise<void>,
  siblings?: string,
): Promise<string> {
  const target = join(folder, name);
  if (!(await exists(target))) {
    await withLock(join(folder, `.${name}.lock`), async () => {
      if (await exists(target)) return;
      // What a killed process left; nobody else builds this name while we hold its lock.
      for (const left of await readdir(folder)) {
        if (left.startsWith(`.building-${name}-`)) await rm(join(folder, left), { recursive: true });
      }
      const building = await mkdtemp(join(folder, `.building-${name}-`));
      try {
        await must('chmod', ['755', building]);
        await work(building);
        await rename(building, target);
      } catch (error) {
        await rm(building, { recursive: true, force: true });
        throw error;
      }
    });
    if (siblings !== undefined) await prune(folder, siblings, name);
  }
  const now = new Date();
  await utimes(target, now, now);
  return target;
}

/** Removes bases or layers of former recipes that no testbed was made from for a week. */
async function prune(folder: string, prefix: string, keep: string): Promise<void> {
  for (const name of await readdir(folder)) {
    if (!name.startsWith(prefix) || name === keep) continue;
    const { mtimeMs } = await stat(join(folder, name));
    if (Date.now() - mtimeMs > unusedAfterMs) await rm(join(folder, name), { recursive: true, force: true });
  }
}

async function mirror(): Promise<string> {
  const fallback = 'http://deb.debian.org/debian';
  const folder = '/etc/apt/sources.list.d';
  const names = await readdir(folder).catch(() => [] as string[]);
  for (const path of ['/etc/apt/sources.list', ...names.map((name) => join(folder, name))]) {
    const text = await readFile(path, 'utf8').catch(() => '');
    const found = /^(?:URIs:|deb\s(?:\[[^\]]*\]\s*)?)\s*(https?:\/\/\S+\/debian)\/?(?:\s|$)/m.exec(text)?.[1];
    if (found !== undefined) return found;
  }
  return fallback;
}

async function proxy(): Promise<NodeJS.ProcessEnv> {
  const { stdout } = await execute('apt-config', ['shell', 'P', 'Acquire::http::Proxy']);
  const address = /^P='(https?:\/\/[^']+)'/.exec(stdout)?.[1];
  return address === undefined ? {} : { http_proxy: address };
}

function source(file: string): Promise<string> {
  return readFile(join(import.meta.dirname, file), 'utf8');
}

function digest(parts: readonly string[]): string {
  return createHash('sha256').update(parts.join('\0')).digest('hex').slice(0, 16);
}

function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
