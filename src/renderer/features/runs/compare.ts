import type { AppliedPackage, ExecutionDetail } from '../../../shared/contract/models.ts';

/** Two runs side by side: what one changed and what the other did. `first` and `second` are as the reader chose them. */

export type Relation = 'same' | 'different' | 'onlyFirst' | 'onlySecond';

export interface PackagePair {
  /** `name`, or `name:arch` where a name stands for more than one architecture. */
  readonly name: string;
  readonly first: AppliedPackage | null;
  readonly second: AppliedPackage | null;
  readonly relation: Relation;
}

type Changes = Pick<ExecutionDetail, 'applied'>;

const order: Record<Relation, number> = { different: 0, onlyFirst: 1, onlySecond: 2, same: 3 };

/**
 * What both runs changed, package by package, what differs first. The same = done the same way to the same version;
 * from which version is shown and does not count, because two machines rarely start from the same one.
 */
export function packagePairs(first: Changes, second: Changes): PackagePair[] {
  const changes = (run: Changes): AppliedPackage[] =>
    run.applied.filter((one) => one.operation !== 'unchanged');
  const keyOf = (one: AppliedPackage): string => `${one.name}:${one.arch ?? ''}`;
  const byKey = (run: Changes): Map<string, AppliedPackage> =>
    new Map(changes(run).map((one) => [keyOf(one), one]));
  const [inFirst, inSecond] = [byKey(first), byKey(second)];
  const keysOfName = new Map<string, Set<string>>();
  for (const [key, { name }] of [...inFirst, ...inSecond]) {
    keysOfName.set(name, (keysOfName.get(name) ?? new Set()).add(key));
  }
  return [...new Set([...inFirst.keys(), ...inSecond.keys()])]
    .map((key): PackagePair => {
      const [one, other] = [inFirst.get(key) ?? null, inSecond.get(key) ?? null];
      const { name, arch } = (one ?? other)!;
      const isTwice = (keysOfName.get(name)?.size ?? 1) > 1 && arch !== null;
      return {
        name: isTwice ? `${name}:${arch}` : name,
        first: one,
        second: other,
        relation: relationOf(one, other),
      };
    })
    .sort((a, b) => order[a.relation] - order[b.relation] || (a.name < b.name ? -1 : 1));
}

function relationOf(one: AppliedPackage | null, other: AppliedPackage | null): Relation {
  if (one === null) return 'onlySecond';
  if (other === null) return 'onlyFirst';
  return one.operation === other.operation && one.toVersion === other.toVersion ? 'same' : 'different';
}

export interface Shared {
  readonly both: readonly string[];
  readonly first: readonly string[];
  readonly second: readonly string[];
}

/** Lines that both have, and those that one of them has alone, each once and in the order of the run. */
export function sharedLines(first: readonly string[], second: readonly string[]): Shared {
  const [one, other] = [new Set(first), new Set(second)];
  return {
    both: [...one].filter((line) => other.has(line)),
    first: [...one].filter((line) => !other.has(line)),
    second: [...other].filter((line) => !one.has(line)),
  };
}

/** Milliseconds that a run took; null while it goes on. */
export function durationOf(run: Pick<ExecutionDetail, 'startedAt' | 'finishedAt'>): number | null {
  return run.finishedAt === null ? null : Math.max(0, Date.parse(run.finishedAt) - Date.parse(run.startedAt));
}

/** Milliseconds of a step; null where it did not run or has not ended. */
export function stepMs(run: Pick<ExecutionDetail, 'steps'>, name: string): number | null {
  const step = run.steps.find((one) => one.name === name);
  if (!step || step.startedAt === null || step.finishedAt === null || step.status === 'skipped') return null;
  return Math.max(0, Date.parse(step.finishedAt) - Date.parse(step.startedAt));
}

type Candidate = Pick<ExecutionDetail, 'id' | 'startedAt'> & { action: string };

/** The run to compare with by itself: the newest earlier one of the same action, else the newest earlier one. */
export function usualPartner<R extends Candidate>(run: Candidate, others: readonly R[]): R | null {
  const earlier = others
    .filter((one) => one.id !== run.id && one.startedAt <= run.startedAt)
    .sort((a, b) => (a.startedAt < b.startedAt ? 1 : -1));
  return earlier.find((one) => one.action === run.action) ?? earlier[0] ?? null;
}
