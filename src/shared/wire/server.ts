import type { CallContext, Surface } from '../contract/define.ts';
import { AppError } from '../domain/errors.ts';
import { createByteSender, type ByteSender } from './byte-sender.ts';
import { sealError, type Dispatch, type FailureLog } from './dispatch.ts';
import { createInbox, type Inbox } from './inbox.ts';
import {
  ackStepOf,
  defaultWindowBytes,
  eventWindow,
  readUpMessage,
  upstreamWindowBytes,
  type DownMessage,
  type UpMessage,
} from './messages.ts';
import type { Transport } from './transport.ts';

/** Malformed messages that a wire survives: a bug may send one, an attacker sends many. */
const maxMalformed = 8;
const maxOpenCalls = 10_000;
/** A page that stopped reading its socket is cut off rather than held in memory. */
const maxBufferedBytes = 64 * 1024 * 1024;

interface OpenCall {
  readonly id: number;
  readonly abort: AbortController;
  readonly upstream: Inbox<Uint8Array>;
  readonly windowBytes: number;
  /** Events the client still accepts. */
  credit: number;
  creditNews: PromiseWithResolvers<void> | null;
  bytes: ByteSender | null;
}

export interface ServedWire {
  /** Ends the wire and every call on it. */
  close(reason: string): void;
}

