import type { ImportPreview } from '../../../shared/contract/machines.ts';
import { importSshConfig, type SshConfigCandidate, type SshConfigNote } from '../../ssh/config-import.ts';
import { parseKnownHosts, type KnownHostEntry } from '../../ssh/known-hosts.ts';
import type { RawMachine } from './row.ts';

type Notes = ImportPreview['notes'];
interface SshMachines {
  readonly machines: readonly RawMachine[];
  readonly notes: Notes;
}

const noteCodes: Record<SshConfigNote['kind'], Notes[number]['code']> = {
  match_ignored: 'ssh_match',
  wildcard_skipped: 'ssh_wildcard',
  include_missing: 'ssh_include',
  include_too_deep: 'ssh_include',
  too_many_includes: 'ssh_include',
  too_large: 'ssh_unreadable',
  unreadable: 'ssh_unreadable',
  proxy_command_ignored: 'ssh_proxy_command',
  port_invalid: 'ssh_port',
};

/** The machines of an ssh_config file on its own: what it includes is not read, and said. */
export function readSshConfigFile(text: string): SshMachines {
  const { candidates, notes } = importSshConfig(text);
  const hops = hopsOf(candidates);
  const machines: RawMachine[] = candidates.map((one) => ({
    line: null,
    identityFile: one.identityFile,
    values: {
      name: one.alias,
      // A bare IPv6 address would be read as a host with a port.
      hostname: one.hostname.includes(':') ? `[${one.hostname.replace(/^\[|\]$/g, '')}]` : one.hostname,
      port: String(one.port),
      username: one.username ?? '',
      jumpHost: one.proxyJump.at(-1) ?? hops.get(one.alias) ?? '',
    },
  }));
  const aliases = new Set(candidates.map(({ alias }) => alias));
  for (const [hop, before] of hops) {
    if (aliases.has(hop)) continue;
    machines.push({ line: null, values: { name: hop, hostname: hop, jumpHost: before ?? '' } });
  }
  return {
    machines,
    notes: notes.map(({ kind, subject }) => ({ code: noteCodes[kind], value: subject.slice(0, 200) })),
  };
}

/** Every jump host of a ProxyJump list with the one before it, through which it is reached. */
function hopsOf(candidates: readonly SshConfigCandidate[]): ReadonlyMap<string, string | null> {
  const hops = new Map<string, string | null>();
  for (const { proxyJump } of candidates) {
    for (const [at, hop] of proxyJump.entries()) if (!hops.has(hop)) hops.set(hop, proxyJump[at - 1] ?? null);
  }
  return hops;
}

/**
 * The hosts of a known_hosts file with their keys. Names of one line are one machine, under the first of them. Hashed
 * names cannot be read back, wildcards name no machine, and keys of authorities and revoked keys prove no host.
 */
export function readKnownHostsFile(text: string): SshMachines {
  const { entries, unreadableLines } = parseKnownHosts(text);
  const counts = { hashed: 0, revoked: 0, authority: 0, wildcards: 0 };
  const groups = new Map<string, { line: number; address: string; keys: Map<string, KnownHostEntry> }>();
  for (const entry of entries) {
    if (entry.marker === 'revoked') counts.revoked += 1;
    else if (entry.marker === 'cert-authority') counts.authority += 1;
    else if (entry.hashed) counts.hashed += 1;
    else {
      const addresses = entry.patterns.filter((pattern) => !/[*?!]/.test(pattern));
      const [first] = addresses;
      if (first === undefined) {
        counts.wildcards += 1;
        continue;
      }
      const known = addresses.map((address) => groups.get(address)).find((group) => group !== undefined);
      const group = known ?? { line: entry.line, address: first, keys: new Map<string, KnownHostEntry>() };
      for (const address of addresses) if (!groups.has(address)) groups.set(address, group);
      group.keys.set(entry.fingerprintSha256, entry);
    }
  }
  const notes: Notes = [];
  const note = (code: Notes[number]['code'], count: number) => {
    if (count > 0) notes.push({ code, value: String(count) });
  };
  note('hashed_names', counts.hashed);
  note('wildcards', counts.wildcards);
  note('revoked_keys', counts.revoked);
  note('authority_keys', counts.authority);
  note('unreadable_lines', unreadableLines.length);
  return {
    machines: [...new Set(groups.values())].map(({ line, address, keys }) => {
      const bracketed = /^\[([^\]]+)\]:(\d+)$/.exec(address);
      const host = bracketed?.[1] ?? address;
      return {
        line,
        values: {
          name: host,
          hostname: host.includes(':') ? `[${host}]` : host,
          port: bracketed?.[2] ?? '22',
        },
        hostKeys: [...keys.values()]
          .slice(0, 20)
          .map(({ keyType, fingerprintSha256, publicKey }) => ({ keyType, fingerprintSha256, publicKey })),
      };
    }),
    notes,
  };
}
