import type { ByteStream, CallOptions, Client, ContractShape } from '../contract/define.ts';
import { AppError } from '../domain/errors.ts';
import { createByteSender } from './byte-sender.ts';
import { createInbox, type Inbox } from './inbox.ts';
import {
  ackStepOf,
  defaultWindowBytes,
  eventAckStep,
  maxId,
  maxWindowBytes,
  readDownMessage,
  upstreamWindowBytes,
  type DownMessage,
  type UpMessage,
} from './messages.ts';
import type { Transport } from './transport.ts';

/** Bytes a page may write ahead of what the core takes before its stream is given up. */
const maxUnsentBytes = 16 * 1024 * 1024;

/** One open call: what the server says about it, and how it ends when the wire does. */
interface Waiting {
  receive(message: DownMessage): void;
  fail(error: AppError): void;
}

const cancelled = (): AppError => new AppError('cancelled', 'The call was cancelled');

interface Line {
  /** Sends a call and registers who waits for it; returns its id. */
  open(waiting: Waiting, call: { name: string; input: unknown; window?: number }): number;
  send(message: UpMessage): void;
  /** As the transport's. */
  frame(byteLength: number): Uint8Array;
  /** Forgets the call and tells the server to; nothing happens if it is over. */
  cancel(id: number): void;
  forget(id: number): void;
}

function openLine(transport: Transport): Line {
  const calls = new Map<number, Waiting>();
  let lastId = 0;
  let closedBecause: string | null = null;

  const nextId = (): number => {
    do lastId = lastId === maxId ? 1 : lastId + 1;
    while (calls.has(lastId));
    return lastId;
  };
  const disconnected = (reason: string): AppError =>
    new AppError('disconnected', 'The connection to the core closed', { reason });

  transport.onMessage((value) => {
    const message = readDownMessage(value);
    if (message) calls.get(message.id)?.receive(message);
  });
  transport.onClose((reason) => {
    closedBecause = reason;
    for (const waiting of [...calls.values()]) waiting.fail(disconnected(reason));
    calls.clear();
  });

  return {
    open(waiting, call) {
      const id = nextId();
      if (closedBecause !== null) {
        waiting.fail(disconnected(closedBecause));
        return id;
      }
      transport.send({ t: 'call', id, ...call });
      calls.set(id, waiting);
      return id;
    },
    send(message) {
      transport.send(message);
    },
    frame: (byteLength) => transport.frame(byteLength),
    cancel(id) {
      if (calls.delete(id)) transport.send({ t: 'cancel', id });
    },
    forget(id) {
      calls.delete(id);
    },
  };
}

function startCall(line: Line, name: string, input: unknown, options: CallOptions): Promise<unknown> {
  const { signal } = options;
  if (signal?.aborted) return Promise.reject(cancelled());
  return new Promise((resolve, reject) => {
    const settle = (): void => {
      signal?.removeEventListener('abort', onAbort);
    };
    const fail = (error: AppError): void => {
      settle();
      reject(error);
    };
    const onAbort = (): void => {
      line.cancel(id);
      fail(cancelled());
    };
    const receive = (message: DownMessage): void => {
      if (message.t === 'ok') {
        line.forget(id);
        settle();
        resolve(message.value);
      } else if (message.t === 'err') {
        line.forget(id);
        fail(toError(message));
      }
    };
    const id = line.open({ receive, fail }, { name, input });
    signal?.addEventListener('abort', onAbort, { once: true });
  });
}

const toError = (message: DownMessage & { t: 'err' }): AppError =>
  new AppError(message.error.code, message.error.message, message.error.data);

