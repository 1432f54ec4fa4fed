import { connect, createServer, type AddressInfo } from 'node:net';
import { once } from 'node:events';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { readFloodsInLargePieces } from './large-reads.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

function socket() {
  let listener: (chunk: Buffer) => void = () => undefined;
  let nowMs = 0;
  const calls: string[] = [];
  readFloodsInLargePieces(
    {
      on: (_event, given) => (listener = given),
      pause: () => calls.push('pause'),
      resume: () => calls.push('resume'),
    },
    () => nowMs,
  );
  return {
    calls,
    /** Pieces of so many bytes, one each millisecond. */
    receive: (pieces: number, bytes: number): void => {
      for (let piece = 0; piece < pieces; piece += 1) {
        nowMs += 1;
        listener(Buffer.alloc(bytes));
        vi.advanceTimersByTime(1);
      }
    },
  };
}

it('rests after each read of a flood that left nothing, and goes on', () => {
  const { calls, receive } = socket();
  receive(20, 8_192);
  expect(calls).toEqual(['pause', 'resume']);
  receive(3, 8_192);
  expect(calls).toEqual(Array.from({ length: 4 }, () => ['pause', 'resume']).flat());
});

it('leaves alone what a person reads, and what there is more of already', () => {
  const { calls, receive } = socket();
  receive(100, 2_000);
  receive(100, 65_536);
  expect(calls).toEqual([]);
});

it('is over with the flood', () => {
  const { calls, receive } = socket();
  receive(40, 8_192);
  receive(25, 10);
  const before = calls.length;
  receive(100, 10);
  expect(calls.length).toBe(before);
});

it('loses nothing of a real connection, and closes with it', async () => {
  vi.useRealTimers();
  const whole = Buffer.alloc(20 * 1024 * 1024);
  for (let at = 0; at < whole.length; at += 4) whole.writeUInt32LE(at, at);
  const server = createServer((peer) => {
    for (let at = 0; at < whole.length; at += 4_096) peer.write(whole.subarray(at, at + 4_096));
    peer.end();
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const client = connect((server.address() as AddressInfo).port, '127.0.0.1');
  const read: Buffer[] = [];
  client.on('data', (chunk) => read.push(chunk));
  readFloodsInLargePieces(client);
  await once(client, 'close');
  expect(Buffer.concat(read).equals(whole)).toBe(true);
  server.close();
});
