import type { AptPackage } from '../../shared/domain/snapshot.ts';

/** A package's archive as APT names the file: `NAME_VERSION_ARCH.deb`, what is awkward in a name as `%3a`. */
const archiveKey = (name: string, version: string, arch: string): string => `${name} ${version} ${arch}`;

const changes = (packages: readonly AptPackage[]): AptPackage[] =>
  packages.filter(({ operation }) => operation !== 'remove' && operation !== 'hold');

/** Bytes to fetch of each archive that `--print-uris` lists; null where a line cannot be read. */
function listedArchives(text: string): Map<string, number> | null {
  const listed = new Map<string, number>();
  for (const line of text.split('\n')) {
    if (!line.startsWith("'")) continue;
    const match = /^'([a-z0-9+]+):[^']*' ([^\s_]+)_([^\s_]+)_([^\s_]+)\.deb (\d+)(?: \S*)?$/i.exec(line);
    if (!match) return null;
    const [, scheme = '', name = '', version = '', arch = '', bytes = ''] = match;
    const isLocal = scheme === 'file' || scheme === 'copy' || scheme === 'cdrom';
    try {
      const key = archiveKey(decodeURIComponent(name), decodeURIComponent(version), decodeURIComponent(arch));
      listed.set(key, isLocal ? 0 : Number(bytes));
    } catch {
      // Not an encoding that we know: then it is not known which archive this is either.
      return null;
    }
  }
  return listed;
}

/**
 * Bytes that the safe plan would fetch, from the addresses that `apt-get --print-uris dist-upgrade` listed for the full one: the
 * sum over its packages, where the full plan brings all of them in the same version. Null, unknown, where it has another
 * one. An archive that is not listed is in the cache already and counts 0, as in the full plan.
 */
export function safeDownloadBytes(
  urisOutput: string,
  full: readonly AptPackage[],
  safe: readonly AptPackage[],
): number | null {
  const listed = listedArchives(urisOutput);
  if (!listed) return null;
  const keyOf = ({ name, targetVersion, arch }: AptPackage): string =>
    archiveKey(name, targetVersion, arch ?? '');
  const inFull = new Set(changes(full).map(keyOf));
  let sum = 0;
  for (const one of changes(safe)) {
    if (one.arch === undefined || !inFull.has(keyOf(one))) return null;
    sum += listed.get(keyOf(one)) ?? 0;
  }
  return Number.isSafeInteger(sum) ? sum : null;
}
