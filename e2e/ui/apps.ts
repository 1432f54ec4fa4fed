import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { _electron, chromium, expect, type Browser, type Page } from '@playwright/test';
import { firstPage, launchSimElectron } from '../sim/launch.ts';
import { startBrowserHost } from '../support/browser-host.ts';
import { chromiumFlags, chromiumPath } from '../support/chromium.ts';
import { electronBinary } from '../support/electron-binary.ts';
import type { HostName } from './fleet.ts';
import { appsFolder } from './run-folder.ts';

/** The application in one of its hosts, on a data directory of its own. */
export interface App {
  readonly host: HostName;
  readonly dataDir: string;
  /** The window; another one after a restart. */
  readonly page: Page;
  /** All that the present process printed. */
  output(): string;
  /** Presses what begins a download, and waits until it is whole. Not in Electron: its dialog asks a person. */
  saved(begin: () => Promise<void>): Promise<{ name: string; bytes: Buffer }>;
  /** Ends it as a crash would (SIGKILL). */
  kill9(): Promise<void>;
  /** Ends it as the system's logout would (SIGTERM); must go without an error. */
  close(): Promise<void>;
  start(): Promise<void>;
}

interface Running {
  readonly page: Page;
  output(): string;
  kill9(): Promise<void>;
  close(): Promise<void>;
}

const actionTimeoutMs = 15_000;
const root = resolve(import.meta.dirname, '../..');

/** The environment of a user who has a home and nothing in it: no keyring, no SSH configuration. */
function userEnvironment(folder: string): Record<string, string> {
  const mark = process.env['HOMEPORT_TEST_RUN'];
  return {
    PATH: process.env['PATH'] ?? '/usr/bin:/bin',
    HOME: join(folder, 'home'),
    TMPDIR: join(folder, 'tmp'),
    LANG: 'en_GB.UTF-8',
    TZ: 'Europe/Paris',
    ...(mark === undefined ? {} : { HOMEPORT_TEST_RUN: mark }),
  };
}

/** Chromium of the tests, for pages served by the browser host. */
export async function launchBrowser(): Promise<Browser> {
  return chromium.launch({ executablePath: chromiumPath, args: [...chromiumFlags] });
}

const startedIn: Record<HostName, (dataDir: string, env: Record<string, string>) => Promise<Running>> = {
  async browser(dataDir, env) {
    const host = await startBrowserHost({ dataDir, env });
    const browser = await launchBrowser();
    const context = await browser.newContext({
      viewport: { width: 1280, height: 800 },
      locale: 'en-GB',
      timezoneId: 'Europe/Paris',
    });
    const page = await context.newPage();
    await page.goto(host.url);
    return {
      page,
      output: () => host.output(),
      async kill9() {
        await host.kill9();
        await browser.close();
      },
      async close() {
        await browser.close();
        await host.close();
      },
    };
  },
  async 'electron-sim'(dataDir, env) {
    // Without a keyring, so that the passphrase is needed at each start as in the browser host.
    const sim = await launchSimElectron({ dataDir, env: { ...env, HOMEPORT_SIM_KEYRING: 'basic_text' } });
    // Under load Chromium was seen to close the first connection to its DevTools; the second one stays.
    const { browser, page } = await firstPage(sim).catch(() => firstPage(sim));
    return {
      page,
      output: () => sim.output(),
      async kill9() {
        await sim.kill9();
        await browser.close();
      },
      async close() {
        await browser.close();
        const { code, signal } = await sim.close();
        if (code !== 0) {
          throw new Error(`The simulated Electron ended with ${code ?? signal}:\n${sim.output()}`);
        }
      },
    };
  },
  async electron(dataDir, env) {
    const executablePath = electronBinary();
    if (executablePath === null) throw new Error("Electron's program is not on this computer");
    const noSandbox = process.getuid?.() === 0 ? ['--no-sandbox'] : [];
    const display = Object.fromEntries(
      Object.entries(process.env).flatMap(([name, value]) =>
        /^(DISPLAY|WAYLAND_DISPLAY|XAUTHORITY|XDG_RUNTIME_DIR)$/.test(name) && value !== undefined
          ? [[name, value]]
          : [],
      ),
    );
    const app = await _electron.launch({
      executablePath,
      args: [...noSandbox, '--password-store=basic', root, `--data-dir=${dataDir}`],
      env: { ...env, ...display },
    });
    let text = '';
    for (const stream of [app.process().stdout, app.process().stderr]) {
      stream?.setEncoding('utf8').on('data', (part: string) => (text += part));
    }
    const page = await app.firstWindow();
    const ended = new Promise<void>((done) => app.process().once('exit', () => done()));
    return {
      page,
      output: () => text,
      async kill9() {
        app.process().kill('SIGKILL');
        await ended;
      },
      async close() {
        await app.close();
      },
    };
  },
};

/** A download as the browser of the page takes it: of a file that the page itself made, in every host. */
export async function downloaded(
  page: Page,
  begin: () => Promise<void>,
): Promise<{ name: string; bytes: Buffer }> {
  const [download] = await Promise.all([page.waitForEvent('download'), begin()]);
  return { name: download.suggestedFilename(), bytes: readFileSync(await download.path()) };
}

/** The simulation notes each file that it has saved. */
async function savedBySimulation(
  output: () => string,
  begin: () => Promise<void>,
): Promise<{ name: string; bytes: Buffer }> {
  const from = output().length;
  await begin();
  const found = (): string | undefined => /^sim: saved (.+)$/m.exec(output().slice(from))?.[1];
  await expect.poll(found, { timeout: 30_000 }).toBeDefined();
  const path = found() ?? '';
  return { name: basename(path), bytes: readFileSync(path) };
}

/** Starts the application on an empty data directory; `label` says whose it is. */
export async function openApp(host: HostName, label: string): Promise<App> {
  // Short: Chromium puts a socket below TMPDIR, and the path of a socket has at most 107 bytes.
  const folder = mkdtempSync(join(appsFolder(), `${host.charAt(0)}-`));
  writeFileSync(join(folder, 'test'), `${host}: ${label}\n`);
  for (const name of ['home', 'tmp']) mkdirSync(join(folder, name), { mode: 0o700 });
  const dataDir = join(folder, 'data');
  let running: Running | null = null;
  const now = (): Running => {
    if (running === null) throw new Error('The application is not running');
    return running;
  };
  const end = async (how: 'kill9' | 'close'): Promise<void> => {
    const was = running;
    running = null;
    await was?.[how]();
  };
  const app: App = {
    host,
    dataDir,
    get page() {
      return now().page;
    },
    output: () => now().output(),
    async saved(begin) {
      if (host === 'browser') return downloaded(now().page, begin);
      if (host === 'electron') throw new Error('The dialog of a real Electron asks a person');
      return savedBySimulation(() => now().output(), begin);
    },
    kill9: () => end('kill9'),
    close: () => end('close'),
    async start() {
      if (running !== null) throw new Error('The application is running already');
      running = await startedIn[host](dataDir, userEnvironment(folder));
      running.page.setDefaultTimeout(actionTimeoutMs);
    },
  };
  await app.start();
  return app;
}
