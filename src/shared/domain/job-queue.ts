import type { ErrorKind } from './errors.ts';
import type { LockKind } from './unions.ts';

/** What the order of the queue is made of. A partition is a machine's id, or `app` for work of the application. */
export interface QueuedJob {
  readonly id: string;
  readonly partition: string;
  readonly priority: number;
  /** ISO 8601 UTC. */
  readonly createdAt: string;
  /** A failed attempt is made again, not before this moment (ISO 8601 UTC). */
  readonly notBefore: string | null;
  readonly attempt: number;
  readonly maxAttempts: number;
  /** Why the last attempt failed. */
  readonly errorKind: ErrorKind | null;
}

/** What holds jobs back besides each other. Times are ISO 8601 UTC. */
export interface QueueHolds {
  readonly pausedAt: string | null;
  readonly pausedMachines: ReadonlyMap<string, string>;
  /** Locks that hold now, by machine: by whom, of what kind, until when (null: until it is given back). */
  readonly locks: ReadonlyMap<string, { jobId: string; kind: LockKind; until: string | null }>;
  /** Machines that cannot be reached before the vault is unlocked. */
  readonly vaultMachines: ReadonlySet<string>;
  readonly concurrency: number;
}

/** Why a queued job has not started; `next` when nothing keeps it any more. */
export type WaitReason =
  | { readonly code: 'paused'; readonly since: string }
  | { readonly code: 'machine_paused'; readonly since: string }
  | { readonly code: 'behind_job'; readonly jobId: string; readonly ahead: number }
  | { readonly code: 'vault_locked' }
  | { readonly code: 'machine_locked'; readonly kind: LockKind; readonly until: string | null }
  | {
      readonly code: 'backoff';
      readonly until: string;
      readonly attempt: number;
      readonly maxAttempts: number;
      readonly errorKind: ErrorKind | null;
    }
  | { readonly code: 'concurrency'; readonly running: number; readonly limit: number }
  | { readonly code: 'next' };

/** Order within a partition: priority, then first in, first out. Ids are UUIDs of version 7: they sort by time. */
export function byTurn(
  a: Pick<QueuedJob, 'id' | 'priority' | 'createdAt'>,
  b: Pick<QueuedJob, 'id' | 'priority' | 'createdAt'>,
): number {
  return b.priority - a.priority || compare(a.createdAt, b.createdAt) || compare(a.id, b.id);
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** The queued jobs of each partition in their order. */
export function partitionsOf<T extends QueuedJob>(queued: readonly T[]): Map<string, T[]> {
  const partitions = new Map<string, T[]>();
  for (const job of queued) {
    const waiting = partitions.get(job.partition);
    if (waiting) waiting.push(job);
    else partitions.set(job.partition, [job]);
  }
  for (const waiting of partitions.values()) if (waiting.length > 1) waiting.sort(byTurn);
  return partitions;
}

/** What keeps the first job of a partition in which nothing runs; undefined when only the global limit can. */
export function holdOf(job: QueuedJob, holds: QueueHolds, now: string): WaitReason | undefined {
  if (holds.pausedAt !== null) return { code: 'paused', since: holds.pausedAt };
  const since = holds.pausedMachines.get(job.partition);
  if (since !== undefined) return { code: 'machine_paused', since };
  const lock = holds.locks.get(job.partition);
  if (lock && lock.jobId !== job.id && (lock.until === null || lock.until > now)) {
    return { code: 'machine_locked', kind: lock.kind, until: lock.until };
  }
  if (job.notBefore !== null && job.notBefore > now) {
    const { notBefore: until, attempt, maxAttempts, errorKind } = job;
    return { code: 'backoff', until, attempt, maxAttempts, errorKind };
  }
  if (holds.vaultMachines.has(job.partition)) return { code: 'vault_locked' };
  return undefined;
}

/**
 * Why each queued job waits. A job behind another of its machine waits for that one, whatever that one waits for; only a
 * pause is told before, because it is what a person can end.
 * @param running partition → id of the job that runs there
 */
export function waitReasons(
  queued: readonly QueuedJob[],
  running: ReadonlyMap<string, string>,
  holds: QueueHolds,
  now: string,
): Map<string, WaitReason> {
  const reasons = new Map<string, WaitReason>();
  for (const [partition, waiting] of partitionsOf(queued)) {
    const runs = running.get(partition);
    waiting.forEach((job, index) => {
      const hold = holdOf(job, holds, now);
      const before = index > 0 ? waiting[index - 1]?.id : runs;
      const isPaused = hold?.code === 'paused' || hold?.code === 'machine_paused';
      if (before !== undefined && !isPaused) {
        const ahead = index + (runs === undefined ? 0 : 1);
        reasons.set(job.id, { code: 'behind_job', jobId: before, ahead });
      } else if (hold) reasons.set(job.id, hold);
      else if (running.size >= holds.concurrency) {
        reasons.set(job.id, { code: 'concurrency', running: running.size, limit: holds.concurrency });
      } else reasons.set(job.id, { code: 'next' });
    });
  }
  return reasons;
}

export const queueMoves = ['first', 'earlier', 'later', 'last'] as const;
export type QueueMove = (typeof queueMoves)[number];

/**
 * The priorities that put one job of a partition elsewhere in its order; only what changes. The lowest stays what it is, so
 * that a job queued afterwards still comes last.
 */
export function prioritiesAfterMove(
  waiting: readonly QueuedJob[],
  jobId: string,
  move: QueueMove,
): Map<string, number> {
  const order = [...waiting].sort(byTurn);
  const from = order.findIndex(({ id }) => id === jobId);
  const [job] = from < 0 ? [] : order.splice(from, 1);
  if (!job) return new Map();
  const to = { first: 0, earlier: Math.max(0, from - 1), later: from + 1, last: order.length }[move];
  order.splice(to, 0, job);
  const lowest = Math.min(...order.map(({ priority }) => priority));
  const changed = new Map<string, number>();
  order.forEach(({ id, priority }, index) => {
    const wanted = lowest + order.length - 1 - index;
    if (wanted !== priority) changed.set(id, wanted);
  });
  return changed;
}
