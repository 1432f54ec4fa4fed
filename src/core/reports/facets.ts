import type { ReportFilter } from '../../shared/contract/reports.ts';
import type { ReportKind, ReportOutcome } from '../../shared/domain/unions.ts';

/**
 * What lists are filtered by, as words for the index of words. It then finds words and filters in one pass; asked for
 * each report that has the words, a filter that fits few reports would take seconds among 100,000.
 */
export interface Facets {
  readonly machineId: string | null;
  readonly kind: ReportKind;
  readonly outcome: ReportOutcome | null;
  readonly pinned: boolean;
}

const machineWord = (id: string): string => `m${id.replaceAll('-', '')}`;
const kindWord = (kind: ReportKind): string => `k${kind}`;
const outcomeWord = (outcome: ReportOutcome): string => `o${outcome}`;
const pinnedWord = (pinned: boolean): string => (pinned ? 'p1' : 'p0');

export function facetText(facets: Facets): string {
  const { machineId, kind, outcome, pinned } = facets;
  return [
    machineId === null ? [] : machineWord(machineId),
    kindWord(kind),
    outcome === null ? [] : outcomeWord(outcome),
    pinnedWord(pinned),
  ]
    .flat()
    .join(' ');
}

/** An expression of FTS5 for words (one of `searchExpression`) and filters; times are no words and stay outside. */
export function facetedExpression(words: string, filter: ReportFilter): string {
  const { machineId, kind, outcome, pinned } = filter;
  const facets = [
    machineId === undefined ? [] : machineWord(machineId),
    kind === undefined ? [] : kindWord(kind),
    outcome === undefined ? [] : outcomeWord(outcome),
    pinned === undefined ? [] : pinnedWord(pinned),
  ].flat();
  return [`({title body} : (${words}))`, ...facets.map((facet) => `(facets : "${facet}")`)].join(' AND ');
}
