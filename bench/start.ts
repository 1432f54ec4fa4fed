import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { chromium, type Browser } from 'playwright';
import { openCoreSession } from '../e2e/support/core-session.ts';
import { percentile, report, round } from './report.ts';

const ROUNDS = 5;
const root = resolve(import.meta.dirname, '..');
const chromiumPath = '/usr/bin/chromium';

/**
 * From the start of the process to the first painted tile, with 10 and with 1,000 machines, in a browser that runs already;
 * against a page of one line from a bare HTTP server in the same browser.
 */
export async function benchStart(): Promise<void> {
  if (!existsSync(chromiumPath) || !existsSync(join(root, 'out/main/gateway.js'))) {
    report('start', { skipped: 'needs Chromium and a build (npm run build)' });
    return;
  }
  const browser = await chromium.launch({
    executablePath: chromiumPath,
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });
  try {
    const floor = await blankPage(browser);
    for (const machines of [10, 1_000]) {
      const dataDir = mkdtempSync(join(tmpdir(), 'homeport-bench-'));
      await fill(dataDir, machines);
      const served: number[] = [];
      const painted: number[] = [];
      for (let i = 0; i < ROUNDS; i++) {
        const times = await startOnce(browser, dataDir);
        served.push(times.servedMs);
        painted.push(times.paintedMs);
      }
      rmSync(dataDir, { recursive: true, force: true });
      report('start', {
        machines,
        processToUrlMs: round(percentile(served, 0.5), 0),
        processToFirstTileMs: round(percentile(painted, 0.5), 0),
        blankPageMs: round(floor, 0),
        targetMs: 3000,
      });
    }
  } finally {
    await browser.close();
  }
}

async function fill(dataDir: string, machines: number): Promise<void> {
  const session = await openCoreSession({ dataDir });
  for (let i = 0; i < machines; i++) {
    await session.client['machines.add']({
      name: `host-${i}`,
      hostname: `host-${i}.test`,
      username: 'ops',
      credentials: { authMethod: 'agent', sudoMode: 'nopasswd' },
    });
  }
  await session.close();
}

async function startOnce(
  browser: Browser,
  dataDir: string,
): Promise<{ servedMs: number; paintedMs: number }> {
  const started = performance.now();
  const child = spawn(
    process.execPath,
    [join(root, 'out/main/gateway.js'), '--data-dir', dataDir, '--no-open'],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  );
  try {
    const url = await printedUrl(child);
    const servedMs = performance.now() - started;
    const page = await browser.newPage();
    await page.goto(url);
    await page.getByText('host-0', { exact: true }).first().waitFor();
    const paintedMs = performance.now() - started;
    await page.close();
    return { servedMs, paintedMs };
  } finally {
    const ended = new Promise((done) => child.once('exit', done));
    child.kill('SIGTERM');
    await ended;
  }
}

async function printedUrl(child: ChildProcess): Promise<string> {
  if (!child.stdout) throw new Error('no output');
  for await (const line of createInterface({ input: child.stdout })) {
    const url = /http:\/\/127\.0\.0\.1:\S+/.exec(line)?.[0];
    if (url) return url;
  }
  throw new Error('The host ended without printing its address');
}

async function blankPage(browser: Browser): Promise<number> {
  const server = createServer((_request, response) =>
    response.end('<!doctype html><title>x</title><p>host-0</p>'),
  );
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const { port } = server.address() as AddressInfo;
  const samples: number[] = [];
  for (let i = 0; i < ROUNDS; i++) {
    const started = performance.now();
    const page = await browser.newPage();
    await page.goto(`http://127.0.0.1:${port}/`);
    await page.getByText('host-0').waitFor();
    samples.push(performance.now() - started);
    await page.close();
  }
  server.close();
  return percentile(samples, 0.5);
}
