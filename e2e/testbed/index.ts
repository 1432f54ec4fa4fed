import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { closeSync, openSync } from 'node:fs';
import { appendFile, cp, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { baseFolder, layerFolder, openCache } from './base.ts';
import type { Cache } from './base.ts';
import {
  bedFolder,
  claimSubnet,
  gatewayAddress,
  hostAddress,
  hostFolder,
  netnsPath,
  readRecord,
  repositoryAddress,
  repositoryPeer,
  stateRoot,
  writeRecord,
} from './bed-folder.ts';
import type { BedRecord } from './bed-folder.ts';
import { must, quote, until } from './exec.ts';
import { openHost, switchOn, writeDowntime } from './host.ts';
import type { TestbedHost } from './host.ts';
import { makeNetwork } from './network.ts';
import { listensOn, processesIn } from './processes.ts';
import { publish } from './published.ts';
import type { Publication } from './published.ts';
import { removeTestbed } from './removal.ts';
import { repositoryHost } from './repository.ts';
import { installRequirements } from './requirements.ts';
import { setupScript } from './setup-script.ts';
import { checkName, resolveSpec } from './spec.ts';
import type { ResolvedHost, TestbedOptions } from './spec.ts';

export type { TestbedHost, RunOptions } from './host.ts';
export type { CommandResult } from './exec.ts';
export type { Behaviour } from './repository-server.ts';
export type { PackageDefinition } from './deb.ts';
export type { Publication } from './published.ts';
export type * from './spec.ts';
export { removeTestbed } from './removal.ts';
export { unavailableReason } from './requirements.ts';
export { until } from './exec.ts';

/** A running set of hosts on a network of their own, with a package repository. */
export interface Testbed extends AsyncDisposable {
  readonly name: string;
  readonly hosts: readonly TestbedHost[];
  /** The host of that name; throws when there is none. */
  host(name: string): TestbedHost;
  /** OpenSSH private key (PEM) that all hosts accept, and its public half (one authorized_keys line). */
  readonly privateKey: string;
  readonly publicKey: string;
  /** The machine's own address on the testbed's network. */
  readonly gateway: string;
  /** Offers further packages to every host that had no publication of its own. */
  publish(publications: readonly Publication[]): Promise<void>;
  /** Removes every trace of the testbed from the machine; the cache stays. */
  close(): Promise<void>;
}

/** A password that is awkward enough to find bad quoting, yet can be typed. */
function makePassword(): string {
  return `pw-${randomBytes(6).toString('hex')}'$x`;
}

/**
 * Makes the hosts and waits until all accept SSH. A testbed of the same name, or the remains of one, is removed first.
 * The first call on a machine builds the base (a minute, from Debian's mirror); later ones take seconds.
 */
export async function createTestbed(options: TestbedOptions): Promise<Testbed> {
  checkName(options.name);
  const specs = options.hosts.map((host) => resolveSpec(host, makePassword));
  if (new Set(specs.map((spec) => spec.name)).size < specs.length) throw new Error('two hosts have one name');
  if (specs.length > 240) throw new Error('a testbed has at most 240 hosts');
  await installRequirements();
  // `npm test` removes by this list what a killed test run could not.
  const ledger = process.env['HOMEPORT_TESTBED_LEDGER'];
  if (ledger !== undefined) await appendFile(ledger, `${options.name}\n`);
  await removeTestbed(options.name);
  const cache = await openCache();
  const lowers = await lowerFolders(cache, specs);
  try {
    const bed = await prepareBed(options.name, cache, specs);
    await makeNetwork(bed);
    startRepository(bed);
    await startHosts(bed, specs, lowers);
    const testbed = handle(bed);
    await Promise.all([
      untilRepositoryListens(bed),
      ...testbed.hosts.map(async (host, index) => {
        await host.ready();
        if (specs[index]?.rebootPending === true) {
          await host.run(
            "echo '*** System restart required ***' > /run/reboot-required; echo linux-image-amd64 > /run/reboot-required.pkgs",
          );
        }
      }),
    ]);
    return testbed;
  } catch (error) {
    await removeTestbed(options.name);
    throw error;
  }
}

/** Opens a testbed that another process made; null when there is none. */
export async function openTestbed(name: string): Promise<Testbed | null> {
  checkName(name);
  const bed = await readRecord(name);
  return bed === null ? null : handle(bed);
}

function handle(bed: BedRecord): Testbed {
  const hosts = bed.hosts.map((record) => openHost(bed, record));
  return {
    name: bed.name,
    hosts,
    privateKey: bed.privateKey,
    publicKey: bed.publicKey,
    gateway: gatewayAddress(bed.subnet),
    host(name) {
      const found = hosts.find((host) => host.name === name);
      if (found === undefined) throw new Error(`testbed ${bed.name} has no host ${name}`);
      return found;
    },
    publish: (publications) => publish(bed, publications),
    close: () => removeTestbed(bed.name),
    [Symbol.asyncDispose]: () => removeTestbed(bed.name),
  };
}

/** The lower folders of each host's overlay, in the order of the hosts. */
async function lowerFolders(cache: Cache, specs: readonly ResolvedHost[]): Promise<string[]> {
  const lowers: string[] = [];
  for (const { suite, packages } of specs) {
    const base = await baseFolder(cache, suite);
    lowers.push(`${await layerFolder(cache, suite, packages, base)}:${base}`);
  }
  return lowers;
}

async function prepareBed(name: string, cache: Cache, specs: readonly ResolvedHost[]): Promise<BedRecord> {
  await mkdir(stateRoot, { recursive: true, mode: 0o700 });
  const subnet = await claimSubnet(name);
  const folder = bedFolder(name);
  await mkdir(folder, { mode: 0o700 });
  await must('mount', ['-t', 'tmpfs', '-o', 'mode=755,size=75%', `homeport-testbed-${name}`, folder]);
  await must('ssh-keygen', [
    '-q',
    '-t',
    'ed25519',
    '-N',
    '',
    '-C',
    `testbed-${name}`,
    '-f',
    join(folder, 'id'),
  ]);
  await cp(join(import.meta.dirname, 'shell'), join(folder, 'shell'), { recursive: true });
  const bed: BedRecord = {
    name,
    subnet,
    createdAt: new Date().toISOString(),
    privateKey: await readFile(join(folder, 'id'), 'utf8'),
    publicKey: (await readFile(join(folder, 'id.pub'), 'utf8')).trim(),
    repository: cache.repository,
    pool: cache.pool,
    hosts: specs.map((spec, index) => ({
      name: spec.name,
      index,
      address: hostAddress(subnet, index),
      port: 22,
      user: spec.user,
      password: spec.password,
      rootPassword: spec.rootPassword,
      sudo: spec.sudo,
      kind: spec.kind,
      behindJump: spec.behindJump,
      suite: spec.suite,
    })),
  };
  await writeRecord(bed);
  await makeLightFolder(join(folder, 'light'));
  return bed;
}

/** The layer that light hosts have on top: an init and the power commands, under the names systemd's would have. */
async function makeLightFolder(folder: string): Promise<void> {
  const sbin = join(folder, 'usr/sbin');
  await mkdir(sbin, { recursive: true, mode: 0o755 });
  const power = await readFile(join(import.meta.dirname, 'light/testbed-power'));
  const init = await readFile(join(import.meta.dirname, 'light/testbed-init'));
  await writeFile(join(sbin, 'testbed-init'), init, { mode: 0o755 });
  for (const name of ['reboot', 'shutdown', 'poweroff', 'halt']) {
    await writeFile(join(sbin, name), power, { mode: 0o755 });
  }
  // Whatever the caller's umask: these folders are the hosts' own /usr and /usr/sbin.
  await must('chmod', ['-R', '755', folder]);
}

async function startHosts(
  bed: BedRecord,
  specs: readonly ResolvedHost[],
  lowers: readonly string[],
): Promise<void> {
  const neighbours = bed.hosts.map((host) => `${host.address} ${host.name}\n`).join('');
  await Promise.all(
    specs.map(async (spec, index) => {
      const folder = hostFolder(bed.name, spec.name);
      for (const part of ['upper', 'work', 'root']) {
        await mkdir(join(folder, part), { recursive: true, mode: 0o755 });
      }
      const hostsFile = `127.0.0.1 localhost\n127.0.1.1 ${spec.name}\n${repositoryAddress(bed.subnet)} ${repositoryHost}\n${neighbours}`;
      await writeFile(
        join(folder, 'setup.sh'),
        setupScript(spec, hostsFile, randomBytes(16).toString('hex'), bed.publicKey),
        { mode: 0o600 },
      );
      const lower = `${spec.kind === 'light' ? `${join(bedFolder(bed.name), 'light')}:` : ''}${lowers[index] ?? ''}`;
      const conf = {
        NAME: spec.name,
        KIND: spec.kind,
        LOWER: lower,
        ADDRESS: hostAddress(bed.subnet, index),
        GATEWAY: gatewayAddress(bed.subnet),
        NETNS: netnsPath(bed.name, spec.name),
        CONTAINER: spec.container ?? '',
        HIDE_FROM: spec.behindJump ? gatewayAddress(bed.subnet) : '',
      };
      const lines = Object.entries(conf).map(([key, value]) => `${key}=${quote(value)}\n`);
      await writeFile(join(folder, 'conf'), lines.join(''));
      await writeDowntime(bed.name, spec.name, spec.downtimeSeconds);
      switchOn(bed.name, spec.name);
    }),
  );
}

function startRepository(bed: BedRecord): void {
  const log = openSync(join(bedFolder(bed.name), 'repository.log'), 'a', 0o600);
  const address = repositoryAddress(bed.subnet);
  // The address must be there before the server binds to it; `sh` becomes the server.
  const start = `ip link set lo up; ip link set eth0 up; ip address add ${address}/24 dev eth0; exec "$@"`;
  const server = join(import.meta.dirname, 'repository-server.ts');
  const served = join(bedFolder(bed.name), 'served');
  const child = spawn(
    'nsenter',
    [
      `--net=${netnsPath(bed.name, repositoryPeer)}`,
      ...['--', 'sh', '-c', start, 'sh', process.execPath, '--max-old-space-size=64', server],
      ...[address, served, bed.repository, bed.pool],
    ],
    { detached: true, stdio: ['ignore', log, log], cwd: '/', env: { PATH: process.env['PATH'] } },
  );
  child.unref();
  closeSync(log);
}

async function untilRepositoryListens(bed: BedRecord): Promise<void> {
  const netns = netnsPath(bed.name, repositoryPeer);
  await until(
    'the package repository answers',
    async () => {
      const [pid] = await processesIn([netns]);
      return pid !== undefined && (await listensOn(pid, 80)) ? true : null;
    },
    20_000,
  );
}
