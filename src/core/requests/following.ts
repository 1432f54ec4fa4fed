import { isFinalStatus } from '../../shared/domain/job-moves.ts';
import type { JobStatus } from '../../shared/domain/unions.ts';
import { isoNow, type CoreContext } from '../context.ts';
import type { RecordRequest } from './record.ts';
import * as store from './store.ts';

/** The longest wait of the timer: a clock that was set is noticed by then. */
const LONGEST_WAIT_MS = 60_000;

export interface Following {
  readonly isOverdue: (row: store.RequestRow) => boolean;
  expire(row: store.RequestRow): void;
  /** Sets the timer anew: a request was made. */
  watchExpiry(): void;
  start(): void;
  close(): void;
}

/** Lets requests expire in their time, and notes when the work of approved ones has ended. */
export function createFollowing(
  context: CoreContext,
  record: RecordRequest,
  news: (requestId: string) => void,
): Following {
  const { database, bus } = context;
  let timer: NodeJS.Timeout | undefined;
  let isClosed = false;

  function expire(row: store.RequestRow): void {
    const now = isoNow(context);
    database.tx(() => {
      store.decide(context, row.id, null, { status: 'expired', decidedAt: now });
      record(row, 'expired', {});
    });
    news(row.id);
  }

  function watchExpiry(): void {
    clearTimeout(timer);
    if (isClosed) return;
    try {
      for (const row of store.overdue(context, isoNow(context))) expire(row);
      const next = store.nextExpiry(context);
      if (next === null) return;
      const waitMs = Date.parse(next) - context.now().getTime();
      timer = setTimeout(watchExpiry, Math.min(LONGEST_WAIT_MS, Math.max(0, waitMs) + 1));
    } catch (error) {
      context.log.error('Requests could not be expired; trying again', { error: String(error) });
      timer = setTimeout(watchExpiry, LONGEST_WAIT_MS);
    }
    timer.unref();
  }

  /** Notes that the work of an approved request has ended. */
  function follow(row: store.RequestRow | undefined): void {
    if (!row) return;
    const { status, executionId } = store.workOf(context, row);
    const hasEnded =
      status === null || (row.bulkRunId === null ? isFinalStatus(status as JobStatus) : status !== 'running');
    if (hasEnded) {
      database.tx(() => {
        store.patchRequest(context, row.id, { status: 'executed', executionId });
        record(row, 'executed', { status, executionId }, row.jobId ?? undefined);
      });
    }
    news(row.id);
  }

  function followed(work: { jobId: string } | { bulkRunId: string }): void {
    try {
      follow(store.requestOfWork(context, work));
    } catch (error) {
      // It says approved until the next start looks again.
      context.log.error('A request could not be followed', { ...work, error: String(error) });
    }
  }
  const stops = [
    bus.subscribe('job.changed', ({ jobId }) => followed({ jobId })),
    bus.subscribe('bulk.changed', ({ bulkId }) => followed({ bulkRunId: bulkId })),
  ];

  return {
    isOverdue: ({ expiresAt }) => expiresAt !== null && expiresAt <= isoNow(context),
    expire,
    watchExpiry,
    start() {
      for (const row of store.atWork(context)) follow(row);
      watchExpiry();
    },
    close() {
      isClosed = true;
      clearTimeout(timer);
      for (const stop of stops) stop();
    },
  };
}
