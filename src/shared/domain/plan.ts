import type { AptPackage } from './snapshot.ts';

/**
 * The canonical lines of a plan, `OP NAME:ARCH FROM TO`, sorted by bytes: OP is upgrade, install or remove, and `-` stands
 * for what there is not (no version before an installation or after a removal; no architecture where APT names none).
 * The change script makes the same lines from APT's simulation with awk and compares byte for byte.
 */
export function planLines(packages: readonly AptPackage[]): string[] {
  return packages
    .filter((item) => item.operation !== 'hold')
    .map((item) => {
      const name = `${item.name}:${item.arch ?? '-'}`;
      if (item.operation === 'remove') return `remove ${name} ${item.currentVersion ?? '-'} -`;
      const operation = item.currentVersion === null ? 'install' : 'upgrade';
      return `${operation} ${name} ${item.currentVersion ?? '-'} ${item.targetVersion}`;
    })
    .sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
}

/** What is hashed: the canonical lines, each ended by a newline. An empty plan is the empty text. */
export function planText(packages: readonly AptPackage[]): string {
  return planLines(packages)
    .map((line) => `${line}\n`)
    .join('');
}
