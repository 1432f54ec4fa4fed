import { once } from 'node:events';
import { MessageChannel } from 'node:worker_threads';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import { z } from 'zod';
import { createDispatch } from '../../core/dispatch.ts';
import { bytes, call, events, type CallContext, type ContractShape } from '../contract/define.ts';
import { AppError } from '../domain/errors.ts';
import { createClient } from './client.ts';
import { eventWindow, maxFrameBytes, type Message } from './messages.ts';
import { portTransport } from './port-transport.ts';
import { serveWire } from './server.ts';
import { inProcessTransports, type Transport } from './transport.ts';
import { socketTransport } from './websocket-transport.ts';

const everywhere = { summary: 'Test', risk: 'read', surfaces: ['ui'] } as const;
const contract = {
  'math.add': call({
    ...everywhere,
    input: z.object({ a: z.number(), b: z.number() }),
    output: z.object({ sum: z.number() }),
  }),
  'fail.coded': call({ ...everywhere, input: z.object({}), output: z.object({}) }),
  'fail.unknown': call({ ...everywhere, input: z.object({}), output: z.object({}) }),
  'leak.extra': call({ ...everywhere, input: z.object({}), output: z.object({ shown: z.string() }) }),
  'nothing.say': call({ ...everywhere, input: z.object({}), output: z.void() }),
  'wait.forever': call({ ...everywhere, input: z.object({}), output: z.object({}) }),
  'agents.only': call({ ...everywhere, surfaces: ['mcp'], input: z.object({}), output: z.object({}) }),
  'count.up': events({
    ...everywhere,
    input: z.object({ to: z.number() }),
    output: z.object({ n: z.number() }),
  }),
  'count.fail': events({ ...everywhere, input: z.object({}), output: z.object({ n: z.number() }) }),
  'silence.watch': events({ ...everywhere, input: z.object({}), output: z.object({ n: z.number() }) }),
  'bytes.echo': bytes({ ...everywhere, input: z.object({}) }),
  'bytes.make': bytes({ ...everywhere, input: z.object({ chunks: z.number(), size: z.number() }) }),
  'bytes.swallow': bytes({ ...everywhere, input: z.object({}) }),
} satisfies ContractShape;

const encoder = new TextEncoder();
const forever = (signal: AbortSignal): Promise<never> =>
  new Promise((_resolve, reject) => {
    signal.addEventListener('abort', () => {
      reject(signal.reason as Error);
    });
  });

/** Handlers that tell what they did, so that a test can wait for it. */
function makeHandlers() {
  const seen = {
    produced: 0,
    cleaned: 0,
    aborted: 0,
    swallowed: 0,
    maySwallow: Promise.withResolvers<void>(),
  };
  const noteAbort = ({ signal }: CallContext): void => {
    signal.addEventListener('abort', () => (seen.aborted += 1));
  };
  const dispatchOf = (log: () => void) =>
    createDispatch(
      contract,
      {
        'math.add': ({ a, b }) => ({ sum: a + b }),
        'fail.coded': () => {
          throw new AppError('not_found', 'No such machine', { machineId: 'm1' });
        },
        'fail.unknown': () => {
          throw new Error('secret path /root/x');
        },
        'leak.extra': () => ({ shown: 'yes', password: 'no' }),
        'nothing.say': () => undefined,
        'wait.forever': (_input, context) => {
          noteAbort(context);
          return forever(context.signal);
        },
        'agents.only': () => ({}),
        'count.up': async function* ({ to }) {
          try {
            for (let n = 1; n <= to; n += 1) {
              seen.produced = n;
              yield { n };
            }
          } finally {
            seen.cleaned += 1;
          }
        },
        'count.fail': async function* () {
          yield { n: 1 };
          throw new AppError('conflict', 'Stopped', {});
        },
        'silence.watch': async function* (_input, context) {
          noteAbort(context);
          try {
            await forever(context.signal);
            yield { n: 0 };
          } finally {
            seen.cleaned += 1;
          }
        },
        'bytes.echo': async function* (_input, _context, upstream) {
          yield* upstream;
        },
        'bytes.make': async function* ({ chunks, size }) {
          // One buffer used again and again, as a careless producer would.
          const buffer = Buffer.alloc(size);
          try {
            for (let n = 0; n < chunks; n += 1) {
              buffer.fill(n % 251);
              seen.produced = (n + 1) * size;
              yield buffer;
            }
          } finally {
            seen.cleaned += 1;
          }
        },
        'bytes.swallow': async function* (_input, _context, upstream) {
          await seen.maySwallow.promise;
          for await (const chunk of upstream) seen.swallowed += chunk.byteLength;
          yield encoder.encode(String(seen.swallowed));
        },
      },
      { log },
    );
  return { seen, dispatchOf };
}