/** What event and byte streams share: an inbox fed by the line, ended by the server, the reader or the signal. */
function startStream<T>(
  line: Line,
  call: { name: string; input: unknown; window?: number },
  options: CallOptions,
  flow: { weigh(item: T): number; ackStep: number },
  take: (message: DownMessage, inbox: Inbox<T>) => void,
  onOver: () => void = () => undefined,
): { inbox: Inbox<T>; id: number; cancel: () => void } {
  const { signal } = options;
  const over = (): void => {
    signal?.removeEventListener('abort', onAbort);
    line.forget(id);
    onOver();
  };
  const cancel = (): void => {
    line.cancel(id);
    over();
  };
  const onAbort = (): void => {
    cancel();
    inbox.abort(cancelled());
  };
  const inbox = createInbox<T>({
    ...flow,
    acknowledge: (n) => {
      line.send({ t: 'ack', id, n });
    },
    onAbandon: cancel,
  });
  const receive = (message: DownMessage): void => {
    if (message.t === 'end') {
      over();
      inbox.finish();
    } else if (message.t === 'err') {
      over();
      inbox.finish(toError(message));
    } else take(message, inbox);
  };
  const fail = (error: AppError): void => {
    signal?.removeEventListener('abort', onAbort);
    onOver();
    inbox.finish(error);
  };
  if (signal?.aborted) {
    onOver();
    inbox.abort(cancelled());
    return { inbox, id: 0, cancel: () => undefined };
  }
  const id = line.open({ receive, fail }, call);
  signal?.addEventListener('abort', onAbort, { once: true });
  return { inbox, id, cancel };
}

/** Every iteration is a subscription of its own: iterating again after a failure subscribes again. */
function subscribe(line: Line, name: string, input: unknown, options: CallOptions): AsyncIterable<unknown> {
  return {
    [Symbol.asyncIterator]: () =>
      startStream<unknown>(
        line,
        { name, input },
        options,
        { weigh: () => 1, ackStep: eventAckStep },
        (message, inbox) => {
          if (message.t === 'event') inbox.push(message.value);
        },
      ).inbox[Symbol.asyncIterator](),
  };
}

function openBytes(line: Line, name: string, input: unknown, options: CallOptions): ByteStream {
  const window = Math.min(Math.max(1, options.windowBytes ?? defaultWindowBytes), maxWindowBytes);
  let isEnding = false;
  let isOver = false;
  const sender = createByteSender(upstreamWindowBytes, {
    frame: (byteLength) => line.frame(byteLength),
    send(bytes) {
      line.send({ t: 'data', id, bytes });
    },
  });
  const { inbox, id, cancel } = startStream<Uint8Array>(
    line,
    { name, input, window },
    options,
    { weigh: (chunk) => chunk.byteLength, ackStep: ackStepOf(window) },
    (message, box) => {
      if (message.t === 'data') box.push(message.bytes);
      else if (message.t === 'ack') sender.acknowledge(message.n);
    },
    () => {
      isOver = true;
      sender.stop();
    },
  );
  return {
    [Symbol.asyncIterator]: () => inbox[Symbol.asyncIterator](),
    write(chunk) {
      if (isEnding || isOver) return;
      sender.write(chunk);
      if (sender.pendingBytes() <= maxUnsentBytes) return;
      cancel();
      inbox.abort(new AppError('output_too_large', 'The core takes input more slowly than it is written'));
    },
    drained: () => sender.drained(),
    end() {
      if (isEnding || isOver) return;
      isEnding = true;
      void sender.flushed().then(() => {
        if (!isOver) line.send({ t: 'eoi', id });
      });
    },
    close() {
      if (isOver) return;
      cancel();
      inbox.abort();
    },
  };
}

/**
 * The contract's procedures as functions over one wire. Failures are AppErrors: the server's own, `cancelled` when the
 * signal aborts, `disconnected` when the wire closes (calls made after that fail with it too).
 */
export function createClient<C extends ContractShape>(contract: C, transport: Transport): Client<C> {
  const line = openLine(transport);
  const starters = { call: startCall, events: subscribe, bytes: openBytes };
  const procedures = Object.entries(contract).map(([name, procedure]) => {
    const start = starters[procedure.kind];
    return [name, (input: unknown, options: CallOptions = {}) => start(line, name, input, options)];
  });
  return Object.fromEntries(procedures) as Client<C>;
}
