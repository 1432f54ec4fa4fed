import { describe, expect, it } from 'vitest';
import { createTail } from './tail.ts';

const KiB = 1024;
const joined = (pieces: Iterable<Uint8Array>) => Buffer.concat([...pieces]);

describe('the tail of a stream', () => {
  it('gives back what came from any position on', () => {
    const tail = createTail(100 * KiB);
    const all = Buffer.alloc(90 * KiB, 0);
    for (let at = 0; at < all.length; at += 1) all[at] = (at * 7 + (at >> 8)) % 251;
    for (let at = 0; at < all.length;) {
      const length = Math.min(1 + ((at * 13) % 5_000), all.length - at);
      tail.push(all.subarray(at, at + length));
      at += length;
    }
    expect([tail.start, tail.end]).toEqual([0, all.length]);
    for (const from of [0, 1, 32 * KiB - 1, 32 * KiB, 70_001, all.length - 1, all.length]) {
      expect(joined(tail.since(from)).equals(all.subarray(from))).toBe(true);
    }
  });

  it('holds no less than it promises and little more', () => {
    const tail = createTail(100 * KiB);
    for (let piece = 0; piece < 1_000; piece += 1) {
      tail.push(Buffer.alloc(3_000, piece % 256));
      const held = tail.end - tail.start;
      expect(held).toBeGreaterThanOrEqual(Math.min(tail.end, 100 * KiB));
      expect(held).toBeLessThanOrEqual(132 * KiB);
    }
    expect(joined(tail.since(0)).length).toBe(tail.end - tail.start);
    expect(joined(tail.since(tail.end - 1))[0]).toBe(999 % 256);
  });

  it('does not change under a reader', () => {
    const tail = createTail(32 * KiB);
    tail.push(Buffer.alloc(64 * KiB, 1));
    const read = tail.since(0);
    // Every block is written over.
    tail.push(Buffer.alloc(256 * KiB, 2));
    expect(new Set(joined(read))).toEqual(new Set([1]));
    expect(new Set(joined(tail.since(0)))).toEqual(new Set([2]));
  });
});
