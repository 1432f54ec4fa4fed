import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import path from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';

type Params = Record<string, unknown>;
export type CdpListener = (method: string, params: Params) => void;

/** A connection to Chromium's DevTools over its pipe: flat sessions, JSON texts that end with a NUL. */
export interface Cdp {
  /** @throws when Chromium refuses, or is gone */
  send(method: string, params?: Params, sessionId?: string): Promise<Params>;
  /** Events of one session, or of the browser itself. */
  listen(sessionId: string | undefined, listener: CdpListener): void;
  forget(sessionId: string): void;
}

export interface Chromium {
  readonly cdp: Cdp;
  /** For others who want to drive the pages, such as Playwright. */
  readonly wsEndpoint: string;
  onExit(listener: () => void): void;
  close(): Promise<void>;
}

interface Reply {
  id?: number;
  sessionId?: string;
  method?: string;
  params?: Params;
  result?: Params;
  error?: { message: string };
}

function openPipe(child: ChildProcess): Cdp {
  const [, , , toChild, fromChild] = child.stdio;
  const output = toChild as Writable;
  const waiting = new Map<number, { method: string; settle: PromiseWithResolvers<Params> }>();
  const listeners = new Map<string | undefined, CdpListener>();
  let lastId = 0;
  let isGone = false;

  const receive = (text: string): void => {
    const reply = JSON.parse(text) as Reply;
    if (reply.id === undefined) {
      if (reply.method !== undefined) listeners.get(reply.sessionId)?.(reply.method, reply.params ?? {});
      return;
    }
    const call = waiting.get(reply.id);
    waiting.delete(reply.id);
    if (reply.error) call?.settle.reject(new Error(`${call.method}: ${reply.error.message}`));
    else call?.settle.resolve(reply.result ?? {});
  };

  let parts: Buffer[] = [];
  (fromChild as Readable).on('data', (data: Buffer) => {
    let start = 0;
    for (let end = data.indexOf(0); end >= 0; end = data.indexOf(0, start)) {
      parts.push(data.subarray(start, end));
      const text = Buffer.concat(parts).toString();
      parts = [];
      start = end + 1;
      receive(text);
    }
    parts.push(data.subarray(start));
  });
  output.on('error', () => undefined);
  child.on('exit', () => {
    isGone = true;
    for (const { method, settle } of waiting.values())
      settle.reject(new Error(`${method}: Chromium is gone`));
    waiting.clear();
  });

  return {
    send(method, params = {}, sessionId) {
      if (isGone) return Promise.reject(new Error(`${method}: Chromium is gone`));
      const id = ++lastId;
      const settle = Promise.withResolvers<Params>();
      waiting.set(id, { method, settle });
      output.write(`${JSON.stringify({ id, method, params, ...(sessionId ? { sessionId } : {}) })}\0`);
      return settle.promise;
    },
    listen: (sessionId, listener) => void listeners.set(sessionId, listener),
    forget: (sessionId) => void listeners.delete(sessionId),
  };
}

const quietFlags = [
  '--headless',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--disable-dev-shm-usage',
  '--no-startup-window',
];

/** Starts Chromium without a page. It ends when this process does: its end of the pipe then closes. */
export async function startChromium(options: { executable: string; profileDir: string }): Promise<Chromium> {
  // Left behind by a killed run; Chromium would hand over to a process that is gone.
  for (const name of ['SingletonLock', 'SingletonCookie', 'SingletonSocket']) {
    rmSync(path.join(options.profileDir, name), { force: true });
  }
  const asRoot = process.getuid?.() === 0 ? ['--no-sandbox'] : [];
  const child = spawn(
    options.executable,
    [
      ...quietFlags,
      ...asRoot,
      `--user-data-dir=${options.profileDir}`,
      '--remote-debugging-pipe',
      '--remote-debugging-port=0',
    ],
    { stdio: ['ignore', 'ignore', 'pipe', 'pipe', 'pipe'] },
  );
  const cdp = openPipe(child);
  const exited = once(child, 'exit');
  const lines: string[] = [];
  const endpoint = new Promise<string>((resolve, reject) => {
    createInterface({ input: child.stderr as Readable }).on('line', (line) => {
      lines.push(line);
      const found = /DevTools listening on (ws:\S+)/.exec(line)?.[1];
      if (found) resolve(found);
    });
    child.on('error', reject);
    child.on('exit', (code) => {
      reject(new Error(`Chromium ended with ${code}\n${lines.slice(-10).join('\n')}`));
    });
  });
  return {
    cdp,
    wsEndpoint: await endpoint,
    onExit: (listener) => void child.on('exit', listener),
    async close() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const timer = setTimeout(() => child.kill('SIGKILL'), 3_000);
      // It may go before it answers.
      await Promise.allSettled([cdp.send('Browser.close')]);
      await exited;
      clearTimeout(timer);
    },
  };
}
