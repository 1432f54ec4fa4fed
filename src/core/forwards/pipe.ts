import type { Duplex } from 'node:stream';

/** A connection that goes through a forward. */
export interface Piped {
  close(): void;
}

/**
 * Joins two streams, each at the pace of the other; the end of one direction is passed on and the other stays open, as TCP has
 * it. `count` is told of bytes, `onOver` once, when both are closed.
 */
export function joinStreams(
  near: Duplex,
  far: Duplex,
  count: (direction: 'out' | 'back', bytes: number) => void,
  onOver: () => void,
): Piped {
  let open = 2;
  const over = (): void => {
    open -= 1;
    if (open === 0) onOver();
  };
  const close = (): void => {
    near.destroy();
    far.destroy();
  };
  near.on('data', (chunk: Buffer) => {
    count('out', chunk.byteLength);
  });
  far.on('data', (chunk: Buffer) => {
    count('back', chunk.byteLength);
  });
  for (const [one, other] of [
    [near, far],
    [far, near],
  ] as const) {
    one.on('error', close);
    one.once('close', () => {
      over();
      if (!one.readableEnded) {
        other.destroy();
        return;
      }
      // What it said is still on its way to the other side; what that still says is said to nobody.
      other.unpipe(one);
      other.resume();
      other.end(() => {
        other.destroy();
      });
    });
    one.pipe(other);
  }
  return { close };
}
