import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Browser, Page } from 'playwright';
import { afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { build, isBuilt } from '../../scripts/lib/bundles.mjs';
import { firstPage, launchSimElectron, spawnSimElectron, type SimElectron } from './launch.ts';

const root = process.env['HOMEPORT_SIM_APP'] ?? path.resolve(import.meta.dirname, '../..');
const hasChromium = existsSync(process.env['HOMEPORT_SIM_CHROMIUM'] ?? '/usr/bin/chromium');

let dataDir: string;
const running: SimElectron[] = [];
const browsers: Browser[] = [];

beforeAll(() => {
  if (!isBuilt(root)) expect(build(root, process.execPath)).toBeNull();
});
beforeEach(() => {
  dataDir = mkdtempSync(path.join(tmpdir(), 'homeport-sim-'));
});
afterEach(async () => {
  for (const browser of browsers.splice(0)) await browser.close();
  for (const sim of running.splice(0)) await sim.kill9();
  // Chromium may still be writing its profile for a moment after its main process was killed.
  rmSync(dataDir, { recursive: true, maxRetries: 20, retryDelay: 100 });
});

async function launch(env: NodeJS.ProcessEnv = {}): Promise<{ sim: SimElectron; page: Page }> {
  const sim = await launchSimElectron({ dataDir, env, appDir: root });
  running.push(sim);
  const { browser, page } = await firstPage(sim);
  browsers.push(browser);
  return { sim, page };
}

/** A document of our origin with the preload and none of the product's own scripts. */
async function openBarePage(page: Page): Promise<void> {
  const response = await page.goto(new URL('/theme.js', page.url()).href);
  expect(response?.status()).toBe(200);
}

/** Processes whose command line names this test's directory. */
function processesOf(directory: string): string[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .filter((pid) => {
      try {
        return readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(directory);
      } catch {
        // It ended while we were looking.
        return false;
      }
    });
}

interface PagePort {
  onmessage: (event: { data: unknown }) => void;
  postMessage(message: unknown): void;
}

/** Asks the preload for a port and makes one call on it, in the page. */
const callFromPage = (page: Page): Promise<unknown> =>
  page.evaluate(async () => {
    const scope = globalThis as unknown as {
      addEventListener(
        type: 'message',
        listener: (event: { data: unknown; ports: PagePort[] }) => void,
      ): void;
      postMessage(message: unknown, target: string): void;
      location: { origin: string };
    };
    const port = await new Promise<PagePort>((resolve) => {
      scope.addEventListener('message', (event) => {
        const [first] = event.ports;
        if (event.data === 'homeport:port' && first) resolve(first);
      });
      scope.postMessage('homeport:port-wanted', scope.location.origin);
    });
    return new Promise((resolve) => {
      port.onmessage = (event) => {
        resolve(event.data);
      };
      port.postMessage({ t: 'call', id: 1, name: 'app.info', input: {} });
    });
  });

describe.skipIf(!hasChromium)('the application in a simulated Electron (needs Chromium)', () => {
  test('starts, talks over its port as the window surface, and ends in order', async () => {
    const { sim, page } = await launch();
    expect(await page.evaluate('window.homeportHost')).toBe('electron');
    await openBarePage(page);
    expect(await callFromPage(page)).toMatchObject({ t: 'ok', id: 1, value: { host: 'electron' } });
    expect(statSync(dataDir).mode & 0o777).toBe(0o700);
    expect(await sim.close()).toEqual({ code: 0, signal: null });
    expect(processesOf(dataDir)).toEqual([]);
  });

  test('gives a new port to a page that was loaded again', async () => {
    const { page } = await launch();
    await openBarePage(page);
    await callFromPage(page);
    await page.reload();
    expect(await callFromPage(page)).toMatchObject({ t: 'ok' });
  });

  test('keeps the page apart from Node and from the preload', async () => {
    const { page } = await launch();
    const seen = await page.evaluate(
      `[typeof require, typeof process, typeof module, typeof ipcRenderer, typeof __simTell]`,
    );
    expect(seen).toEqual(Array.from({ length: 5 }, () => 'undefined'));
  });

  test('runs no inline script and reaches no other origin', async () => {
    const { sim, page } = await launch();
    const ran = await page.evaluate(() => {
      const scope = globalThis as unknown as {
        document: {
          createElement(name: string): { textContent: string };
          head: { append(node: unknown): void };
        };
        inlineRan?: boolean;
      };
      const script = scope.document.createElement('script');
      script.textContent = 'window.inlineRan = true';
      scope.document.head.append(script);
      return scope.inlineRan ?? false;
    });
    expect(ran).toBe(false);
    const outcome = await page.evaluate(() =>
      fetch('https://example.org/').then(
        () => 'answered',
        () => 'refused',
      ),
    );
    expect(outcome).toBe('refused');
    expect(sim.output()).not.toContain('sim: refused');
  });

  test('stays on its page, opens no window, and hands https links to the system', async () => {
    const { sim, page } = await launch();
    const home = page.url();
    // `void`: a window proxy is no value that could come back.
    await page.evaluate(`void window.open('https://www.debian.org/')`);
    await page.evaluate(`void window.open('http://insecure.example/')`);
    await page.evaluate(`void (location.href = 'https://evil.example/')`);
    await vi.waitFor(() => {
      expect(sim.output()).toContain('stayed away from https://evil.example/');
    });
    expect(page.url()).toBe(home);
    expect(sim.output()).toContain('opened outside: https://www.debian.org/');
    expect(sim.output()).not.toContain('opened outside: http://insecure');
    await vi.waitFor(() => {
      expect(page.context().pages()).toHaveLength(1);
    });
  });

  test('ends when its window is closed', async () => {
    const { sim, page } = await launch();
    await page.close();
    expect(await sim.ended).toEqual({ code: 0, signal: null });
  });

  test('leaves no browser behind when it is killed, and starts again on the same data', async () => {
    const first = await launch();
    await browsers.pop()?.close();
    expect(await first.sim.kill9()).toEqual({ code: null, signal: 'SIGKILL' });
    await vi.waitFor(
      () => {
        expect(processesOf(dataDir)).toEqual([]);
      },
      { timeout: 5_000 },
    );
    const second = await launch();
    expect(await second.page.evaluate('window.homeportHost')).toBe('electron');
    expect(await second.sim.close()).toEqual({ code: 0, signal: null });
  });

  test('makes its menu of the commands of the page, in the language of the page, with their keys', async () => {
    const { sim, page } = await launch({ HOMEPORT_SIM_CLICK_MENU: 'Language: Français' });
    interface Line {
      label?: string;
      role?: string;
      accelerator?: string;
      registerAccelerator?: boolean;
    }
    const mark = 'sim: menu: ';
    /** The lines of the first menu that was made in a language, told by one of its headings; none as long as there is none. */
    const menuWith = (heading: string): Line[] => {
      const made = sim
        .output()
        .split('\n')
        .filter((line) => line.startsWith(mark))
        .map((line) => JSON.parse(line.slice(mark.length)) as { label?: string; submenu?: Line[] }[]);
      const found = made.find((menu) => menu.some(({ label }) => label === heading)) ?? [];
      return found.flatMap(({ submenu = [] }) => submenu);
    };
    // Chosen in the menu, done by the page; the menu follows its language.
    await page.waitForSelector('html[lang=fr]');
    await vi.waitFor(() => {
      expect(menuWith('Affichage')).toContainEqual(
        expect.objectContaining({ role: 'copy', label: 'Copier' }),
      );
    });
    const english = menuWith('View');
    for (const line of [
      { label: 'Jobs   g j' },
      { accelerator: '?', registerAccelerator: false },
      { accelerator: 'CmdOrCtrl+K', registerAccelerator: false },
      { accelerator: 'CmdOrCtrl+Plus', registerAccelerator: true },
      { role: 'copy', label: 'Copy' },
    ]) {
      expect(english).toContainEqual(expect.objectContaining(line));
    }
    const labels = english.flatMap(({ label }) => (label === undefined ? [] : [label]));
    expect(labels.filter((label, at) => labels.indexOf(label) !== at)).toEqual([]);
  });

  test('is one instance: a second start wakes the first', async () => {
    const { sim } = await launch();
    const second = spawnSimElectron({ dataDir, appDir: root });
    expect(await second.ended).toEqual({ code: 0, signal: null });
    await vi.waitFor(() => {
      expect(sim.output()).toContain('a window was focused');
    });
  });

  test('says why it cannot start', async () => {
    const file = path.join(import.meta.dirname, 'run.ts');
    const failing = spawnSimElectron({ dataDir: file, appDir: root });
    expect((await failing.ended).code).toBe(1);
    expect(failing.output()).toContain('error box: Homeport could not start');
    expect(failing.output()).toContain('--data-dir');
  });
});