/** Serves one client until its wire closes; then every call of it is aborted. */
export function serveWire(
  transport: Transport,
  dispatch: Dispatch,
  surface: Surface,
  log: FailureLog,
): ServedWire {
  const calls = new Map<number, OpenCall>();
  let malformed = 0;
  let isClosed = false;

  const send = (message: DownMessage): void => {
    if (isClosed) return;
    transport.send(message);
    if (transport.bufferedBytes() > maxBufferedBytes) transport.close('the client does not read');
  };
  const isOpen = (call: OpenCall): boolean => calls.get(call.id) === call;

  const forget = (call: OpenCall): void => {
    if (isOpen(call)) calls.delete(call.id);
    call.bytes?.stop();
    call.creditNews?.resolve();
    call.upstream.abort();
  };
  const abort = (call: OpenCall, reason: AppError): void => {
    forget(call);
    call.abort.abort(reason);
  };
  /** Ends a call with its last message; a value the medium cannot carry becomes an internal error. */
  const finish = (call: OpenCall, name: string, last: DownMessage): void => {
    if (!isOpen(call)) return;
    forget(call);
    try {
      send(last);
    } catch (error) {
      send(failure(call, name, error));
    }
  };
  const failure = (call: OpenCall, name: string, error: unknown): DownMessage => ({
    t: 'err',
    id: call.id,
    error: sealError(error, call.abort.signal, log, { procedure: name }).toWire(),
  });

  const creditFor = async (call: OpenCall): Promise<void> => {
    while (call.credit === 0 && isOpen(call)) {
      call.creditNews = Promise.withResolvers();
      await call.creditNews.promise;
    }
  };
  /** Asks the producer for a value only when the client has room for it. */
  const streamEvents = async (call: OpenCall, values: AsyncIterable<unknown>): Promise<void> => {
    const iterator = values[Symbol.asyncIterator]();
    stopWithCall(call, iterator);
    for (;;) {
      await creditFor(call);
      if (!isOpen(call)) return;
      const next = await iterator.next();
      if (next.done || !isOpen(call)) return;
      call.credit -= 1;
      send({ t: 'event', id: call.id, value: next.value });
    }
  };
  const streamBytes = async (call: OpenCall, chunks: AsyncIterable<Uint8Array>): Promise<void> => {
    const sender = createByteSender(call.windowBytes, {
      frame: (byteLength) => transport.frame(byteLength),
      send(bytes) {
        send({ t: 'data', id: call.id, bytes });
      },
    });
    call.bytes = sender;
    const iterator = chunks[Symbol.asyncIterator]();
    stopWithCall(call, iterator);
    for (;;) {
      await sender.drained();
      if (!isOpen(call)) return;
      const next = await iterator.next();
      if (!isOpen(call)) return;
      if (next.done) return sender.flushed();
      sender.write(next.value);
    }
  };
  /** A producer is told to clean up the moment the call ends, also while it is waiting. */
  const stopWithCall = (call: OpenCall, iterator: AsyncIterator<unknown>): void => {
    const stop = async (): Promise<void> => {
      try {
        await iterator.return?.();
      } catch (error) {
        sealError(error, call.abort.signal, log, { during: 'clean-up' });
      }
    };
    if (call.abort.signal.aborted) void stop();
    else call.abort.signal.addEventListener('abort', () => void stop(), { once: true });
  };

  const run = async (call: OpenCall, message: UpMessage & { t: 'call' }): Promise<void> => {
    const { name, input } = message;
    try {
      const context: CallContext = { surface, signal: call.abort.signal };
      const running = dispatch(name, input, context, call.upstream);
      if (running.kind === 'call') {
        finish(call, name, { t: 'ok', id: call.id, value: await running.reply });
        return;
      }
      if (running.kind === 'events') await streamEvents(call, running.values);
      else await streamBytes(call, running.chunks);
      finish(call, name, { t: 'end', id: call.id });
    } catch (error) {
      const last = failure(call, name, error);
      // Whatever the procedure still holds is released with the call.
      finish(call, name, last);
      call.abort.abort(error);
    }
  };

  const open = (message: UpMessage & { t: 'call' }): boolean => {
    const { id } = message;
    if (calls.has(id)) return false;
    if (calls.size >= maxOpenCalls) {
      const error = new AppError('not_allowed', 'Too many calls are open on this connection');
      send({ t: 'err', id, error: error.toWire() });
      return true;
    }
    const call: OpenCall = {
      id,
      abort: new AbortController(),
      upstream: createInbox<Uint8Array>({
        weigh: (chunk) => chunk.byteLength,
        ackStep: ackStepOf(upstreamWindowBytes),
        acknowledge: (n) => {
          send({ t: 'ack', id, n });
        },
        // The handler wants no more input; what still comes is dropped within its window.
        onAbandon: () => undefined,
      }),
      windowBytes: message.window ?? defaultWindowBytes,
      credit: eventWindow,
      creditNews: null,
      bytes: null,
    };
    calls.set(id, call);
    void run(call, message);
    return true;
  };

  /** False: the message breaks the protocol. One for a call that is over is a race, and fine. */
  const handle = (message: UpMessage): boolean => {
    if (message.t === 'call') return open(message);
    const call = calls.get(message.id);
    if (!call) return true;
    switch (message.t) {
      case 'cancel':
        abort(call, new AppError('cancelled', 'The caller cancelled'));
        return true;
      case 'ack':
        call.bytes?.acknowledge(message.n);
        call.credit = Math.min(eventWindow, call.credit + message.n);
        call.creditNews?.resolve();
        return true;
      case 'data':
        call.upstream.push(message.bytes);
        return call.upstream.outstanding() <= upstreamWindowBytes;
      case 'eoi':
        call.upstream.finish();
        return true;
    }
  };

  transport.onClose((reason) => {
    isClosed = true;
    // Another kind than a cancel: who left without a word may come back for what it had.
    const gone = new AppError('disconnected', 'The connection closed', { reason });
    for (const call of [...calls.values()]) abort(call, gone);
  });
  transport.onMessage((value) => {
    if (malformed > maxMalformed) return;
    const message = readUpMessage(value);
    if (message && handle(message)) return;
    malformed += 1;
    if (malformed <= maxMalformed) return;
    log('A client broke the wire protocol', { surface, malformed });
    transport.close('too many malformed messages');
  });
  return {
    close(reason) {
      transport.close(reason);
    },
  };
}
