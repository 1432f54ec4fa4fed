import type { Job } from '../../../shared/contract/models.ts';
import { toAppError, type AppError } from '../../../shared/domain/errors.ts';
import type { ActionType, JobStatus } from '../../../shared/domain/unions.ts';
import { api } from '../../lib/api.ts';

const pageSize = 100;
export interface EndedFilter {
  readonly statuses: JobStatus[];
  readonly action: ActionType | undefined;
  /** Part of the machine's name. */
  readonly search: string;
}

/** Jobs that have ended, newest first, read in pages; what ends meanwhile is put before them. */
export function createEndedJobs() {
  let jobs = $state.raw<readonly Job[] | null>(null);
  let isComplete = $state(false);
  let error = $state.raw<AppError | null>(null);
  let isBusy = $state(false);
  let filter: EndedFilter = { statuses: [], action: undefined, search: '' };
  let generation = 0;

  async function read(after: Job | undefined): Promise<void> {
    const mine = ++generation;
    isBusy = true;
    try {
      const page = await api['jobs.list']({
        statuses: filter.statuses,
        limit: pageSize,
        ...(filter.action !== undefined && { action: filter.action }),
        ...(filter.search !== '' && { search: filter.search }),
        ...(after && { before: after.createdAt, beforeId: after.id }),
      });
      if (mine !== generation) return;
      const kept = after === undefined ? [] : (jobs ?? []);
      jobs = [...kept, ...page.jobs.filter(({ id }) => !kept.some((one) => one.id === id))];
      isComplete = page.jobs.length < pageSize;
      error = null;
    } catch (thrown) {
      if (mine === generation) error = toAppError(thrown);
    } finally {
      if (mine === generation) isBusy = false;
    }
  }

  return {
    /** Null until they were read once. */
    get jobs() {
      return jobs;
    },
    get isComplete() {
      return isComplete;
    },
    get error() {
      return error;
    },
    get isBusy() {
      return isBusy;
    },
    /** Reads the newest that pass the filter. */
    show(wanted: EndedFilter): void {
      filter = wanted;
      void read(undefined);
    },
    older(): void {
      if (!isBusy && !isComplete) void read(jobs?.at(-1));
    },
    again(): void {
      void read(undefined);
    },
    /** A job has ended now. */
    add(job: Job): void {
      const name = (job.machineName ?? '').toLowerCase();
      const passes =
        filter.statuses.includes(job.status) &&
        (filter.action === undefined || filter.action === job.action) &&
        name.includes(filter.search.toLowerCase());
      if (!passes || jobs === null) return;
      const others = jobs.filter(({ id }) => id !== job.id);
      const at = others.findIndex(({ createdAt }) => createdAt < job.createdAt);
      jobs = at < 0 ? [...others, job] : [...others.slice(0, at), job, ...others.slice(at)];
    },
  };
}
