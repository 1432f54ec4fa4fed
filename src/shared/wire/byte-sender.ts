import { maxFrameBytes, resumeBelow } from './messages.ts';

const joinWithinMs = 5;

/** The sending end of a byte stream: joins small chunks, splits large ones, and stops at the receiver's window. */
export interface ByteSender {
  /** Takes a copy of what is not sent at once; never blocks. Callers that can wait await `drained`. */
  write(chunk: Uint8Array): void;
  acknowledge(bytes: number): void;
  /** Resolves when more may be written without piling up. */
  drained(): Promise<void>;
  /** Resolves when everything written was sent. */
  flushed(): Promise<void>;
  /** Bytes written and not yet sent. */
  pendingBytes(): number;
  /** Forgets what waits and releases whoever waits. */
  stop(): void;
}

/**
 * Frames of at most 256 KB. A chunk after a pause goes out at once, so that an echoed key is not delayed; what follows
 * within 5 ms is joined. Paused when `windowBytes` are unacknowledged, resumed at half of that.
 */
export function createByteSender(
  windowBytes: number,
  transport: { frame(byteLength: number): Uint8Array; send(frame: Uint8Array): void },
): ByteSender {
  const low = resumeBelow(windowBytes);
  let chunks: Uint8Array[] = [];
  let pending = 0;
  let unacknowledged = 0;
  let isPaused = false;
  let isStopped = false;
  let lastSentMs = -Infinity;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let waiting: { until: () => boolean; resolve: () => void }[] = [];

  const release = (): void => {
    const ready = waiting.filter((w) => isStopped || w.until());
    if (ready.length === 0) return;
    waiting = waiting.filter((w) => !ready.includes(w));
    for (const w of ready) w.resolve();
  };
  const wait = (until: () => boolean): Promise<void> =>
    isStopped || until()
      ? Promise.resolve()
      : new Promise((resolve) => {
          waiting.push({ until, resolve });
        });

  const takeFrame = (size: number): Uint8Array => {
    const frame = transport.frame(size);
    let filled = 0;
    while (filled < size) {
      const chunk = chunks[0];
      if (!chunk) break;
      const part = chunk.subarray(0, size - filled);
      frame.set(part, filled);
      filled += part.byteLength;
      if (part.byteLength === chunk.byteLength) chunks.shift();
      else chunks[0] = chunk.subarray(part.byteLength);
    }
    pending -= size;
    return frame;
  };

  const sendAll = (): void => {
    clearTimeout(timer);
    timer = undefined;
    while (pending > 0 && !isPaused && !isStopped) {
      const frame = takeFrame(Math.min(pending, maxFrameBytes, windowBytes - unacknowledged));
      unacknowledged += frame.byteLength;
      isPaused = unacknowledged >= windowBytes;
      lastSentMs = performance.now();
      transport.send(frame);
    }
    release();
  };

  return {
    write(chunk) {
      if (isStopped || chunk.byteLength === 0) return;
      chunks.push(chunk);
      pending += chunk.byteLength;
      if (!isPaused) {
        if (pending >= maxFrameBytes || performance.now() - lastSentMs >= joinWithinMs) sendAll();
        else timer ??= setTimeout(sendAll, joinWithinMs);
      }
      const left = chunks.pop();
      // Not slice(): on a Node Buffer that is a view of memory which the writer may use again.
      if (left) chunks.push(new Uint8Array(left));
    },
    acknowledge(bytes) {
      unacknowledged = Math.max(0, unacknowledged - bytes);
      if (!isPaused || unacknowledged > low) return;
      isPaused = false;
      sendAll();
    },
    drained: () => wait(() => !isPaused && pending < maxFrameBytes),
    flushed() {
      if (!isPaused) sendAll();
      return wait(() => pending === 0);
    },
    pendingBytes: () => pending,
    stop() {
      isStopped = true;
      clearTimeout(timer);
      chunks = [];
      pending = 0;
      release();
    },
  };
}
