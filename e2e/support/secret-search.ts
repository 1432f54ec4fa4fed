import { lstat, open, readdir, readlink } from 'node:fs/promises';
import { join } from 'node:path';

/** Looks for secrets in bytes, files and whole folders. */

/** A secret and what to call it: findings name it and never quote it. */
export interface Secret {
  readonly label: string;
  readonly text: string;
}

interface Needle {
  readonly label: string;
  readonly bytes: Buffer;
}

/** A place where a secret stands: never the secret itself. */
export interface Finding {
  readonly label: string;
  readonly where: string;
}

export interface FileSearch {
  readonly findings: Finding[];
  /** Files read to their end, and their bytes: a search that read nothing proves nothing. */
  readonly files: number;
  readonly bytes: number;
  /** What could not be read, with the reason. */
  readonly unread: string[];
}

const shortest = 8;
/** Read at once: room for a large file, and for the many small ones no more than they need. */
const chunkBytes = { least: 64 * 1024, most: 4 * 1024 * 1024 };

/** The forms in which a careless program writes a text down. */
function formsOf(text: string): Buffer[] {
  const utf8 = Buffer.from(text, 'utf8');
  const inJson = JSON.stringify(text).slice(1, -1);
  const forms = [
    utf8,
    Buffer.from(inJson),
    Buffer.from(JSON.stringify(inJson).slice(1, -1)),
    Buffer.from(encodeURIComponent(text)),
    Buffer.from(utf8.toString('hex')),
    Buffer.from(utf8.toString('hex').toUpperCase()),
    Buffer.from(text, 'utf16le'),
    // Single-quoted for a shell.
    Buffer.from(text.replaceAll("'", `'\\''`)),
  ];
  // Base64 depends on where in the encoded text the secret begins; the characters at its ends belong to its neighbours too.
  for (const offset of [0, 1, 2]) {
    const padded = Buffer.concat([Buffer.alloc(offset), utf8])
      .toString('base64')
      .replaceAll('=', '');
    const whole = Math.floor(((offset + utf8.length) * 8) / 6);
    const inner = padded.slice(Math.ceil((offset * 8) / 6), whole);
    forms.push(Buffer.from(inner), Buffer.from(inner.replaceAll('+', '-').replaceAll('/', '_')));
  }
  const unique = new Map(forms.map((form) => [form.toString('latin1'), form]));
  return [...unique.values()];
}

/** Ready to search with. @throws when a secret is so short that it would be found by chance */
export function prepareSearch(secrets: readonly Secret[]): readonly Needle[] {
  return secrets.flatMap(({ label, text }) => {
    if (text.length < shortest) throw new Error(`${label} is too short to be searched for`);
    return formsOf(text).map((bytes) => ({ label, bytes }));
  });
}

/**
 * Where a needle may begin, by its first three bytes: hundreds of needles are looked for in one pass, as a pass for each takes
 * a minute over what a run of the suite writes.
 */
interface Beginnings {
  readonly isOne: Uint8Array;
  readonly needles: ReadonlyMap<number, readonly Needle[]>;
}
const known = new WeakMap<readonly Needle[], Beginnings>();

function beginningsOf(needles: readonly Needle[]): Beginnings {
  const before = known.get(needles);
  if (before) return before;
  const isOne = new Uint8Array(2 ** 24);
  const byBeginning = new Map<number, Needle[]>();
  for (const needle of needles) {
    const beginning = needle.bytes.readUIntBE(0, 3);
    isOne[beginning] = 1;
    byBeginning.set(beginning, [...(byBeginning.get(beginning) ?? []), needle]);
  }
  const beginnings = { isOne, needles: byBeginning };
  known.set(needles, beginnings);
  return beginnings;
}

