import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join, resolve } from 'node:path';

const root = resolve(import.meta.dirname, '../..');

export interface BrowserHostOptions {
  readonly dataDir: string;
  /** The whole environment of the process. */
  readonly env: NodeJS.ProcessEnv;
  readonly timeoutMs?: number;
}

/** The built browser host, running as a process of its own. */
export interface BrowserHost {
  readonly process: ChildProcess;
  /** The launch link that it printed; opens once. */
  readonly url: string;
  /** All that it printed. */
  output(): string;
  /** Ends it as a crash would. */
  kill9(): Promise<void>;
  /** Asks it to stop. @throws when it ends with an error or not within 15 s */
  close(): Promise<void>;
}

/** Starts `out/main/gateway.js` and waits for its link. Node 24 must be running this. @throws with its output when it ends before */
export async function startBrowserHost(options: BrowserHostOptions): Promise<BrowserHost> {
  const child = spawn(
    process.execPath,
    [join(root, 'out/main/gateway.js'), `--data-dir=${options.dataDir}`, '--no-open'],
    { cwd: root, env: options.env, stdio: ['ignore', 'pipe', 'pipe'] },
  );
  let text = '';
  const url = Promise.withResolvers<string>();
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (part: string) => {
      text += part;
      const found = /(http:\/\/127\.0\.0\.1:\S+)/.exec(text)?.[1];
      if (found !== undefined) url.resolve(found);
    });
  }
  const ended = once(child, 'close').then(([code, signal]) => {
    url.reject(new Error(`The browser host ended with ${String(code ?? signal)}:\n${text}`));
    return { code: code as number | null, signal: signal as NodeJS.Signals | null };
  });
  const timer = setTimeout(() => {
    child.kill('SIGKILL');
  }, options.timeoutMs ?? 30_000);
  const found = await url.promise.finally(() => {
    clearTimeout(timer);
  });
  return {
    process: child,
    url: found,
    output: () => text,
    async kill9() {
      child.kill('SIGKILL');
      await ended;
    },
    async close() {
      child.kill('SIGTERM');
      const limit = setTimeout(() => child.kill('SIGKILL'), 15_000);
      const { code, signal } = await ended;
      clearTimeout(limit);
      if (code !== 0) throw new Error(`The browser host ended with ${code ?? signal}:\n${text}`);
    },
  };
}
