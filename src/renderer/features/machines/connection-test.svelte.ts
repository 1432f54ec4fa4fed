import type { z } from 'zod';
import type { ConnectionTest, machineProcedures } from '../../../shared/contract/machines.ts';
import type { AppError } from '../../../shared/domain/errors.ts';
import { watch } from '../../lib/api.ts';

export type TestInput = z.input<(typeof machineProcedures)['machines.test']['input']>;

export interface LiveTest {
  /** What is known so far; null before the first start. */
  readonly value: ConnectionTest | null;
  /** The test itself could not be made; a step that fails is part of `value`. */
  readonly error: AppError | null;
  readonly busy: boolean;
  start(input: TestInput): void;
  /** Ends a test that goes. What it has found stays. */
  stop(): void;
}

/** One connection test that can be started again; a new start ends the one before. */
export function createLiveTest(): LiveTest {
  let value = $state.raw<ConnectionTest | null>(null);
  let error = $state.raw<AppError | null>(null);
  let busy = $state(false);
  let end: () => void = () => undefined;
  const stop = (): void => {
    end();
    busy = false;
  };
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
    start(input) {
      stop();
      value = null;
      error = null;
      busy = true;
      end = watch('machines.test', input, (next) => (value = next), {
        onEnd: stop,
        onError(failure) {
          error = failure;
          stop();
        },
      });
    },
    stop,
  };
}
