import type { Job } from '../../../shared/contract/models.ts';
import type { QueueState } from '../../../shared/contract/queue.ts';
import {
  byTurn,
  waitReasons,
  type QueuedJob,
  type QueueHolds,
  type WaitReason,
} from '../../../shared/domain/job-queue.ts';

export const shownParts = ['all', 'running', 'waiting', 'done', 'failed'] as const;
export type ShownPart = (typeof shownParts)[number];
export const sections = ['running', 'waiting', 'done'] as const;
export type Section = (typeof sections)[number];

export type JobTableRow =
  | { readonly kind: 'head'; readonly section: Section; readonly count: number; readonly isWhole: boolean }
  | { readonly kind: 'job'; readonly section: Section; readonly job: Job; readonly place: Place | null };

/** Where a waiting job stands: why it waits, and which moves are left within its machine. */
export interface Place {
  readonly reason: WaitReason;
  readonly index: number;
  readonly of: number;
}

/** As the core names it: a machine's id, or `app`. */
const partitionOf = (job: Job): string => job.machineId ?? 'app';

const queued = (job: Job): QueuedJob => ({
  id: job.id,
  partition: partitionOf(job),
  priority: job.priority,
  createdAt: job.createdAt,
  notBefore: job.notBefore,
  attempt: job.attempt,
  maxAttempts: job.maxAttempts,
  errorKind: job.error?.kind ?? null,
});

const holdsOf = (state: QueueState): QueueHolds => ({
  pausedAt: state.pausedAt,
  pausedMachines: new Map(state.pausedMachines.map(({ machineId, pausedAt }) => [machineId, pausedAt])),
  locks: new Map(state.locks.map(({ machineId, jobId, kind, until }) => [machineId, { jobId, kind, until }])),
  vaultMachines: new Set(state.vaultMachineIds),
  concurrency: state.concurrency,
});

/** The waiting jobs in the order of their places, with why each waits. */
export function placesOf(active: readonly Job[], state: QueueState | null, now: string): Map<string, Place> {
  // What holds the queue is not known yet: nothing is said of why.
  if (state === null) return new Map();
  const waiting = active.filter(({ status }) => status === 'queued').map(queued);
  const running = new Map(
    active.filter(({ status }) => status === 'running').map((job) => [partitionOf(job), job.id]),
  );
  const reasons = waitReasons(waiting, running, holdsOf(state), now);
  const counts = new Map<string, number>();
  const places = new Map<string, Place>();
  for (const { partition } of waiting) counts.set(partition, (counts.get(partition) ?? 0) + 1);
  const seen = new Map<string, number>();
  for (const job of [...waiting].sort(byTurn)) {
    const index = seen.get(job.partition) ?? 0;
    seen.set(job.partition, index + 1);
    const reason = reasons.get(job.id);
    if (reason) places.set(job.id, { reason, index, of: counts.get(job.partition) ?? 1 });
  }
  return places;
}

/** The rows of the page: each part with a head that counts it. `isAllDone`: there are no older ones than `done`. */
export function tableRows(
  parts: {
    readonly running: readonly Job[];
    readonly waiting: readonly Job[];
    readonly done: readonly Job[];
  },
  places: ReadonlyMap<string, Place>,
  shown: ShownPart,
  isAllDone: boolean,
): JobTableRow[] {
  const wanted = shown === 'all' ? sections : shown === 'failed' ? (['done'] as const) : [shown];
  return wanted.flatMap((section): JobTableRow[] => {
    const jobs = parts[section];
    if (jobs.length === 0) return [];
    const isWhole = section !== 'done' || isAllDone;
    return [
      { kind: 'head', section, count: jobs.length, isWhole },
      ...jobs.map((job): JobTableRow => ({ kind: 'job', section, job, place: places.get(job.id) ?? null })),
    ];
  });
}

/** Waiting jobs as they will come: who stands first on its machine before who stands second, the older first. */
export function inOrder(waiting: readonly Job[], places: ReadonlyMap<string, Place>): Job[] {
  const indexOf = ({ id }: Job): number => places.get(id)?.index ?? 0;
  return [...waiting].sort(
    (a, b) => indexOf(a) - indexOf(b) || (a.createdAt < b.createdAt ? -1 : 1) || (a.id < b.id ? -1 : 1),
  );
}

/** The place of each job among those that are shown, counted from 1. */
export function positionsOf(rows: readonly JobTableRow[]): Map<string, number> {
  const positions = new Map<string, number>();
  for (const row of rows) if (row.kind === 'job') positions.set(row.job.id, positions.size + 1);
  return positions;
}
