import { toAppError, type AppError } from '../../../shared/domain/errors.ts';

/** The core gives at most so many at once. */
const mostAtOnce = 500;
const pageSize = 100;

export interface Paged<T> {
  /** What has been read so far; null before the first answer. */
  readonly items: readonly T[] | null;
  readonly total: number;
  readonly error: AppError | null;
  readonly busy: boolean;
  /** Forgets and reads from the start: the question has changed. */
  restart(): Promise<void>;
  /** Reads again what is shown. */
  refresh(): Promise<void>;
  /** Reads the next page; does nothing while reading or at the end. */
  more(): Promise<void>;
}

/** A list that is read by offset, page after page; an answer to an older question is dropped. */
export function createPaged<T extends { key: string }>(
  read: (page: { offset: number; limit: number }) => Promise<{ groups: T[]; total: number }>,
): Paged<T> {
  let items = $state.raw<readonly T[] | null>(null);
  let total = $state(0);
  let error = $state.raw<AppError | null>(null);
  let busy = $state(false);
  let round = 0;

  async function run(offset: number, limit: number): Promise<void> {
    const mine = ++round;
    busy = true;
    try {
      const answer = await read({ offset, limit });
      if (mine !== round) return;
      const kept = offset === 0 ? [] : (items ?? []);
      // eslint-disable-next-line svelte/prefer-svelte-reactivity -- local to this answer
      const known = new Set(kept.map(({ key }) => key));
      items = [...kept, ...answer.groups.filter(({ key }) => !known.has(key))];
      total = answer.total;
      error = null;
    } catch (thrown) {
      if (mine === round) error = toAppError(thrown);
    } finally {
      if (mine === round) busy = false;
    }
  }

  return {
    get items() {
      return items;
    },
    get total() {
      return total;
    },
    get error() {
      return error;
    },
    get busy() {
      return busy;
    },
    restart: () => run(0, pageSize),
    refresh: () => run(0, Math.min(mostAtOnce, Math.max(pageSize, items?.length ?? 0))),
    async more() {
      const read = items?.length ?? 0;
      if (!busy && read > 0 && read < total) await run(read, pageSize);
    },
  };
}
