import { contract, type Contract, type HomeportClient } from '../../shared/contract/index.ts';
import type { EventsProcedure } from '../../shared/contract/define.ts';
import { AppError, toAppError } from '../../shared/domain/errors.ts';
import { connectedClient, currentClient, onClient } from './link.ts';
import type { z } from 'zod';

type EventName = { [N in keyof Contract]: Contract[N] extends EventsProcedure ? N : never }[keyof Contract];
type EventOf<N extends EventName> = z.output<Contract[N]['output']>;
type InputOf<N extends EventName> = z.input<Contract[N]['input']>;

export interface WatchOptions {
  /** The subscription failed for a reason of its own (not the wire): it is not repeated. */
  onError?(error: AppError): void;
  /** The core ended the stream: there is nothing more to come. */
  onEnd?(): void;
}

/**
 * Every procedure of the contract. Calls wait for the first connection and fail with `disconnected` while it is lost.
 * Events are better taken through `watch`, which survives a reconnect.
 */
export const api: HomeportClient = Object.fromEntries(
  Object.entries(contract).map(([name, procedure]) => [
    name,
    procedure.kind === 'call'
      ? async (input: unknown, options?: unknown) =>
          procedureOf(await connectedClient(), name)(input, options)
      : (input: unknown, options?: unknown) => {
          const client = currentClient();
          if (!client) throw new AppError('disconnected', 'The connection to the core is lost');
          return procedureOf(client, name)(input, options);
        },
  ]),
) as unknown as HomeportClient;

function procedureOf(client: HomeportClient, name: string): (input: unknown, options?: unknown) => unknown {
  return client[name as keyof Contract] as (input: unknown, options?: unknown) => unknown;
}

/**
 * Subscribes to an event stream for as long as the page wants it: after a reconnect it subscribes again, and the core
 * sends the whole state first. Returns the function that stops it.
 */
export function watch<N extends EventName>(
  name: N,
  input: InputOf<N>,
  onEvent: (event: EventOf<N>) => void,
  options: WatchOptions = {},
): () => void {
  let subscription: AbortController | undefined;
  const stopListening = onClient((client) => {
    subscription?.abort();
    subscription = new AbortController();
    void follow(client, name, input, onEvent, options, subscription.signal);
  });
  return () => {
    stopListening();
    subscription?.abort();
  };
}

async function follow<N extends EventName>(
  client: HomeportClient,
  name: N,
  input: InputOf<N>,
  onEvent: (event: EventOf<N>) => void,
  options: WatchOptions,
  signal: AbortSignal,
): Promise<void> {
  const stream = procedureOf(client, name)(input, { signal }) as AsyncIterable<EventOf<N>>;
  try {
    for await (const event of stream) {
      if (signal.aborted) return;
      onEvent(event);
    }
    if (!signal.aborted) options.onEnd?.();
  } catch (error) {
    const failure = toAppError(error);
    if (signal.aborted || failure.code === 'disconnected' || failure.code === 'cancelled') return;
    if (options.onError) options.onError(failure);
    else console.error(`The stream ${name} failed`, failure);
  }
}
