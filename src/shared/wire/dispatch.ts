import { AppError } from '../domain/errors.ts';
import type { CallContext } from '../contract/define.ts';

/** Where failures that stay inside are told, with their cause. */
export type FailureLog = (message: string, details: Record<string, unknown>) => void;

/** A procedure that was let in and started. Everything it throws is an AppError. */
export type Running =
  | { kind: 'call'; reply: Promise<unknown> }
  | { kind: 'events'; values: AsyncIterable<unknown> }
  | { kind: 'bytes'; chunks: AsyncIterable<Uint8Array> };

/**
 * The one gate to the core, see src/core/dispatch.ts. `upstream` feeds byte procedures and is not touched by others.
 * @throws AppError not_found, not_allowed, invalid_input
 */
export type Dispatch = (
  name: string,
  input: unknown,
  context: CallContext,
  upstream?: AsyncIterable<Uint8Array>,
) => Running;

/**
 * What may cross of a failure. An error that is not coded becomes `internal` with a random reference; its text and cause
 * go to the log under that reference and nowhere else.
 */
export function sealError(
  error: unknown,
  signal: AbortSignal,
  log: FailureLog,
  details: Record<string, unknown>,
): AppError {
  const isAbort =
    signal.aborted && (error === signal.reason || (error instanceof Error && error.name === 'AbortError'));
  if (isAbort) return new AppError('cancelled', 'The call was cancelled');
  if (error instanceof AppError && error.code !== 'internal') return error;
  // A sealed error may pass here again on its way out: it is in the log already.
  if (error instanceof AppError && typeof error.data['reference'] === 'string') return error;
  const reference = crypto.randomUUID();
  log('A procedure failed unexpectedly', { ...details, reference, error });
  return new AppError('internal', 'Internal error', { reference });
}
