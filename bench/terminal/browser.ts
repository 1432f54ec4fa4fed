import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { chromium, type BrowserContext } from 'playwright';
import { endWithBench } from '../interrupted.ts';
import { chromiumFlags, chromiumPath } from '../../e2e/support/chromium.ts';

/** A browser of its own process, which Playwright may leave and come back to. */
export interface BenchBrowser {
  readonly port: number;
  /** Works with Playwright, which lets go of it afterwards; pages stay. */
  prepare(work: (context: BrowserContext) => Promise<void>): Promise<void>;
  close(): Promise<void>;
}

/** @throws when it does not say within half a minute where it listens */
export async function startBrowser(): Promise<BenchBrowser> {
  const profile = mkdtempSync(join(tmpdir(), 'homeport-bench-'));
  const child = spawn(
    chromiumPath,
    [
      ...chromiumFlags,
      '--headless=new',
      '--remote-debugging-port=0',
      '--remote-allow-origins=*',
      `--user-data-dir=${profile}`,
      '--window-size=1280,1000',
      'about:blank',
    ],
    { stdio: ['ignore', 'ignore', 'pipe'] },
  );
  endWithBench(child);
  const port = await new Promise<number>((resolve, reject) => {
    const timer = setTimeout(() => {
      reject(new Error('Chromium does not say where it listens'));
    }, 30_000);
    createInterface({ input: child.stderr }).on('line', (line) => {
      const found = /^DevTools listening on ws:\/\/127\.0\.0\.1:(\d+)\//.exec(line);
      if (!found) return;
      clearTimeout(timer);
      resolve(Number(found[1]));
    });
  });
  return {
    port,
    async prepare(work) {
      const browser = await chromium.connectOverCDP(`http://127.0.0.1:${port}`);
      const [context] = browser.contexts();
      if (!context) throw new Error('Chromium has no context');
      await work(context);
      // It was not started by Playwright: this only lets go of it.
      await browser.close();
    },
    async close() {
      const ended = once(child, 'exit');
      child.kill();
      await ended;
      rmSync(profile, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}
