import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { MessageChannel } from 'node:worker_threads';
import { WebSocket, WebSocketServer } from 'ws';
import { z } from 'zod';
import { createDispatch } from '../src/core/dispatch.ts';
import { bytes, call, events } from '../src/shared/contract/define.ts';
import { createClient } from '../src/shared/wire/client.ts';
import { portTransport } from '../src/shared/wire/port-transport.ts';
import { serveWire } from '../src/shared/wire/server.ts';
import { inProcessTransports, type Transport } from '../src/shared/wire/transport.ts';
import { socketTransport } from '../src/shared/wire/websocket-transport.ts';
import { report, round } from './report.ts';

const STREAM_BYTES = 200 * 1024 * 1024;
const CHUNK_BYTES = 32 * 1024;
const CALLS = 10_000;
const EVENTS = 50_000;

const surfaces = ['ui'] as const;
const contract = {
  echo: call({
    summary: 'Echo',
    risk: 'read',
    surfaces,
    input: z.object({ n: z.number() }),
    output: z.object({ n: z.number() }),
  }),
  count: events({
    summary: 'Count',
    risk: 'read',
    surfaces,
    input: z.object({ to: z.number() }),
    output: z.object({ n: z.number(), text: z.string() }),
  }),
  flood: bytes({ summary: 'Flood', risk: 'read', surfaces, input: z.object({ bytes: z.number() }) }),
};

const chunk = Buffer.alloc(CHUNK_BYTES, 'a line of a log that somebody watches, and a bit more of it \n');
const dispatch = createDispatch(
  contract,
  {
    echo: ({ n }) => ({ n }),
    count: async function* ({ to }) {
      for (let n = 0; n < to; n++) yield { n, text: 'an event of the usual size, about this long' };
    },
    flood: async function* ({ bytes: total }) {
      for (let sent = 0; sent < total; sent += CHUNK_BYTES) yield chunk;
    },
  },
  { log: (message) => console.error(message) },
);

/** Calls, events and byte streams over each transport; streams against the bare transport in the same run. */
export async function benchWire(): Promise<void> {
  await overInProcess();
  await overPort();
  await overSocket();
}

async function measure(
  name: string,
  near: Transport,
  far: Transport,
  bareMbPerS: number | null,
): Promise<void> {
  const wire = serveWire(far, dispatch, 'ui', (message) => console.error(message));
  const client = createClient(contract, near);
  for (let i = 0; i < 500; i++) await client.echo({ n: i });
  let started = performance.now();
  for (let i = 0; i < CALLS; i++) await client.echo({ n: i });
  const callsPerS = CALLS / ((performance.now() - started) / 1000);
  started = performance.now();
  let seen = 0;
  for await (const _ of client.count({ to: EVENTS })) seen++;
  const eventsPerS = seen / ((performance.now() - started) / 1000);
  started = performance.now();
  let received = 0;
  for await (const piece of client.flood({ bytes: STREAM_BYTES })) received += piece.byteLength;
  const mbPerS = received / 1e6 / ((performance.now() - started) / 1000);
  wire.close('done');
  report('wire', {
    transport: name,
    callsPerS: round(callsPerS, 0),
    eventsPerS: round(eventsPerS, 0),
    streamMbPerS: round(mbPerS, 0),
    ...(bareMbPerS !== null && { bareMbPerS: round(bareMbPerS, 0), ratio: round(mbPerS / bareMbPerS) }),
  });
}

async function overInProcess(): Promise<void> {
  const [near, far] = inProcessTransports();
  await measure('in-process', near, far, null);
}

async function overPort(): Promise<void> {
  const bare = new MessageChannel();
  const bareMbPerS = await new Promise<number>((done) => {
    let received = 0;
    const started = performance.now();
    bare.port2.on('message', (piece: Uint8Array) => {
      received += piece.byteLength;
      if (received >= STREAM_BYTES) done(received / 1e6 / ((performance.now() - started) / 1000));
    });
    for (let sent = 0; sent < STREAM_BYTES; sent += CHUNK_BYTES) bare.port1.postMessage(chunk);
  });
  bare.port1.close();
  const { port1, port2 } = new MessageChannel();
  await measure('message-port', portTransport(port1), portTransport(port2), bareMbPerS);
  port1.close();
}

async function overSocket(): Promise<void> {
  const server = new WebSocketServer({ host: '127.0.0.1', port: 0, perMessageDeflate: false });
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const connect = async () => {
    const accepted = once(server, 'connection') as Promise<[WebSocket]>;
    const near = new WebSocket(`ws://127.0.0.1:${port}`, { perMessageDeflate: false });
    const [far] = await accepted;
    if (near.readyState !== WebSocket.OPEN) await once(near, 'open');
    return { near, far };
  };
  const bare = await connect();
  const bareMbPerS = await new Promise<number>((done) => {
    let received = 0;
    const started = performance.now();
    bare.near.on('message', (piece: Buffer) => {
      received += piece.byteLength;
      if (received >= STREAM_BYTES) done(received / 1e6 / ((performance.now() - started) / 1000));
    });
    const send = (sent: number): void => {
      if (sent < STREAM_BYTES) bare.far.send(chunk, () => send(sent + CHUNK_BYTES));
    };
    // As many in flight as the wire's own credit of 1 MiB allows.
    for (let lane = 0; lane < 1; lane++) send(0);
  });
  bare.near.close();
  const { near, far } = await connect();
  await measure('websocket', socketTransport(near), socketTransport(far), bareMbPerS);
  near.close();
  server.close();
}
