import { noQuery, type ReportQuery } from './report-query.ts';

let value = $state.raw<ReportQuery>(noQuery);

/** What the list was last asked for: who comes back from a run finds the list as it was. */
export const reportQuery = {
  get value(): ReportQuery {
    return value;
  },
  set(change: Partial<ReportQuery>): void {
    value = { ...value, ...change };
  },
  clear(): void {
    value = noQuery;
  },
};
