import type { JobStatus } from './unions.ts';

/**
 * Every legal move of a job. What is not written here cannot happen: the same table makes the WHERE clause of the
 * guarded UPDATE. `requeue` is for idempotent actions found running after a crash.
 */
const moves = {
  queued: { start: 'running', cancel: 'cancelled', fail: 'error' },
  running: { succeed: 'ok', warn: 'warning', fail: 'error', cancel: 'cancelled', requeue: 'queued' },
  ok: {},
  warning: {},
  error: {},
  cancelled: {},
} as const satisfies Record<JobStatus, Partial<Record<string, JobStatus>>>;

export type JobMove = { [S in JobStatus]: keyof (typeof moves)[S] }[JobStatus];

/** The state that `move` leads to from `from`, or undefined where the move is illegal. */
export function nextStatus(from: JobStatus, move: JobMove): JobStatus | undefined {
  return (moves[from] as Partial<Record<JobMove, JobStatus>>)[move];
}

/** The states from which `move` is legal. */
export function statusesAllowing(move: JobMove): readonly JobStatus[] {
  return (Object.keys(moves) as JobStatus[]).filter((status) => nextStatus(status, move) !== undefined);
}

export function isFinalStatus(status: JobStatus): boolean {
  return Object.keys(moves[status]).length === 0;
}