/** Labels of the secrets that stand in these bytes. */
export function findIn(needles: readonly Needle[], bytes: Buffer): string[] {
  const { isOne, needles: byBeginning } = beginningsOf(needles);
  const found = new Set<string>();
  let lastThree = 0;
  for (let at = 0; at < bytes.length; at += 1) {
    lastThree = ((lastThree << 8) | bytes[at]!) & 0xff_ff_ff;
    if (isOne[lastThree] === 0 || at < 2) continue;
    for (const needle of byBeginning.get(lastThree) ?? []) {
      const end = at - 2 + needle.bytes.length;
      if (bytes.compare(needle.bytes, 0, needle.bytes.length, at - 2, Math.min(end, bytes.length)) === 0)
        found.add(needle.label);
    }
  }
  return [...found];
}

/** Labels of the secrets in a file, read in chunks that overlap by the longest needle. */
async function findInFile(
  needles: readonly Needle[],
  file: string,
): Promise<{ labels: string[]; bytes: number }> {
  const overlap = Math.max(0, ...needles.map((needle) => needle.bytes.length - 1));
  const handle = await open(file, 'r');
  try {
    const labels = new Set<string>();
    const { size } = await handle.stat();
    const room = Math.min(chunkBytes.most, Math.max(chunkBytes.least, size));
    const buffer = Buffer.allocUnsafe(room + overlap);
    let kept = 0;
    let total = 0;
    for (;;) {
      const { bytesRead } = await handle.read(buffer, kept, room, null);
      if (bytesRead === 0) return { labels: [...labels], bytes: total };
      total += bytesRead;
      const filled = kept + bytesRead;
      for (const label of findIn(needles, buffer.subarray(0, filled))) labels.add(label);
      const next = Math.min(overlap, filled);
      buffer.copyWithin(0, filled - next, filled);
      kept = next;
    }
  } finally {
    await handle.close();
  }
}

async function* entriesUnder(folder: string, excluded: ReadonlySet<string>): AsyncGenerator<string> {
  if (excluded.has(folder)) return;
  yield folder;
  for (const entry of await readdir(folder, { withFileTypes: true }).catch(absentIsEmpty)) {
    const path = join(folder, entry.name);
    if (excluded.has(path)) continue;
    if (entry.isDirectory()) yield* entriesUnder(path, excluded);
    else yield path;
  }
}

/** What disappears while it is being read was not left behind. */
function absentIsEmpty(error: NodeJS.ErrnoException): never[] {
  if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return [];
  throw error;
}

/**
 * Searches names and contents of everything under the folders. Sockets, pipes and devices have no content of their own; a
 * symbolic link is searched as the text that it is.
 */
export async function findInFolders(
  needles: readonly Needle[],
  folders: readonly string[],
  excluded: readonly string[] = [],
): Promise<FileSearch> {
  const result = { findings: [] as Finding[], files: 0, bytes: 0, unread: [] as string[] };
  for (const folder of folders) {
    for await (const path of entriesUnder(folder, new Set(excluded))) {
      for (const label of findIn(needles, Buffer.from(path))) {
        result.findings.push({ label, where: `a name under ${folder}` });
      }
      try {
        const info = await lstat(path);
        if (info.isSymbolicLink()) {
          const labels = findIn(needles, Buffer.from(await readlink(path)));
          result.findings.push(...labels.map((label) => ({ label, where: path })));
        } else if (info.isFile()) {
          const { labels, bytes } = await findInFile(needles, path);
          result.files += 1;
          result.bytes += bytes;
          result.findings.push(...labels.map((label) => ({ label, where: path })));
        }
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ENOENT')
          result.unread.push(`${path}: ${String(error)}`);
      }
    }
  }
  return result;
}

/** The lines of a private key that are its own: the first ones say the format and the public half. */
export function keySecrets(label: string, privateKey: string): Secret[] {
  const body = privateKey
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line.length >= 40 && !line.startsWith('-----'));
  return body.slice(-2).map((text, index) => ({ label: `${label}, line ${index + 1} of its end`, text }));
}
