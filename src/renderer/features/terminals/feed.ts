/** Where bytes are shown: xterm's `write`, whose callback says that they were taken. */
export interface Screen {
  write(bytes: Uint8Array, taken: () => void): void;
}

/**
 * Credit for the host's output: enough that the parser has work while more is on its way (measured by
 * bench/terminal-stream.ts), little enough that what was sent before Ctrl-C is shown within a blink.
 */
export const terminalWindowBytes = 1024 * 1024;

/** Bytes given to the screen and not yet taken. Enough that it never waits, little enough that a key is answered soon. */
const mostUntakenBytes = 256 * 1024;

/**
 * A task of its own. xterm parses in a timer, and browsers make timers that are set from timers wait for 4 ms (HTML, "timer
 * initialization steps"), in which as much could be shown again; what is written in another task is parsed at once.
 */
function createNextTask(): () => Promise<void> {
  const { port1, port2 } = new MessageChannel();
  let go: () => void = () => undefined;
  port1.addEventListener('message', () => {
    go();
  });
  port1.start();
  return () =>
    new Promise((resolve) => {
      go = resolve;
      port2.postMessage(null);
    });
}

/**
 * Shows a stream until it ends. It is read, which is what gives its sender credit, only while the screen is not far behind:
 * the pace of the screen reaches the host. @throws what the stream throws
 */
export async function feed(stream: AsyncIterable<Uint8Array>, screen: Screen): Promise<void> {
  let untaken = 0;
  let wake: () => void = () => undefined;
  const nextTask = createNextTask();
  for await (const chunk of stream) {
    untaken += chunk.byteLength;
    screen.write(chunk, () => {
      untaken -= chunk.byteLength;
      if (untaken < mostUntakenBytes) wake();
    });
    while (untaken >= mostUntakenBytes) {
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
      await nextTask();
    }
  }
}
