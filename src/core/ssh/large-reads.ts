/** From here on so much comes that nobody waits for a single piece of it. */
const floodBytesPerMs = 5_000;
const measuredMs = 20;
/** What Node reads at most at once: where it got that much, more is there already. */
const fullReadBytes = 64 * 1024;
const restMs = 1;

/** What is used of a socket. */
export interface Readable {
  on(event: 'data', listener: (chunk: Buffer) => void): unknown;
  pause(): unknown;
  resume(): unknown;
}

/**
 * Reads a flood in a few large pieces. sshd writes the packets of a terminal one by one, 4 KB each, and a core that is quicker
 * than that is woken for each two of them (measured by bench/terminal-product.ts: 9,300 reads for 100 MB; 2,700 so). Each read
 * that leaves nothing behind is followed by a rest of a millisecond, in which the next packets gather. Outside of floods, and
 * where more is there already, nothing waits. Call it after the reader has its own listener: this one starts the flow.
 */
export function readFloodsInLargePieces(
  stream: Readable,
  nowMs: () => number = () => performance.now(),
): void {
  let sinceMs = nowMs();
  let bytes = 0;
  let isFlood = false;
  stream.on('data', (chunk) => {
    bytes += chunk.length;
    const passedMs = nowMs() - sinceMs;
    if (passedMs >= measuredMs) {
      isFlood = bytes > passedMs * floodBytesPerMs;
      sinceMs += passedMs;
      bytes = 0;
    }
    if (!isFlood || chunk.length >= fullReadBytes) return;
    stream.pause();
    setTimeout(() => stream.resume(), restMs);
  });
}
