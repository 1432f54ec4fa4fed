import { AppError } from '../../shared/domain/errors.ts';

/** Node runs a timer of more than 2^31-1 ms at once. */
const longestTimerMs = 2 ** 31 - 1;

/** One wall-time limit plus the caller's own signal; `signal.reason` is always an AppError. */
export interface Deadline {
  readonly signal: AbortSignal;
  /** What is being waited for; the time-out error names it in `data.phase`. */
  phase: string;
  /** Stops the timer and lets go of the caller's signal. */
  release(): void;
}

export function createDeadline(timeoutMs: number, name: string, outer?: AbortSignal): Deadline {
  const controller = new AbortController();
  const deadline: Deadline = { signal: controller.signal, phase: 'connect', release };
  const timer =
    timeoutMs <= longestTimerMs
      ? setTimeout(() => {
          controller.abort(
            new AppError('ssh_timeout', `${name}: no answer within ${timeoutMs} ms (${deadline.phase})`, {
              timeoutMs,
              phase: deadline.phase,
            }),
          );
        }, timeoutMs)
      : undefined;
  const onAbort = () => {
    const why: unknown = outer?.reason;
    controller.abort(
      why instanceof AppError
        ? why
        : new AppError('cancelled', `${name}: cancelled`, { phase: deadline.phase }),
    );
  };
  function release(): void {
    clearTimeout(timer);
    outer?.removeEventListener('abort', onAbort);
  }
  if (outer?.aborted === true) onAbort();
  else outer?.addEventListener('abort', onAbort, { once: true });
  return deadline;
}

/** The reason of an aborted signal as an AppError. */
export function abortError(signal: AbortSignal): AppError {
  const reason: unknown = signal.reason;
  return reason instanceof AppError ? reason : new AppError('cancelled', 'Cancelled');
}

/** Rejects as soon as the signal aborts; the promise itself goes on and its late rejection is nobody's. */
export function orAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    if (signal.aborted) {
      promise.catch(() => undefined);
      reject(abortError(signal));
      return;
    }
    const onAbort = () => {
      reject(abortError(signal));
    };
    signal.addEventListener('abort', onAbort, { once: true });
    promise.then(resolve, reject).finally(() => {
      signal.removeEventListener('abort', onAbort);
    });
  });
}
