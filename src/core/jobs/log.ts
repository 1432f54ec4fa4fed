import { asc, eq, sql } from 'drizzle-orm';
import type { JobLogCode, LogLevel } from '../../shared/domain/unions.ts';
import { isoNow, type CoreContext } from '../context.ts';
import { newId } from '../db/ids.ts';
import { jobLogs } from '../db/schema/index.ts';

type Ctx = Pick<CoreContext, 'database' | 'now'>;
export type JobLogRow = typeof jobLogs.$inferSelect;

export interface JobLogLine {
  readonly code: JobLogCode;
  readonly level?: LogLevel;
  /** One English sentence, for exports. Never a secret. */
  readonly message: string;
  /** Values for the catalogue's sentence. Never a secret. */
  readonly data?: Record<string, unknown>;
}

/** Appends a line to a job's log; call it inside the transaction of what it tells. */
export function addJobLog(context: Ctx, jobId: string, line: JobLogLine): void {
  const next = sql<number>`(select coalesce(max(seq), 0) + 1 from job_logs where job_id = ${jobId})`;
  context.database.db
    .insert(jobLogs)
    .values({
      id: newId(),
      jobId,
      seq: next,
      at: isoNow(context),
      level: line.level ?? 'info',
      message: line.message,
      code: line.code,
      dataJson: line.data ? JSON.stringify(line.data) : null,
    })
    .run();
}

/** The lines of a job's log in their order, at most 1,000. */
export function jobLog(context: Ctx, jobId: string): JobLogRow[] {
  return context.database.db
    .select()
    .from(jobLogs)
    .where(eq(jobLogs.jobId, jobId))
    .orderBy(asc(jobLogs.seq))
    .limit(1_000)
    .all();
}
