import { readFileSync, writeFileSync } from 'node:fs';
import { once } from 'node:events';
import { WebSocket } from 'ws';
import { startBrowserHost, type BrowserHost } from './browser-host.ts';
import { contract, type HomeportClient } from '../../src/shared/contract/index.ts';
import { createClient } from '../../src/shared/wire/client.ts';
import { socketTransport } from '../../src/shared/wire/websocket-transport.ts';

/** The built application as a process of its own, spoken to as its page does. Linux only: figures come from /proc. */
export interface AppProcess {
  readonly client: HomeportClient;
  readonly pid: number;
  /** Asks the browser host for one of its own addresses, as its page does. */
  fetch(path: string, init?: { headers?: Record<string, string>; signal?: AbortSignal }): Promise<Response>;
  /** CPU time used so far, milliseconds. */
  cpuMs(): number;
  /** Most memory resident since `resetPeak`, bytes. */
  peakBytes(): number;
  /** Forgets the peak so far: unlocking with a passphrase takes 128 MB for half a second, by design of scrypt. */
  resetPeak(): void;
  /** Holds the whole process where it is, as a computer that sleeps does; `wake` lets it go on. */
  sleep(): void;
  wake(): void;
  /** Ends it as a crash would. */
  kill9(): Promise<void>;
  close(): Promise<void>;
}

const TICKS_PER_S = 100;

export async function startApp(dataDir: string): Promise<AppProcess> {
  const host: BrowserHost = await startBrowserHost({ dataDir, env: { ...process.env } });
  const opened = await fetch(host.url, { redirect: 'manual' });
  const cookie = (opened.headers.get('set-cookie') ?? '').split(';')[0] ?? '';
  const { host: authority } = new URL(host.url);
  const socket = new WebSocket(`ws://${authority}/ws`, {
    headers: { cookie, origin: `http://${authority}` },
    perMessageDeflate: false,
  });
  await once(socket, 'open');
  const pid = host.process.pid ?? 0;
  return {
    client: createClient(contract, socketTransport(socket)),
    pid,
    fetch: (path, init = {}) =>
      fetch(`http://${authority}${path}`, { ...init, headers: { ...init.headers, cookie } }),
    cpuMs() {
      // proc(5): the 14th and 15th field; the name before them may hold blanks.
      const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
      const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      return ((Number(fields[11]) + Number(fields[12])) * 1000) / TICKS_PER_S;
    },
    peakBytes() {
      const peak = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
      return Number(peak) * 1024;
    },
    // proc(5): 5 resets VmHWM.
    resetPeak: () => writeFileSync(`/proc/${pid}/clear_refs`, '5'),
    sleep: () => process.kill(pid, 'SIGSTOP'),
    wake: () => process.kill(pid, 'SIGCONT'),
    async kill9() {
      socket.terminate();
      await host.kill9();
    },
    async close() {
      socket.close();
      await host.close();
    },
  };
}
