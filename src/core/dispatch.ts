import type { z } from 'zod';
import type { CallContext, ContractShape, Handlers, Procedure } from '../shared/contract/define.ts';
import { AppError } from '../shared/domain/errors.ts';
import { sealError, type Dispatch, type FailureLog, type Running } from '../shared/wire/dispatch.ts';

export type { Dispatch, FailureLog, Running } from '../shared/wire/dispatch.ts';

type AnyHandler = (input: unknown, context: CallContext, upstream: AsyncIterable<Uint8Array>) => unknown;

/** Where and why a value does not fit, never the value: an input may hold a secret. */
function issuesOf(error: z.ZodError): { path: string; code: string; message: string }[] {
  return error.issues.slice(0, 20).map((issue) => ({
    path: issue.path.map(String).join('.'),
    code: issue.code,
    message: issue.message,
  }));
}

function parseInput(name: string, procedure: Procedure, input: unknown): unknown {
  const parsed = procedure.input.safeParse(input);
  if (parsed.success) return parsed.data;
  throw new AppError('invalid_input', `The input of ${name} is not valid`, {
    procedure: name,
    issues: issuesOf(parsed.error),
  });
}

/** Only what the contract promises leaves: unknown keys are dropped, a wrong value is a bug of the handler. */
function parseOutput(name: string, schema: z.ZodType, value: unknown): unknown {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new Error(`${name} answered outside its contract: ${JSON.stringify(issuesOf(parsed.error))}`);
}

async function* noInput(): AsyncGenerator<Uint8Array> {
  // A caller without an upstream has sent its last byte.
}

/** The same values, mapped; each failure passed through `seal`. The producer's `return` is reached even while it waits. */
function guarded<T, U>(
  source: AsyncIterable<T>,
  map: (value: T) => U,
  seal: (error: unknown) => AppError,
): AsyncIterable<U> {
  return {
    [Symbol.asyncIterator]() {
      const iterator = source[Symbol.asyncIterator]();
      const stop = async (): Promise<void> => {
        await iterator.return?.();
      };
      return {
        async next() {
          try {
            const next = await iterator.next();
            return next.done ? { done: true, value: undefined } : { done: false, value: map(next.value) };
          } catch (error) {
            const sealed = seal(error);
            stop().catch(seal);
            throw sealed;
          }
        },
        async return() {
          try {
            await stop();
          } catch (error) {
            throw seal(error);
          }
          return { done: true, value: undefined };
        },
      };
    },
  };
}

/**
 * The one gate to the core: does the procedure exist, may this surface call it, is the input valid? Then its handler runs.
 * Denied unless each answer is yes. Failures that are not AppErrors are sealed, see `sealError`.
 */
export function createDispatch<C extends ContractShape>(
  contract: C,
  handlers: Handlers<C>,
  options: { log: FailureLog },
): Dispatch {
  const { log } = options;

  const start = (
    name: string,
    procedure: Procedure,
    input: unknown,
    context: CallContext,
    upstream: AsyncIterable<Uint8Array>,
  ): Running => {
    const seal = (error: unknown): AppError =>
      sealError(error, context.signal, log, { procedure: name, surface: context.surface });
    const handler = handlers[name] as unknown as AnyHandler;
    switch (procedure.kind) {
      case 'call': {
        const answer = async (): Promise<unknown> => {
          try {
            return parseOutput(name, procedure.output, await handler(input, context, upstream));
          } catch (error) {
            throw seal(error);
          }
        };
        return { kind: 'call', reply: answer() };
      }
      case 'events': {
        const values = handler(input, context, upstream) as AsyncIterable<unknown>;
        return {
          kind: 'events',
          values: guarded(values, (value) => parseOutput(name, procedure.output, value), seal),
        };
      }
      case 'bytes': {
        const chunks = handler(input, context, upstream) as AsyncIterable<Uint8Array>;
        return { kind: 'bytes', chunks: guarded(chunks, (chunk) => chunk, seal) };
      }
    }
  };

  return (name, input, context, upstream = noInput()) => {
    const procedure = Object.hasOwn(contract, name) ? contract[name] : undefined;
    if (!procedure || !Object.hasOwn(handlers, name)) {
      throw new AppError('not_found', 'There is no such procedure', { procedure: name.slice(0, 200) });
    }
    if (!procedure.surfaces.includes(context.surface)) {
      throw new AppError('not_allowed', `${name} may not be called from here`, {
        procedure: name,
        surface: context.surface,
      });
    }
    const parsed = parseInput(name, procedure, input);
    try {
      return start(name, procedure, parsed, context, upstream);
    } catch (error) {
      throw sealError(error, context.signal, log, { procedure: name, surface: context.surface });
    }
  };
}
