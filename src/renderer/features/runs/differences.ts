import type { ExecutionDetail } from '../../../shared/contract/models.ts';
import type { ExplanationCode } from '../../../shared/domain/unions.ts';

/** Packages that differ from the plan for one reason. */
export interface Difference {
  kind: 'extra' | 'missing';
  code: ExplanationCode;
  /** What did it: a command line of the host, or a package; null where it is not told. */
  by: string | null;
  names: string[];
}

/** What differs from the plan, one entry per reason; what nobody approved comes first. */
export function differences(run: Pick<ExecutionDetail, 'extra' | 'missing'>): Difference[] {
  const found = new Map<string, Difference>();
  const add = (kind: Difference['kind'], one: ExecutionDetail['extra' | 'missing'][number]): void => {
    const { code, by } = one.explanation;
    const key = `${kind} ${code} ${by ?? ''}`;
    const known = found.get(key);
    if (known) known.names.push(one.name);
    else found.set(key, { kind, code, by, names: [one.name] });
  };
  for (const one of run.extra) add('extra', one);
  for (const one of run.missing) add('missing', one);
  for (const one of found.values()) one.names = [...new Set(one.names)].sort();
  return [...found.values()];
}
