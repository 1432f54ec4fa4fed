import { createServer } from 'node:http';
import { mkdtempSync, readFileSync, rmSync, existsSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { extname, join, resolve } from 'node:path';
import { chromium } from 'playwright';
import { build } from 'vite';
import { WebSocketServer } from 'ws';
import { createDispatch } from '../src/core/dispatch.ts';
import { terminalWindowBytes } from '../src/renderer/features/terminals/feed.ts';
import { serveWire } from '../src/shared/wire/server.ts';
import { socketTransport } from '../src/shared/wire/websocket-transport.ts';
import { percentile, report, round } from './report.ts';
import { benchContract } from './terminal/contract.ts';
import { terminalChunks } from './terminal/output.ts';

const STREAM_BYTES = 10 * 1024 * 1024;
const ROUNDS = 3;
const chromiumPath = '/usr/bin/chromium';
const types: Record<string, string> = { '.html': 'text/html', '.js': 'text/javascript', '.css': 'text/css' };

/** Terminal output through the wire into a real page with xterm, against xterm alone fed from memory, in one page. */
export async function benchTerminalStream(): Promise<void> {
  if (!existsSync(chromiumPath)) {
    report('terminal-stream', { skipped: 'needs Chromium' });
    return;
  }
  const bench = await serveBenchPage();
  const browser = await chromium.launch({
    executablePath: chromiumPath,
    args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--disable-sync'],
  });
  try {
    const page = await browser.newPage();
    await page.goto(bench.url);
    const measure = (expression: string) => page.evaluate<number>(expression);
    const rounds = { alone: [] as number[], wire: [] as number[], shown: [] as number[] };
    // The first round only warms up; the others alternate, so that all three see the same machine.
    for (let i = 0; i <= ROUNDS; i++) {
      const alone = await measure(`xtermAlone(${STREAM_BYTES})`);
      const wire = await measure(`wire(${STREAM_BYTES}, false, ${terminalWindowBytes})`);
      const shown = await measure(`wire(${STREAM_BYTES}, true, ${terminalWindowBytes})`);
      if (i === 0) continue;
      rounds.alone.push(alone);
      rounds.wire.push(wire);
      rounds.shown.push(shown);
    }
    const [alone, wire, shown] = [rounds.alone, rounds.wire, rounds.shown].map((r) => percentile(r, 0.5));
    report('terminal-stream', {
      xtermAloneMbPerS: round(alone ?? 0, 1),
      wireAloneMbPerS: round(wire ?? 0, 1),
      wireAndXtermMbPerS: round(shown ?? 0, 1),
      ratio: round((shown ?? 0) / (alone ?? 1)),
    });
  } finally {
    await browser.close();
    bench.close();
  }
}

/** The page of this bench, and the wire that it speaks. */
export async function serveBenchPage(): Promise<{ readonly url: string; close(): void }> {
  const outDir = mkdtempSync(join(tmpdir(), 'homeport-bench-'));
  const root = resolve(import.meta.dirname, 'terminal');
  await build({ root, logLevel: 'error', configFile: false, build: { outDir, emptyOutDir: true } });
  const dispatch = createDispatch(
    benchContract,
    {
      flood: async function* ({ bytes }) {
        yield* terminalChunks(bytes);
      },
    },
    { log: (message) => console.error(message) },
  );
  const http = createServer((request, response) => {
    const file = join(outDir, request.url === '/' ? 'index.html' : (request.url ?? ''));
    response.setHeader('content-type', types[extname(file)] ?? 'application/octet-stream');
    response.end(existsSync(file) ? readFileSync(file) : '');
  });
  const sockets = new WebSocketServer({ server: http, path: '/ws', perMessageDeflate: false });
  sockets.on('connection', (socket) => {
    serveWire(socketTransport(socket), dispatch, 'web', (message) => console.error(message));
  });
  await new Promise<void>((done) => http.listen(0, '127.0.0.1', done));
  const { port } = http.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/`,
    close() {
      sockets.close();
      http.close();
      rmSync(outDir, { recursive: true, force: true });
    },
  };
}
