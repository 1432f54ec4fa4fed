import { Terminal } from '@xterm/xterm';
import '@xterm/xterm/css/xterm.css';
import { feed } from '../../src/renderer/features/terminals/feed.ts';
import { createClient } from '../../src/shared/wire/client.ts';
import { webSocketTransport } from '../../src/shared/wire/websocket-transport.ts';
import { benchContract } from './contract.ts';
import { terminalChunks } from './output.ts';

const terminal = new Terminal({ cols: 120, rows: 40, scrollback: 5_000 });
const element = document.getElementById('terminal');
if (element) terminal.open(element);
const client = createClient(benchContract, webSocketTransport(`ws://${location.host}/ws`));

/** xterm's write callback: the bytes are parsed. */
const written = (chunk: Uint8Array) => new Promise<void>((done) => terminal.write(chunk, done));

async function timed(work: () => Promise<number>): Promise<number> {
  const started = performance.now();
  const bytes = await work();
  return bytes / 1e6 / ((performance.now() - started) / 1000);
}

Object.assign(window, {
  /** MB/s of xterm fed from memory. */
  xtermAlone: (total: number) => {
    // Made before the clock runs: the wire's page does not make its output either.
    const chunks = [...terminalChunks(total)];
    // All handed over at once: waiting for each would measure the browser's 4 ms timers.
    return timed(async () => {
      await Promise.all(chunks.map(written));
      return chunks.reduce((bytes, chunk) => bytes + chunk.byteLength, 0);
    });
  },
  /** MB/s of the wire alone, with or without xterm behind it. */
  wire: (total: number, isShown: boolean, windowBytes: number) =>
    timed(async () => {
      let bytes = 0;
      const stream = client.flood({ bytes: total }, { windowBytes });
      const counted = (chunk: Uint8Array, taken: () => void) => {
        bytes += chunk.byteLength;
        if (isShown) terminal.write(chunk, taken);
        else taken();
      };
      await feed(stream, { write: counted });
      // What was written last is parsed when an empty write is.
      await written(new Uint8Array());
      return bytes;
    }),
});
