import type { RequestSummary } from '../../../shared/contract/requests.ts';

/** What one run of a schedule asks about the same action on several machines, or a single request. */
export interface RequestGroup {
  readonly key: string;
  readonly requests: readonly RequestSummary[];
}

/** Requests by their run and action, each group where its first request stands. */
export function groupRequests(requests: readonly RequestSummary[]): RequestGroup[] {
  const groups = new Map<string, RequestSummary[]>();
  for (const request of requests) {
    const key = request.schedule === null ? request.id : `${request.schedule.runId} ${request.action}`;
    const group = groups.get(key);
    if (group) group.push(request);
    else groups.set(key, [request]);
  }
  return [...groups].map(([key, group]) => ({ key, requests: group }));
}

/** What all of them would change together. */
export function totalOf(requests: readonly RequestSummary[]): RequestSummary['changes'] {
  const sum = (count: (changes: RequestSummary['changes']) => number): number =>
    requests.reduce((total, { changes }) => total + count(changes), 0);
  return {
    upgrades: sum(({ upgrades }) => upgrades),
    installs: sum(({ installs }) => installs),
    removals: sum(({ removals }) => removals),
    security: sum(({ security }) => security),
  };
}
