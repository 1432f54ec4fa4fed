const blockBytes = 32 * 1024;

/** The last bytes of a stream, by their position in it. */
export interface Tail {
  /** Position of the oldest byte that is still here. */
  readonly start: number;
  /** How many bytes there were: the position of the next one. */
  readonly end: number;
  push(bytes: Uint8Array): void;
  /** A copy of what came from that position on, as far as it is still here; at most one block in each piece. */
  since(position: number): Uint8Array[];
}

/**
 * Keeps at least the last `keptBytes`. They are copied into blocks: a piece of a few bytes would otherwise hold the whole
 * packet that it was cut from. The block that leaves is the next one: a flood leaves nothing to be collected.
 */
export function createTail(keptBytes: number): Tail {
  const blocks: Uint8Array[] = [];
  let spare: Uint8Array | undefined;
  let start = 0;
  let end = 0;
  return {
    get start() {
      return start;
    },
    get end() {
      return end;
    },
    push(bytes) {
      for (let at = 0; at < bytes.byteLength;) {
        const used = (end - start) % blockBytes;
        if (used === 0) {
          blocks.push(spare ?? new Uint8Array(blockBytes));
          spare = undefined;
        }
        const part = bytes.subarray(at, at + blockBytes - used);
        blocks.at(-1)?.set(part, used);
        end += part.byteLength;
        at += part.byteLength;
        if (end - start - blockBytes < keptBytes) continue;
        spare = blocks.shift();
        start += blockBytes;
      }
    },
    since(position) {
      const pieces: Uint8Array[] = [];
      for (let at = Math.max(position, start); at < end;) {
        const offset = at - start;
        const from = offset % blockBytes;
        const to = Math.min(blockBytes, from + end - at);
        pieces.push(blocks[Math.floor(offset / blockBytes)]!.slice(from, to));
        at += to - from;
      }
      return pieces;
    },
  };
}