interface Pair {
  client: Transport;
  server: Transport;
  /** Something no client of ours would send. */
  sendRaw: (value: unknown) => void;
  close(): Promise<void>;
}

const pairs: Record<string, () => Promise<Pair>> = {
  'in-process': async () => {
    const [client, server] = inProcessTransports();
    return {
      client,
      server,
      sendRaw: (value) => {
        client.send(value as Message);
      },
      close: async () => {
        client.close();
      },
    };
  },
  MessagePort: async () => {
    const { port1, port2 } = new MessageChannel();
    const client = portTransport(port1);
    return {
      client,
      server: portTransport(port2),
      sendRaw: (value) => {
        port1.postMessage(value);
      },
      close: async () => {
        client.close();
      },
    };
  },
  WebSocket: async () => {
    const host = new WebSocketServer({ port: 0, host: '127.0.0.1', maxPayload: 1024 * 1024 });
    await once(host, 'listening');
    const arrival = once(host, 'connection') as Promise<[WebSocket]>;
    const { port } = host.address() as { port: number };
    const socket = new WebSocket(`ws://127.0.0.1:${port}`);
    const client = socketTransport(socket);
    const [accepted] = await arrival;
    if (socket.readyState === socket.CONNECTING) await once(socket, 'open');
    accepted.on('error', () => undefined);
    return {
      client,
      server: socketTransport(accepted),
      sendRaw: (value) => {
        socket.send(value instanceof Uint8Array || typeof value === 'string' ? value : JSON.stringify(value));
      },
      close: async () => {
        client.close();
        await new Promise((resolve) => host.close(resolve));
      },
    };
  },
};

const cleanUps: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0)) await cleanUp();
});

