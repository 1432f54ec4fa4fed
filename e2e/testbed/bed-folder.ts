import { mkdir, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { withLock } from './exec.ts';
import type { HostKind, SudoKind } from './spec.ts';

/** Where testbeds live and what they note about themselves: all on tmpfs, gone with the testbed or the machine. */

export const stateRoot = '/run/homeport-testbed';

/** A host as noted in its testbed's state file. */
export interface HostRecord {
  name: string;
  index: number;
  address: string;
  port: number;
  user: string;
  password: string;
  rootPassword: string;
  sudo: SudoKind;
  kind: HostKind;
  behindJump: boolean;
  suite: 'bookworm' | 'trixie';
}

export interface BedRecord {
  name: string;
  /** Third octet of the testbed's addresses, 10.213.N.0/24. */
  subnet: number;
  createdAt: string;
  privateKey: string;
  publicKey: string;
  repository: string;
  pool: string;
  hosts: HostRecord[];
}

export const bedFolder = (name: string) => join(stateRoot, name);
export const hostFolder = (bed: string, host: string) => join(stateRoot, bed, 'hosts', host);
export const bridgeName = (subnet: number) => `hpbr${subnet}`;
export const linkName = (subnet: number, index: number) => `hp${subnet}h${index}`;
export const netnsName = (bed: string, host: string) => `hp.${bed}.${host}`;
export const netnsPath = (bed: string, host: string) => `/run/netns/${netnsName(bed, host)}`;
/** The machine itself, as its testbed's hosts see it. */
export const gatewayAddress = (subnet: number) => `10.213.${subnet}.1`;
export const repositoryAddress = (subnet: number) => `10.213.${subnet}.2`;
export const hostAddress = (subnet: number, index: number) => `10.213.${subnet}.${10 + index}`;
/** The repository server's pseudo host: an underscore cannot be in a host's name. */
export const repositoryPeer = '_repository';

/** Network namespaces of a testbed, with or without a state file. */
export async function netnsOf(bed: string): Promise<string[]> {
  const names = await readdir('/run/netns').catch(() => [] as string[]);
  return names.filter((name) => name.startsWith(`hp.${bed}.`));
}

const subnetsFolder = () => join(stateRoot, '.subnets');

/** Takes a free subnet number for the testbed; taken before anything else is made, so that `down` finds the rest by it. */
export async function claimSubnet(bed: string): Promise<number> {
  await mkdir(subnetsFolder(), { recursive: true, mode: 0o700 });
  return withLock(join(stateRoot, '.lock'), async () => {
    const taken = await readdir(subnetsFolder());
    for (let subnet = 0; subnet < 256; subnet += 1) {
      if (taken.includes(String(subnet))) continue;
      await writeFile(join(subnetsFolder(), String(subnet)), bed, { flag: 'wx' });
      return subnet;
    }
    throw new Error('all 256 subnets of 10.213.0.0/16 are taken by testbeds');
  });
}

/** Subnets a testbed holds; more than one only after a crash at the wrong moment. */
export async function subnetsOf(bed: string): Promise<number[]> {
  const names = await readdir(subnetsFolder()).catch(() => [] as string[]);
  const owners = await Promise.all(
    names.map(async (name) => ({ name, owner: await readFile(join(subnetsFolder(), name), 'utf8') })),
  );
  return owners.filter(({ owner }) => owner === bed).map(({ name }) => Number(name));
}

export async function releaseSubnet(subnet: number): Promise<void> {
  await rm(join(subnetsFolder(), String(subnet)), { force: true });
}

export async function writeRecord(record: BedRecord): Promise<void> {
  await writeFile(join(bedFolder(record.name), 'state.json'), JSON.stringify(record, null, 2), {
    mode: 0o600,
  });
}

/** The state of a testbed; null when there is none of that name, or only the remains of one. */
export async function readRecord(bed: string): Promise<BedRecord | null> {
  try {
    return JSON.parse(await readFile(join(bedFolder(bed), 'state.json'), 'utf8')) as BedRecord;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}

/** Names of all testbeds on this machine, remains of broken ones included. */
export async function bedNames(): Promise<string[]> {
  const names = await readdir(stateRoot).catch(() => [] as string[]);
  return names.filter((name) => !name.startsWith('.')).sort();
}
