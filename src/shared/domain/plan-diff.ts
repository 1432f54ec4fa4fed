import type { AptPackage } from './snapshot.ts';

/** What sets one plan apart from another. */
export interface PlanDiff {
  /** Only in the new plan. */
  readonly added: readonly AptPackage[];
  /** Only in the old plan. */
  readonly gone: readonly AptPackage[];
  /** In both, but from or to another version, or with another operation. */
  readonly different: readonly { readonly before: AptPackage; readonly now: AptPackage }[];
}

const keyOf = (item: AptPackage): string => `${item.name}:${item.arch ?? '-'}`;
const operationOf = (item: AptPackage): string =>
  item.operation ?? (item.currentVersion === null ? 'install' : 'upgrade');

/**
 * Compares two plans, each in its own order. Origins do not count, as they do not for the plan's hash. A package is the same
 * by name and architecture; by its name alone where that is unique in both (APT names no architecture for a removal).
 */
export function planDiff(before: readonly AptPackage[], now: readonly AptPackage[]): PlanDiff {
  const old = before.filter((item) => item.operation !== 'hold');
  const added: AptPackage[] = [];
  const different: { before: AptPackage; now: AptPackage }[] = [];
  const unmatched = new Set(old);
  const find = (item: AptPackage): AptPackage | undefined => {
    const exact = old.find((other) => keyOf(other) === keyOf(item));
    if (exact) return exact;
    const named = old.filter((other) => other.name === item.name);
    const isUnique = now.filter((other) => other.name === item.name).length === 1;
    return isUnique && named.length === 1 ? named[0] : undefined;
  };
  for (const item of now) {
    if (item.operation === 'hold') continue;
    const match = find(item);
    if (!match) {
      added.push(item);
      continue;
    }
    unmatched.delete(match);
    if (!isSame(match, item)) different.push({ before: match, now: item });
  }
  return { added, gone: [...unmatched], different };
}

function isSame(a: AptPackage, b: AptPackage): boolean {
  if (operationOf(a) !== operationOf(b) || a.currentVersion !== b.currentVersion) return false;
  return operationOf(a) === 'remove' || (a.targetVersion === b.targetVersion && a.arch === b.arch);
}