describe.each(Object.entries(pairs))('the wire over %s', (_name, makePair) => {
  async function connect() {
    const pair = await makePair();
    cleanUps.push(() => pair.close());
    const log = vi.fn();
    const { seen, dispatchOf } = makeHandlers();
    const sent: Message[] = [];
    const tapped: Transport = {
      ...pair.server,
      send(message) {
        sent.push(message);
        pair.server.send(message);
      },
    };
    const wire = serveWire(tapped, dispatchOf(log), 'ui', log);
    return { ...pair, api: createClient(contract, pair.client), seen, log, sent, wire };
  }

  test('answers', async () => {
    const { api } = await connect();
    await expect(api['math.add']({ a: 2, b: 3 })).resolves.toEqual({ sum: 5 });
    await expect(api['nothing.say']({})).resolves.toBeUndefined();
  });

  test('keeps 5,000 calls at once apart', async () => {
    const { api } = await connect();
    const sums = await Promise.all(
      Array.from({ length: 5_000 }, async (_, n) => (await api['math.add']({ a: n, b: n })).sum),
    );
    expect(sums).toEqual(Array.from({ length: 5_000 }, (_, n) => 2 * n));
  });

  test('carries coded errors whole', async () => {
    const { api } = await connect();
    await expect(api['fail.coded']({})).rejects.toMatchObject({
      name: 'AppError',
      code: 'not_found',
      message: 'No such machine',
      data: { machineId: 'm1' },
    });
    await expect(api['math.add']({ a: 1 } as never)).rejects.toMatchObject({ code: 'invalid_input' });
    await expect(api['agents.only']({})).rejects.toMatchObject({ code: 'not_allowed' });
  });

  test('hides the text of unknown errors and logs it under the reference', async () => {
    const { api, log, sent } = await connect();
    const error = await api['fail.unknown']({}).catch((e: unknown) => e as AppError);
    expect(error).toMatchObject({ code: 'internal', message: 'Internal error' });
    expect(JSON.stringify(sent)).not.toContain('/root/x');
    expect(log).toHaveBeenCalledExactlyOnceWith(
      expect.any(String),
      expect.objectContaining({ reference: (error as AppError).data['reference'] }),
    );
  });

  test('lets nothing out that the contract does not name', async () => {
    const { api } = await connect();
    await expect(api['leak.extra']({})).resolves.toEqual({ shown: 'yes' });
  });

  test('streams events in order and ends', async () => {
    const { api, seen } = await connect();
    const numbers: number[] = [];
    for await (const { n } of api['count.up']({ to: 1_000 })) numbers.push(n);
    expect(numbers).toEqual(Array.from({ length: 1_000 }, (_, i) => i + 1));
    expect(seen.cleaned).toBe(1);
  });

  test('delivers what came before a failure, then the failure, then the end', async () => {
    const { api } = await connect();
    const iterator = api['count.fail']({})[Symbol.asyncIterator]();
    await expect(iterator.next()).resolves.toEqual({ done: false, value: { n: 1 } });
    await expect(iterator.next()).rejects.toMatchObject({ code: 'conflict' });
    await expect(iterator.next()).resolves.toMatchObject({ done: true });
  });

  test('does not run ahead of a consumer that sleeps', async () => {
    const { api, seen } = await connect();
    const iterator = api['count.up']({ to: 10_000 })[Symbol.asyncIterator]();
    await iterator.next();
    await vi.waitFor(() => {
      expect(seen.produced).toBe(eventWindow);
    });
    // Calls go on meanwhile; a reply proves that whatever was on its way has arrived.
    for (let n = 0; n < 20; n += 1) await api['math.add']({ a: n, b: 1 });
    expect(seen.produced).toBe(eventWindow);
    for (let n = 2; n <= 200; n += 1) await iterator.next();
    await vi.waitFor(() => {
      expect(seen.produced).toBeGreaterThan(200);
    });
    expect(seen.produced).toBeLessThanOrEqual(200 + eventWindow);
    await iterator.return?.();
  });

  test('cleans the producer when the consumer returns early', async () => {
    const { api, seen } = await connect();
    for await (const { n } of api['count.up']({ to: 10_000 })) if (n === 10) break;
    await vi.waitFor(() => {
      expect(seen.cleaned).toBe(1);
    });
  });

  test('cleans a producer that waits, and answers a reader that waits', async () => {
    const { api, seen } = await connect();
    const iterator = api['silence.watch']({})[Symbol.asyncIterator]();
    const next = iterator.next();
    await api['math.add']({ a: 1, b: 1 });
    await iterator.return?.();
    await expect(next).resolves.toMatchObject({ done: true });
    await vi.waitFor(() => {
      expect(seen).toMatchObject({ cleaned: 1, aborted: 1 });
    });
  });

  test('subscribes anew with each iteration', async () => {
    const { api } = await connect();
    const counting = api['count.up']({ to: 3 });
    for (let round = 0; round < 2; round += 1) {
      const numbers: number[] = [];
      for await (const { n } of counting) numbers.push(n);
      expect(numbers).toEqual([1, 2, 3]);
    }
  });

  test('cancels a call by its signal', async () => {
    const { api, seen, log } = await connect();
    const abort = new AbortController();
    const waiting = api['wait.forever']({}, { signal: abort.signal });
    await api['math.add']({ a: 1, b: 1 });
    abort.abort();
    await expect(waiting).rejects.toMatchObject({ code: 'cancelled' });
    await vi.waitFor(() => {
      expect(seen.aborted).toBe(1);
    });
    await expect(api['wait.forever']({}, { signal: abort.signal })).rejects.toMatchObject({
      code: 'cancelled',
    });
    expect(log).not.toHaveBeenCalled();
  });

  test('cancels a stream by its signal', async () => {
    const { api, seen } = await connect();
    const abort = new AbortController();
    const iterator = api['silence.watch']({}, { signal: abort.signal })[Symbol.asyncIterator]();
    const next = iterator.next();
    await api['math.add']({ a: 1, b: 1 });
    abort.abort();
    await expect(next).rejects.toMatchObject({ code: 'cancelled' });
    await vi.waitFor(() => {
      expect(seen.cleaned).toBe(1);
    });
  });

  test('carries bytes both ways', async () => {
    const { api } = await connect();
    const echo = api['bytes.echo']({});
    const text = 'Grüße, 世界 '.repeat(20_000);
    echo.write(encoder.encode(text));
    echo.end();
    const decoder = new TextDecoder();
    let back = '';
    for await (const chunk of echo) {
      expect(chunk).toBeInstanceOf(Uint8Array);
      back += decoder.decode(chunk, { stream: true });
    }
    expect(back).toBe(text);
  });

  test('joins small chunks, splits large ones and keeps the order', async () => {
    const { api, sent } = await connect();
    for (const [chunks, size] of [
      [4_000, 100],
      [3, 500_000],
    ] as const) {
      sent.length = 0;
      let position = 0;
      for await (const chunk of api['bytes.make']({ chunks, size })) {
        for (const byte of chunk) {
          if (byte !== Math.floor(position / size) % 251) throw new Error(`wrong byte at ${position}`);
          position += 1;
        }
      }
      expect(position).toBe(chunks * size);
      const frames = sent.filter((m) => m.t === 'data');
      expect(Math.max(...frames.map((m) => m.bytes.byteLength))).toBeLessThanOrEqual(maxFrameBytes);
      expect(frames.length).toBeLessThan(100);
    }
  });

  test('stops a byte producer at the window and goes on when the reader does', async () => {
    const { api, seen, sent } = await connect();
    const windowBytes = 50_000;
    const stream = api['bytes.make']({ chunks: 1_000, size: 1_000 }, { windowBytes });
    const iterator = stream[Symbol.asyncIterator]();
    await iterator.next();
    const sentBytes = (): number =>
      sent.reduce((sum, m) => (m.t === 'data' ? sum + m.bytes.byteLength : sum), 0);
    await vi.waitFor(() => {
      expect(sentBytes()).toBe(windowBytes);
    });
    for (let n = 0; n < 20; n += 1) await api['math.add']({ a: n, b: 1 });
    expect(sentBytes()).toBe(windowBytes);
    expect(seen.produced).toBeLessThanOrEqual(windowBytes + maxFrameBytes);
    let total = sentBytes();
    for (;;) {
      const next = await iterator.next();
      if (next.done) break;
      total = sentBytes();
    }
    expect(total).toBe(1_000_000);
    expect(seen.cleaned).toBe(1);
  });

  test('holds back what is written faster than the handler reads', async () => {
    const { api, seen } = await connect();
    const stream = api['bytes.swallow']({});
    for (let n = 0; n < 40; n += 1) stream.write(new Uint8Array(100_000));
    stream.end();
    for (let n = 0; n < 20; n += 1) await api['math.add']({ a: n, b: 1 });
    expect(seen.swallowed).toBe(0);
    seen.maySwallow.resolve();
    const chunks: Uint8Array[] = [];
    for await (const chunk of stream) chunks.push(chunk);
    expect(Buffer.concat(chunks).toString()).toBe('4000000');
  });

  test('gives a byte stream up when far too much waits', async () => {
    const { api } = await connect();
    const stream = api['bytes.swallow']({});
    for (let n = 0; n < 20; n += 1) stream.write(new Uint8Array(1024 * 1024));
    await expect(stream[Symbol.asyncIterator]().next()).rejects.toMatchObject({ code: 'output_too_large' });
    await expect(api['math.add']({ a: 1, b: 1 })).resolves.toEqual({ sum: 2 });
  });

  test('closes a byte stream from the reader', async () => {
    const { api, seen } = await connect();
    const stream = api['bytes.make']({ chunks: 100_000, size: 1_000 });
    await stream[Symbol.asyncIterator]().next();
    stream.close();
    await vi.waitFor(() => {
      expect(seen.cleaned).toBe(1);
    });
  });

  test.each(['client', 'server'] as const)('aborts everything when the %s closes', async (side) => {
    const { api, seen, client, wire } = await connect();
    const waiting = api['wait.forever']({});
    const next = api['silence.watch']({})[Symbol.asyncIterator]().next();
    const chunk = api['bytes.echo']({})[Symbol.asyncIterator]().next();
    const failures = Promise.allSettled([waiting, next, chunk]);
    await api['math.add']({ a: 1, b: 1 });
    if (side === 'client') client.close('leaving');
    else wire.close('leaving');
    for (const failure of await failures) {
      expect(failure).toMatchObject({ status: 'rejected', reason: { code: 'disconnected' } });
    }
    await vi.waitFor(() => {
      expect(seen).toMatchObject({ aborted: 2, cleaned: 1 });
    });
    await expect(api['math.add']({ a: 1, b: 1 })).rejects.toMatchObject({ code: 'disconnected' });
  });

  const hostile: unknown[] = [
    null,
    7,
    'not json {',
    [],
    {},
    { t: 'call' },
    { t: 'call', id: 0, name: 'math.add' },
    { t: 'call', id: -1, name: 'math.add' },
    { t: 'call', id: 2 ** 40, name: 'math.add' },
    { t: 'call', id: 1.5, name: 'math.add' },
    { t: 'call', id: '1', name: 'math.add' },
    { t: 'call', id: 9, name: { toString: 'x' } },
    { t: 'call', id: 9, name: 'bytes.echo', window: 1e12 },
    { t: 'open', id: 1 },
    { t: 'ack', id: 1, n: -5 },
    { t: 'ack', id: 1, n: 'many' },
    { t: 'data', id: 1, bytes: 'text' },
    new Uint8Array(2),
    { __proto__: { t: 'call', id: 5, name: 'math.add' } },
  ];

  test.each(hostile.map((value) => [value]))('survives %j once', async (value) => {
    const { api, sendRaw } = await connect();
    sendRaw(value);
    await expect(api['math.add']({ a: 1, b: 1 })).resolves.toEqual({ sum: 2 });
  });

  test('closes on a client that goes on breaking the protocol', async () => {
    const { api, sendRaw, client, log } = await connect();
    const closed = new Promise<string>((resolve) => {
      client.onClose(resolve);
    });
    await api['math.add']({ a: 1, b: 1 });
    for (const value of hostile) sendRaw(value);
    await expect(closed).resolves.toMatch(/malformed|closed/);
    expect(log).toHaveBeenCalledOnce();
  });

  test('ignores messages for calls that are over, and refuses an id twice', async () => {
    const { api, sendRaw, seen } = await connect();
    sendRaw({ t: 'cancel', id: 77 });
    sendRaw({ t: 'ack', id: 77, n: 5 });
    sendRaw({ t: 'eoi', id: 77 });
    const iterator = api['silence.watch']({})[Symbol.asyncIterator]();
    void iterator.next();
    sendRaw({ t: 'call', id: 1, name: 'wait.forever', input: {} });
    await expect(api['math.add']({ a: 1, b: 1 })).resolves.toEqual({ sum: 2 });
    await iterator.return?.();
    await vi.waitFor(() => {
      // The stream under that id, not what tried to take its place.
      expect(seen).toMatchObject({ aborted: 1, cleaned: 1 });
    });
  });
});
