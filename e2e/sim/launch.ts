import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { chromium, type Browser, type Page } from 'playwright';

const root = path.resolve(import.meta.dirname, '../..');

export interface LaunchOptions {
  readonly dataDir: string;
  /** After `--data-dir`. */
  readonly args?: readonly string[];
  readonly env?: NodeJS.ProcessEnv;
  /** Where package.json with `main` is; default: this project. */
  readonly appDir?: string;
  readonly timeoutMs?: number;
}

export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

export interface SimElectron {
  readonly process: ChildProcess;
  /** Chromium's DevTools, for `chromium.connectOverCDP`. */
  readonly wsEndpoint: string;
  /** All that the application and the simulation wrote. */
  output(): string;
  readonly ended: Promise<Ended>;
  /** As a crash: no clean-up runs in the main process. Resolves when it is gone. */
  kill9(): Promise<Ended>;
  /** As a logout: SIGTERM, then an orderly end. */
  close(): Promise<Ended>;
}

/** Runs the application's main process until it ends by itself. Node 24 must be running this. */
export function spawnSimElectron(options: LaunchOptions): {
  process: ChildProcess;
  output: () => string;
  ended: Promise<Ended>;
} {
  const here = import.meta.dirname;
  const child = spawn(
    process.execPath,
    [
      `--import=${path.join(here, 'register.ts')}`,
      path.join(here, 'run.ts'),
      options.appDir ?? root,
      `--data-dir=${options.dataDir}`,
      ...(options.args ?? []),
    ],
    { cwd: root, env: { ...process.env, ...options.env }, stdio: ['ignore', 'pipe', 'pipe'] },
  );
  let text = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (part: string) => {
      text += part;
    });
  }
  const ended = once(child, 'close').then((args) => {
    const [code, signal] = args as [number | null, NodeJS.Signals | null];
    return { code, signal };
  });
  return { process: child, output: () => text, ended };
}

/** Starts the simulated Electron and resolves when its windows can be driven. @throws with its output when it ends before */
export async function launchSimElectron(options: LaunchOptions): Promise<SimElectron> {
  const { process: child, output, ended } = spawnSimElectron(options);
  const endpoint = Promise.withResolvers<string>();
  child.stderr?.on('data', () => {
    const found = /DevTools listening on (ws:\S+)/.exec(output())?.[1];
    if (found) endpoint.resolve(found);
  });
  void ended.then(({ code }) => {
    endpoint.reject(new Error(`The simulated Electron ended with ${code}\n${output()}`));
  });
  const timer = setTimeout(() => {
    child.kill('SIGKILL');
  }, options.timeoutMs ?? 30_000);
  const wsEndpoint = await endpoint.promise.finally(() => {
    clearTimeout(timer);
  });
  const end = (signal: NodeJS.Signals): Promise<Ended> => {
    child.kill(signal);
    return ended;
  };
  return {
    process: child,
    wsEndpoint,
    output,
    ended,
    kill9: () => end('SIGKILL'),
    close: () => end('SIGTERM'),
  };
}

/** Playwright's view of the first window, once it has loaded. Close the browser to let go; the window stays. */
export async function firstPage(
  sim: SimElectron,
  timeoutMs = 15_000,
): Promise<{ browser: Browser; page: Page }> {
  const browser = await chromium.connectOverCDP(sim.wsEndpoint);
  const context = browser.contexts()[0];
  if (!context) throw new Error('Chromium has no context');
  const isWindow = (page: Page): boolean => page.url().includes('.electron-sim.invalid');
  const deadline = AbortSignal.timeout(timeoutMs);
  let page = context.pages().find(isWindow);
  while (!page) {
    if (deadline.aborted) throw new Error(`No window appeared\n${sim.output()}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
    page = context.pages().find(isWindow);
  }
  await page.waitForLoadState('load');
  return { browser, page };
}
