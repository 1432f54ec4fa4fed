import type { ReportFilter } from '../../../shared/contract/reports.ts';
import type { ReportOutcome } from '../../../shared/domain/unions.ts';

/** Kinds of reports that something writes today. */
export const shownKinds = ['machine', 'global'] as const;
export const timeSpans = ['any', 'day', 'week', 'month', 'year'] as const;
export type TimeSpan = (typeof timeSpans)[number];

/** What the list of reports is asked for; an empty text means all. */
export interface ReportQuery {
  readonly text: string;
  readonly machineId: string;
  readonly kind: (typeof shownKinds)[number] | '';
  readonly outcome: ReportOutcome | '';
  readonly time: TimeSpan;
  readonly pinnedOnly: boolean;
}

export const noQuery: ReportQuery = {
  text: '',
  machineId: '',
  kind: '',
  outcome: '',
  time: 'any',
  pinnedOnly: false,
};

const spanDays: Record<Exclude<TimeSpan, 'any'>, number> = { day: 1, week: 7, month: 30, year: 365 };
const dayMs = 86_400_000;

export function filterOf(query: ReportQuery, nowMs: number): ReportFilter {
  const { machineId, kind, outcome, time, pinnedOnly } = query;
  const text = query.text.trim().slice(0, 200);
  return {
    ...(text === '' ? {} : { text }),
    ...(machineId === '' ? {} : { machineId }),
    ...(kind === '' ? {} : { kind }),
    ...(outcome === '' ? {} : { outcome }),
    ...(time === 'any' ? {} : { from: new Date(nowMs - spanDays[time] * dayMs).toISOString() }),
    ...(pinnedOnly ? { pinned: true } : {}),
  };
}

/** How many filters are set besides the words. */
export function filterCount(query: ReportQuery): number {
  const { machineId, kind, outcome, time, pinnedOnly } = query;
  return [machineId !== '', kind !== '', outcome !== '', time !== 'any', pinnedOnly].filter(Boolean).length;
}
