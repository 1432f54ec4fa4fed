/** Where bytes are shown: xterm's `write`, whose callback says that they were taken. */
export interface Screen {
  write(bytes: Uint8Array, taken: () => void): void;
}

/**
 * Credit for the host's output: enough that the parser has work while more is on its way (measured by
 * bench/terminal-stream.ts), little enough that what was sent before Ctrl-C is shown within a blink.
 */
export const terminalWindowBytes = 512 * 1024;

/** Bytes given to the screen and not yet taken. Enough that it never waits, little enough that a key is answered soon. */
const mostUntakenBytes = 256 * 1024;

/**
 * Shows a stream until it ends. It is read, which is what gives its sender credit, only while the screen is not far behind:
 * the pace of the screen reaches the host. @throws what the stream throws
 */
export async function feed(stream: AsyncIterable<Uint8Array>, screen: Screen): Promise<void> {
  let untaken = 0;
  let wake: () => void = () => undefined;
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
    }
  }
}
