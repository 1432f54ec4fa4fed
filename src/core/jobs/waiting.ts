import { and, eq } from 'drizzle-orm';
import {
  holdOf,
  partitionsOf,
  waitReasons,
  type QueuedJob,
  type QueueHolds,
  type WaitReason,
} from '../../shared/domain/job-queue.ts';
import type { ErrorKind } from '../../shared/domain/errors.ts';
import { isoNow, type CoreContext } from '../context.ts';
import { jobs } from '../db/schema/index.ts';

type Ctx = Pick<CoreContext, 'database' | 'now'>;
type Light = [string, string, number, string, string | null, number, number, ErrorKind | null];

/** Every queued job in the order of its creation: what the order is made of and nothing else, because it is read at each start. */
export function queuedJobs({ database }: Pick<CoreContext, 'database'>): QueuedJob[] {
  const rows = database.raw
    .prepare(
      `select id, partition_key, priority, created_at, not_before, attempt, max_attempts, error_kind
       from jobs where status = 'queued' order by created_at`,
    )
    .raw()
    .all() as Light[];
  return rows.map(
    ([id, partition, priority, createdAt, notBefore, attempt, maxAttempts, errorKind]): QueuedJob => ({
      id,
      partition,
      priority,
      createdAt,
      notBefore,
      attempt,
      maxAttempts,
      errorKind,
    }),
  );
}

/** The queued jobs of one machine in their order. */
export function queuedOfPartition(context: Ctx, partition: string): QueuedJob[] {
  return queuedJobs(context).filter((job) => job.partition === partition);
}

/** Partition → the job that runs there. */
export function runningJobs({ database }: Pick<CoreContext, 'database'>): Map<string, string> {
  const rows = database.db
    .select({ id: jobs.id, partition: jobs.partitionKey })
    .from(jobs)
    .where(eq(jobs.status, 'running'))
    .all();
  return new Map(rows.map(({ id, partition }) => [partition, id]));
}

export interface Startable {
  /** Ids in the order in which they shall start, at most as many as asked for. */
  readonly ids: string[];
  /** The next moment at which something that waits for a moment can start (ISO 8601 UTC), or null. */
  readonly nextAt: string | null;
}

/**
 * The next jobs to start, one of a partition. Partitions take turns: who was served longest ago comes first, among equals the
 * oldest job. Priority counts within a partition only, so that no machine can starve another.
 * @param turns partition → when it had its last turn; a higher number is later
 */
export function nextStartable(
  context: Ctx,
  holds: QueueHolds,
  turns: ReadonlyMap<string, number>,
  limit: number,
): Startable {
  if (holds.pausedAt !== null || limit <= 0) return { ids: [], nextAt: null };
  const queued = queuedJobs(context);
  if (queued.length === 0) return { ids: [], nextAt: null };
  const running = runningJobs(context);
  const now = isoNow(context);
  const ready: QueuedJob[] = [];
  let nextAt: string | null = null;
  for (const [partition, [first]] of partitionsOf(queued)) {
    if (!first || running.has(partition)) continue;
    const hold = holdOf(first, holds, now);
    if (!hold) ready.push(first);
    else if ((hold.code === 'backoff' || hold.code === 'machine_locked') && hold.until !== null) {
      if (nextAt === null || hold.until < nextAt) nextAt = hold.until;
    }
  }
  // What was read is in the order of creation, and sorting keeps it among equals.
  ready.sort((a, b) => (turns.get(a.partition) ?? 0) - (turns.get(b.partition) ?? 0));
  return { ids: ready.slice(0, limit).map(({ id }) => id), nextAt };
}

/** Why each queued job waits now. */
export function reasonsNow(context: Ctx, holds: QueueHolds): Map<string, WaitReason> {
  return waitReasons(queuedJobs(context), runningJobs(context), holds, isoNow(context));
}

/** Gives jobs their priorities; what has started meanwhile keeps its own. */
export function setPriorities(context: Ctx, priorities: ReadonlyMap<string, number>): void {
  for (const [id, priority] of priorities) {
    context.database.db
      .update(jobs)
      .set({ priority, updatedAt: isoNow(context) })
      .where(and(eq(jobs.id, id), eq(jobs.status, 'queued')))
      .run();
  }
}
