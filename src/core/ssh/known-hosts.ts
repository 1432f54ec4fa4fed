import { createHmac, createHash } from 'node:crypto';

export interface KnownHostEntry {
  /** 1-based line in the file. */
  readonly line: number;
  /** What the line is about: a host's own key, a key never to be trusted, or a certificate authority. */
  readonly marker: 'host' | 'revoked' | 'cert-authority';
  /** The patterns as written: names, `[name]:port`, wildcards, `!` negations; or one hash. */
  readonly patterns: readonly string[];
  readonly hashed: boolean;
  readonly keyType: string;
  /** base64 of the wire format. */
  readonly publicKey: string;
  readonly fingerprintSha256: string;
  /** Whether ssh would take this line for that host. Names are compared without case. */
  matches(hostname: string, port: number): boolean;
}

export interface KnownHosts {
  readonly entries: readonly KnownHostEntry[];
  /** Lines that are neither empty, comment nor entry; 1-based. */
  readonly unreadableLines: readonly number[];
}

/** Larger files are not read to the end: a known_hosts of this size is none. */
const maxLines = 100_000;
const maxLineLength = 64 * 1024;

/** Reads the text of a known_hosts file; format: sshd(8), "SSH_KNOWN_HOSTS FILE FORMAT". Never throws. */
export function parseKnownHosts(text: string): KnownHosts {
  const entries: KnownHostEntry[] = [];
  const unreadableLines: number[] = [];
  const lines = text.split('\n', maxLines);
  for (const [index, raw] of lines.entries()) {
    const line = raw.length > maxLineLength ? '?' : raw.trim();
    if (line === '' || line.startsWith('#')) continue;
    const entry = parseLine(line, index + 1);
    if (entry === null) unreadableLines.push(index + 1);
    else entries.push(entry);
  }
  return { entries, unreadableLines };
}

function parseLine(text: string, line: number): KnownHostEntry | null {
  const fields = text.split(/[ \t]+/);
  const first = fields[0] ?? '';
  const marker =
    first === '@revoked' ? 'revoked' : first === '@cert-authority' ? 'cert-authority' : ('host' as const);
  if (first.startsWith('@') && marker === 'host') return null;
  if (marker !== 'host') fields.shift();
  const [names = '', keyType = '', publicKey = ''] = fields;
  const key = readKey(keyType, publicKey);
  if (key === null) return null;
  const patterns = names.split(',').filter((pattern) => pattern !== '');
  const [only] = patterns;
  if (only === undefined) return null;
  const hashed = names.startsWith('|1|');
  const test = hashed ? hashedTest(names) : patternTest(patterns);
  if (test === null) return null;
  return {
    line,
    marker,
    patterns,
    hashed,
    keyType,
    publicKey,
    fingerprintSha256: key.fingerprintSha256,
    matches: (hostname, port) => test(lookupName(hostname, port)),
  };
}

/** The fingerprint of a public key in base64, or null where it is not a whole key of that type. */
export function readKey(keyType: string, publicKey: string): { fingerprintSha256: string } | null {
  const wire = Buffer.from(publicKey, 'base64');
  // The key repeats its type; a line cut in the middle or a protocol 1 key fails here.
  const stated = wire.length >= 4 ? wire.readUInt32BE(0) : 0;
  if (stated === 0 || stated > 64 || wire.toString('latin1', 4, 4 + stated) !== keyType) return null;
  if (wire.toString('base64').replace(/=+$/, '') !== publicKey.replace(/=+$/, '')) return null;
  const digest = createHash('sha256').update(wire).digest('base64').replace(/=+$/, '');
  return { fingerprintSha256: `SHA256:${digest}` };
}

/** The name under which ssh looks a host up: `[host]:port` unless the port is 22. */
function lookupName(hostname: string, port: number): string {
  const name = hostname.toLowerCase().replace(/^\[(.*)\]$/, '$1');
  return port === 22 ? name : `[${name}]:${port}`;
}

/** `|1|salt|hash`: HMAC-SHA1 of the lookup name under the salt. */
function hashedTest(text: string): ((name: string) => boolean) | null {
  const [, salt, hash] = /^\|1\|([A-Za-z0-9+/=]+)\|([A-Za-z0-9+/=]+)$/.exec(text) ?? [];
  if (salt === undefined || hash === undefined) return null;
  const key = Buffer.from(salt, 'base64');
  const expected = Buffer.from(hash, 'base64');
  if (expected.length !== 20) return null;
  return (name) => createHmac('sha1', key).update(name).digest().equals(expected);
}

/** A host matches when a pattern does and no negated one does. */
function patternTest(patterns: readonly string[]): (name: string) => boolean {
  return (name) => {
    let found = false;
    for (const pattern of patterns) {
      const negated = pattern.startsWith('!');
      const bare = (negated ? pattern.slice(1) : pattern).toLowerCase();
      // `[name]:22` is a way to write `name`.
      if (!wildcardMatch(bare, name) && !wildcardMatch(bare.replace(/^\[(.*)\]:22$/, '$1'), name)) continue;
      if (negated) return false;
      found = true;
    }
    return found;
  };
}

/** `*` and `?` only; in time proportional to the product of the lengths. */
export function wildcardMatch(pattern: string, text: string): boolean {
  let patternAt = 0;
  let textAt = 0;
  let starAt = -1;
  let resumeAt = 0;
  while (textAt < text.length) {
    if (patternAt < pattern.length && pattern[patternAt] === '*') {
      starAt = patternAt;
      patternAt += 1;
      resumeAt = textAt;
    } else if (
      patternAt < pattern.length &&
      (pattern[patternAt] === '?' || pattern[patternAt] === text[textAt])
    ) {
      patternAt += 1;
      textAt += 1;
    } else if (starAt >= 0) {
      patternAt = starAt + 1;
      resumeAt += 1;
      textAt = resumeAt;
    } else return false;
  }
  while (pattern[patternAt] === '*') patternAt += 1;
  return patternAt === pattern.length;
}
