import { toAppError, type AppError } from '../../../shared/domain/errors.ts';

export interface Loaded<T> {
  /** The newest answer; kept while a newer one is on its way or has failed. */
  readonly value: T | null;
  readonly error: AppError | null;
  readonly busy: boolean;
  load(): Promise<void>;
}

/** Something that is read from the core, again whenever `load` is called; only the newest answer counts. */
export function createLoaded<T>(read: () => Promise<T>): Loaded<T> {
  let value = $state.raw<T | null>(null);
  let error = $state.raw<AppError | null>(null);
  let busy = $state(false);
  let round = 0;
  return {
    get value() {
      return value;
    },
    get error() {
      return error;
    },
    get busy() {
      return busy;
    },
    async load() {
      const mine = ++round;
      busy = true;
      try {
        const answer = await read();
        if (mine !== round) return;
        value = answer;
        error = null;
      } catch (thrown) {
        if (mine === round) error = toAppError(thrown);
      } finally {
        if (mine === round) busy = false;
      }
    },
  };
}
