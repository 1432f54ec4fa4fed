import type { ExecutionDetail } from '../../../shared/contract/models.ts';
import type { ExplanationCode } from '../../../shared/domain/unions.ts';

/** One package of a run: what was planned beside what really happened. */
export interface OutcomeRow {
  /** `name`, or `name:arch` where a name stands twice. */
  name: string;
  planned: { operation: string; to: string | null } | null;
  applied: { operation: string; from: string | null; to: string | null } | null;
  /** `pending` only while the run has not ended. `different` = changed, but not as planned. */
  verdict: 'done' | 'missing' | 'extra' | 'different' | 'pending';
  /** Why it is not as planned, where the run found that out. */
  why: ExplanationCode | null;
}

type Run = Pick<ExecutionDetail, 'planned' | 'applied' | 'status'> &
  Partial<Pick<ExecutionDetail, 'extra' | 'missing'>>;

const fulfils: Record<string, string> = { upgraded: 'upgrade', installed: 'install', removed: 'remove' };
const order: Record<OutcomeRow['verdict'], number> = {
  extra: 0,
  different: 1,
  missing: 2,
  pending: 3,
  done: 4,
};

/**
 * Joins the plan with dpkg's own list of changes, the surprising rows first. What was held in the plan was never to be
 * changed, so it only shows when it did change. A run that ended without a list of changes (`applied` empty and not `ok`)
 * still says missing: nothing is painted as done without evidence.
 */
export function outcomeRows(run: Run): OutcomeRow[] {
  const rows = new Map<string, OutcomeRow>();
  const key = (one: { name: string; arch: string | null }): string => `${one.name}:${one.arch ?? ''}`;
  const names = new Map<string, Set<string>>();
  for (const one of [...run.planned, ...run.applied]) {
    names.set(one.name, (names.get(one.name) ?? new Set()).add(key(one)));
  }
  const label = (one: { name: string; arch: string | null }): string =>
    (names.get(one.name)?.size ?? 1) > 1 && one.arch !== null ? `${one.name}:${one.arch}` : one.name;

  const whys = new Map(
    [...(run.extra ?? []), ...(run.missing ?? [])].map((one) => [key(one), one.explanation.code]),
  );

  for (const one of run.planned) {
    if (one.operation === 'hold') continue;
    rows.set(key(one), {
      name: label(one),
      planned: { operation: one.operation, to: one.targetVersion },
      applied: null,
      verdict: run.status === 'running' ? 'pending' : 'missing',
      why: whys.get(key(one)) ?? null,
    });
  }
  for (const one of run.applied) {
    if (one.operation === 'unchanged') continue;
    const existing = rows.get(key(one)) ?? rows.get(`${one.name}:`);
    const applied = { operation: one.operation, from: one.fromVersion, to: one.toVersion };
    if (!existing) {
      rows.set(key(one), {
        name: label(one),
        planned: null,
        applied,
        verdict: 'extra',
        why: whys.get(key(one)) ?? null,
      });
      continue;
    }
    const asPlanned =
      fulfils[one.operation] === existing.planned?.operation &&
      (one.operation === 'removed' ||
        existing.planned?.to === null ||
        existing.planned?.to === one.toVersion);
    existing.applied = applied;
    existing.verdict = asPlanned ? 'done' : 'different';
  }
  return [...rows.values()].sort(
    (a, b) => order[a.verdict] - order[b.verdict] || (a.name < b.name ? -1 : a.name > b.name ? 1 : 0),
  );
}
