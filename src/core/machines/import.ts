import { globSync, readFileSync } from 'node:fs';
import { homedir, hostname, userInfo } from 'node:os';
import { isAbsolute, join } from 'node:path';
import type { ImportCandidate } from '../../shared/contract/models.ts';
import { isThisComputerDebian } from '../app/index.ts';
import { importSshConfig, type SshConfigCandidate } from '../ssh/config-import.ts';
import { parseKnownHosts, type KnownHostEntry } from '../ssh/known-hosts.ts';

interface KnownAddress {
  readonly hostname: string;
  readonly port: number;
}

/**
 * Machines that this computer's SSH files name, and this computer itself where it is of the Debian family. Reads files only;
 * `notes` says what was left out and why. `known` are the addresses that the fleet has already.
 */
export function findCandidates(known: readonly KnownAddress[]): {
  candidates: ImportCandidate[];
  notes: string[];
} {
  const folder = join(homedir(), '.ssh');
  const notes: string[] = [];
  const config = readText(join(folder, 'config'), notes);
  const trusted = parseKnownHosts(readText(join(folder, 'known_hosts'), notes)).entries.filter(
    (entry) => entry.marker === 'host',
  );
  const isKnown = (address: KnownAddress) =>
    known.some((k) => k.hostname === address.hostname && k.port === address.port);
  const imported = importSshConfig(config, (pattern) => readIncludes(folder, pattern, notes));
  notes.push(...imported.notes.map((note) => `${note.kind}: ${note.subject}`));
  const byAlias = new Map<string, ImportCandidate>();
  const put = (candidate: ImportCandidate) => {
    if (!byAlias.has(candidate.alias)) byAlias.set(candidate.alias, candidate);
  };
  for (const entry of imported.candidates) put(fromConfig(entry));
  for (const entry of imported.candidates) {
    for (const hop of entry.proxyJump) if (!byAlias.has(hop)) put(fromJump(hop));
  }
  for (const entry of trusted) for (const address of plainAddresses(entry)) putAddress(address);
  const local = thisComputer();
  if (local) put(local);
  return {
    candidates: [...byAlias.values()].map((candidate) => ({
      ...candidate,
      knownHostKeys: trusted
        .filter((entry) => entry.matches(candidate.hostname, candidate.port))
        .map(({ keyType, fingerprintSha256 }) => ({ keyType, fingerprintSha256 })),
      alreadyAdded: isKnown(candidate),
    })),
    notes,
  };

  /** A known_hosts name is a candidate only where no alias leads to the same address. */
  function putAddress(address: KnownAddress): void {
    const isThere = [...byAlias.values()].some(
      (c) => c.hostname.toLowerCase() === address.hostname && c.port === address.port,
    );
    if (!isThere) {
      const alias = address.port === 22 ? address.hostname : `${address.hostname}:${address.port}`;
      put({ ...blank(alias, 'known_hosts'), ...address });
    }
  }
}

function blank(alias: string, source: ImportCandidate['source']): ImportCandidate {
  return {
    alias,
    hostname: alias,
    port: 22,
    username: null,
    identityFile: null,
    proxyJump: [],
    source,
    knownHostKeys: [],
    alreadyAdded: false,
  };
}

function fromConfig({ proxyJump, ...entry }: SshConfigCandidate): ImportCandidate {
  return { ...blank(entry.alias, 'ssh_config'), ...entry, proxyJump: [...proxyJump] };
}

/** A jump host that is no alias: `[user@]host[:port]`. */
function fromJump(hop: string): ImportCandidate {
  const match = /^(?:([^@]+)@)?(\[[^\]]+\]|[^:]+)(?::(\d+))?$/.exec(hop);
  return {
    ...blank(hop, 'ssh_config'),
    hostname: (match?.[2] ?? hop).replace(/^\[|\]$/g, ''),
    port: Number(match?.[3] ?? 22),
    username: match?.[1] ?? null,
  };
}

/** The names of an entry that are neither hashed, nor wildcards, nor negated. */
function plainAddresses(entry: KnownHostEntry): KnownAddress[] {
  if (entry.hashed) return [];
  return entry.patterns.flatMap((pattern) => {
    if (/[*?!]/.test(pattern)) return [];
    const bracketed = /^\[([^\]]+)\]:(\d+)$/.exec(pattern);
    return [{ hostname: (bracketed?.[1] ?? pattern).toLowerCase(), port: Number(bracketed?.[2] ?? 22) }];
  });
}

function thisComputer(): ImportCandidate | null {
  if (!isThisComputerDebian()) return null;
  return {
    ...blank(hostname(), 'this_computer'),
    hostname: '127.0.0.1',
    username: userInfo().username,
  };
}

function readIncludes(folder: string, pattern: string, notes: string[]): { name: string; text: string }[] {
  const expanded = pattern.startsWith('~/') ? join(homedir(), pattern.slice(2)) : pattern;
  const full = isAbsolute(expanded) ? expanded : join(folder, expanded);
  return globSync(full).map((name) => ({ name, text: readText(name, notes) }));
}

/** A file's text; an absent file is empty, an unreadable one is empty and noted. */
function readText(path: string, notes: string[]): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : String(error);
    if (code !== 'ENOENT') notes.push(`unreadable: ${path} (${code})`);
    return '';
  }
}
