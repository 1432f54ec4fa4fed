/**
 * Debian version numbers: `[epoch:]upstream[-revision]`, compared as Debian Policy 5.6.12 says.
 * `epoch` is an integer of up to 31 bits; the revision is what follows the last hyphen.
 */
export interface DebianVersion {
  readonly epoch: number;
  readonly upstream: string;
  readonly revision: string;
}

/** The parts of a version, or null when dpkg would refuse it. */
export function parseDebianVersion(text: string): DebianVersion | null {
  const colon = text.indexOf(':');
  const epochText = colon === -1 ? '0' : text.slice(0, colon);
  if (!/^[0-9]+$/.test(epochText)) return null;
  const epoch = Number(epochText);
  if (epoch > 0x7fffffff) return null;
  const rest = text.slice(colon + 1);
  const hyphen = rest.lastIndexOf('-');
  const upstream = hyphen === -1 ? rest : rest.slice(0, hyphen);
  const revision = hyphen === -1 ? '' : rest.slice(hyphen + 1);
  if (!/^[0-9][A-Za-z0-9.+:~-]*$/.test(upstream)) return null;
  if (hyphen !== -1 && !/^[A-Za-z0-9.+~]+$/.test(revision)) return null;
  return { epoch, upstream, revision };
}

/**
 * Negative, zero or positive as `a` is older than, the same as, or newer than `b`. A total order on all texts: what is no
 * version at all is read as an upstream version, so that sorting never fails.
 */
export function compareDebianVersions(a: string, b: string): number {
  const left = parseDebianVersion(a) ?? { epoch: 0, upstream: a, revision: '' };
  const right = parseDebianVersion(b) ?? { epoch: 0, upstream: b, revision: '' };
  return (
    Math.sign(left.epoch - right.epoch) ||
    compareParts(left.upstream, right.upstream) ||
    compareParts(left.revision, right.revision)
  );
}

/** Alternates between a stretch of non-digits and a stretch of digits, as the policy's algorithm does. */
function compareParts(a: string, b: string): number {
  let i = 0;
  let j = 0;
  while (i < a.length || j < b.length) {
    while ((i < a.length && !isDigit(a, i)) || (j < b.length && !isDigit(b, j))) {
      const difference = weight(a, i) - weight(b, j);
      if (difference !== 0) return Math.sign(difference);
      // Equal weights here are one and the same character, so both sides move.
      i += 1;
      j += 1;
    }
    const [left, nextI] = digits(a, i);
    const [right, nextJ] = digits(b, j);
    if (left.length !== right.length) return left.length < right.length ? -1 : 1;
    if (left !== right) return left < right ? -1 : 1;
    i = nextI;
    j = nextJ;
  }
  return 0;
}

function isDigit(text: string, at: number): boolean {
  const code = text.charCodeAt(at);
  return code >= 48 && code <= 57;
}

/** `~` before the end, the end (and digits) before letters, letters before everything else. */
function weight(text: string, at: number): number {
  if (at >= text.length || isDigit(text, at)) return 0;
  const code = text.charCodeAt(at);
  if (code === 126) return -1;
  const isLetter = (code >= 65 && code <= 90) || (code >= 97 && code <= 122);
  return isLetter ? code : code + 256;
}

/** The digits at a place without leading zeros (compared as numbers of any length), and where they end. */
function digits(text: string, from: number): [string, number] {
  let end = from;
  while (end < text.length && isDigit(text, end)) end += 1;
  let start = from;
  while (start < end && text.charCodeAt(start) === 48) start += 1;
  return [text.slice(start, end), end];
}
