import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { chromium, type CDPSession, type Page } from 'playwright';
import { startBrowserHost } from '../e2e/support/browser-host.ts';
import { chromiumFlags, chromiumPath } from '../e2e/support/chromium.ts';
import { addHost, openCoreSession, openVault, passphrase } from '../e2e/support/core-session.ts';
import { createTestbed, unavailableReason, type TestbedHost } from '../e2e/testbed/index.ts';
import { percentile, report, round } from './report.ts';
import { openXtermAlone } from './terminal-stream.ts';
import { terminalChunks } from './terminal/output.ts';

const FLOOD_MB = 100;
const KEYS = 100;
const TERMINALS = 20;
const FLOODING = 5;
const NAVIGATIONS = 20;
const root = resolve(import.meta.dirname, '..');

/**
 * Terminals through the whole product: a real host, its sshd, the core in a process of its own, the built page. `cat` of
 * 100 MB against xterm alone and against OpenSSH to /dev/null in one run, memory, key echo at rest and beside a flood,
 * Ctrl-C, and the fleet page while five of twenty terminals flood. Both xterms draw with elements.
 */
export async function benchTerminalProduct(): Promise<void> {
  const reason =
    unavailableReason() ?? (existsSync(join(root, 'out/renderer/index.html')) ? null : 'no build');
  if (reason !== null || !existsSync(chromiumPath)) {
    report('terminal', { skipped: reason ?? 'needs Chromium' });
    return;
  }
  const dataDir = mkdtempSync(join(tmpdir(), 'homeport-bench-'));
  const bed = await createTestbed({
    name: 'bench-terminal',
    hosts: [{ name: 'shell', packages: ['clean'] }],
  });
  const host = bed.host('shell');
  const part = Buffer.concat([...terminalChunks(1024 * 1024)]);
  await host.writeFile('/tmp/part', part);
  await host.run(`for i in $(seq ${FLOOD_MB}); do cat /tmp/part; done >/tmp/flood`);
  const floodMb = (part.length * FLOOD_MB) / 1e6;
  await prepare(dataDir, host);
  const app = await startBrowserHost({ dataDir, env: { ...process.env, HOME: dataDir } });
  const browser = await chromium.launch({ executablePath: chromiumPath, args: [...chromiumFlags] });
  try {
    const page = await browser.newPage({ viewport: { width: 1280, height: 900 } });
    await page.addInitScript(inPage);
    await page.goto(app.url);
    const dialog = page.getByRole('dialog', { name: 'Unlock the vault' });
    await dialog.getByLabel('Passphrase', { exact: true }).fill(passphrase);
    await dialog.getByRole('button', { name: 'Unlock' }).click();
    await dialog.waitFor({ state: 'hidden' });
    await openTerminals(page);
    const cdp = await page.context().newCDPSession(page);

    const alone = await openXtermAlone(browser);
    const ours: number[] = [];
    const theirs: number[] = [];
    await flood(page);
    const heapBefore = await heapMb(cdp);
    const coreBefore = residentMb(app.process.pid);
    let coreMost = coreBefore;
    await cdp.send('Performance.enable');
    const cpuBefore = [cpuSeconds(app.process.pid), await taskSeconds(cdp)] as const;
    for (let turn = 0; turn < 2; turn += 1) {
      // All that xterm takes at once (it refuses from 50 MB on): a short run ends before much of it is drawn.
      theirs.push(await alone.measure(45 * 1024 * 1024));
      await page.bringToFront();
      const watching = setInterval(() => (coreMost = Math.max(coreMost, residentMb(app.process.pid))), 200);
      ours.push(floodMb / ((await flood(page)) / 1000));
      clearInterval(watching);
    }
    const cpu = [cpuSeconds(app.process.pid), await taskSeconds(cdp)] as const;
    await alone.close();
    const openssh = await opensshMbPerS(host, floodMb);
    const [product, xterm] = [Math.max(...ours), Math.max(...theirs)];
    report('terminal', {
      megabytes: round(floodMb, 0),
      productMbPerS: round(product, 1),
      xtermAloneMbPerS: round(xterm, 1),
      opensshToNullMbPerS: round(openssh, 1),
      ratio: round(product / xterm),
      // What the two took of a processor for each 100 MB: says what is possible where others share the machine.
      coreCpuS: round((cpu[0] - cpuBefore[0]) / 2),
      pageCpuS: round((cpu[1] - cpuBefore[1]) / 2),
      pageGrewMb: round((await heapMb(cdp)) - heapBefore, 1),
      coreGrewMb: round(coreMost - coreBefore, 1),
    });

    const idle = await echoes(page);
    await press(page, 'Control+Shift+D');
    await prompt(page);
    await type(page, 'yes "a line of the flood"');
    await page.keyboard.press('Alt+Shift+ArrowLeft');
    const busy = await echoes(page);
    await page.keyboard.press('Alt+Shift+ArrowRight');
    const stoppedMs = await interrupt(page);
    report('terminal-keys', {
      keys: KEYS,
      idleMs: spread(idle),
      besideFloodMs: spread(busy),
      ctrlCToPromptMs: round(stoppedMs, 0),
    });

    await fleetBesideFloods(page);
  } finally {
    await browser.close();
    await app.close();
    await bed.close();
    rmSync(dataDir, { recursive: true, force: true });
  }
}

const spread = (samples: readonly number[]): Record<string, number> => ({
  p50: round(percentile(samples, 0.5), 1),
  p99: round(percentile(samples, 0.99), 1),
});

async function prepare(dataDir: string, host: TestbedHost): Promise<void> {
  const session = await openCoreSession({ dataDir });
  await openVault(session);
  await addHost(session, host);
  const { defaultTerminalLook } = await import('../src/shared/contract/terminal-look.ts');
  await session.client['preferences.set']({ terminal: { ...defaultTerminalLook, renderer: 'dom' } });
  await session.close();
}

/** What is used of a browser's globals. */
interface PageGlobals {
  readonly document: { querySelector(selector: string): { readonly textContent: string } | null };
  readonly addEventListener: (
    type: 'keydown',
    listener: () => void,
    options: { once: true; capture: true },
  ) => void;
  readonly requestAnimationFrame: (next: () => void) => void;
}

/** What runs in the page: the text of the pane that has the keyboard, and times from keys to what they make there. */
function inPage(): void {
  const { document, addEventListener, requestAnimationFrame } = globalThis as unknown as PageGlobals;
  const text = (): string =>
    (document.querySelector('[data-active=true] .xterm-rows')?.textContent ?? '')
      .replaceAll('\u00a0', ' ')
      .trimEnd();
  /** Milliseconds from the next key to what is looked for. */
  const fromKey = (isThere: (now: string) => boolean): Promise<number> =>
    new Promise((done) => {
      addEventListener(
        'keydown',
        () => {
          const pressed = performance.now();
          const look = (): void => {
            if (isThere(text())) done(performance.now() - pressed);
            else requestAnimationFrame(look);
          };
          look();
        },
        { once: true, capture: true },
      );
    });
  const tasks: number[] = [];
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) tasks.push(entry.duration);
  }).observe({ type: 'longtask' as 'mark' });
  Object.assign(globalThis, {
    bench: {
      text,
      tasks,
      /** Begins to wait; `waited` gives the time. */
      expectAfterKey: (wanted: string) => {
        const pattern = new RegExp(wanted);
        Object.assign(globalThis, { benchWait: fromKey((now) => pattern.test(now)) });
      },
      expectChangeAfterKey: () => {
        const before = text();
        Object.assign(globalThis, { benchWait: fromKey((now) => now !== before) });
      },
    },
  });
}

const evaluate = <T>(page: Page, expression: string): Promise<T> => page.evaluate<T>(expression);
/** The page's policy lets nothing be made of text in it, so it is asked from outside. */
async function until(page: Page, expression: string): Promise<void> {
  for (const started = Date.now(); !(await evaluate<boolean>(page, expression)); await pause(50)) {
    if (Date.now() - started > 60_000)
      throw new Error(`Never: ${expression}; ${await evaluate<string>(page, 'bench.text()')}`);
  }
}
const waited = (page: Page): Promise<number> => evaluate<number>(page, 'benchWait');

async function openTerminals(page: Page): Promise<void> {
  await page
    .getByRole('navigation', { name: 'Main navigation' })
    .getByRole('link', { name: 'Terminals' })
    .click();
  await page.getByRole('list', { name: 'Machines' }).getByRole('button').first().click();
  await prompt(page);
}
async function prompt(page: Page): Promise<void> {
  await until(page, '/\\$$/.test(bench.text())');
}
async function press(page: Page, key: string): Promise<void> {
  await page.keyboard.press(key);
  await pause(300);
}
async function type(page: Page, command: string): Promise<void> {
  await page.keyboard.type(command);
  await page.keyboard.press('Enter');
}

let floods = 0;
/** Milliseconds from Enter until the end of 100 MB is on the screen. */
async function flood(page: Page): Promise<number> {
  floods += 1;
  await page.keyboard.type(`cat /tmp/flood; printf "\\ec"; echo e""nd-of-flood-${floods}`);
  await evaluate(page, `bench.expectAfterKey('end-of-flood-${floods}')`);
  await page.keyboard.press('Enter');
  const took = await waited(page);
  await prompt(page);
  return took;
}

/** Milliseconds from a key to its echo on the screen. */
async function echoes(page: Page): Promise<number[]> {
  await type(page, 'clear; cat >/dev/null');
  await until(page, "bench.text() === ''");
  const samples: number[] = [];
  for (let key = 0; key < KEYS; key += 1) {
    await evaluate(page, 'bench.expectChangeAfterKey()');
    await page.keyboard.press('x');
    samples.push(await waited(page));
  }
  await page.keyboard.press('Control+c');
  await prompt(page);
  return samples;
}

/** Milliseconds from Ctrl-C during a flood to the next prompt. */
async function interrupt(page: Page): Promise<number> {
  // Control itself is a key as well: only the letter counts.
  await page.keyboard.down('Control');
  await evaluate(page, "bench.expectAfterKey('\\\\^C[^]*\\\\$$')");
  await page.keyboard.press('c');
  await page.keyboard.up('Control');
  return waited(page);
}

async function heapMb(cdp: CDPSession): Promise<number> {
  for (let turn = 0; turn < 3; turn += 1) await cdp.send('HeapProfiler.collectGarbage');
  const { usedSize, backingStorageSize } = (await cdp.send('Runtime.getHeapUsage')) as {
    usedSize: number;
    backingStorageSize?: number;
  };
  return (usedSize + (backingStorageSize ?? 0)) / 1e6;
}

/** User and system time; the kernel counts in hundredths (proc(5), `utime`, `stime`). */
function cpuSeconds(pid: number | undefined): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
    .replace(/^.*\) /, '')
    .split(' ');
  return (Number(fields[11]) + Number(fields[12])) / 100;
}

async function taskSeconds(cdp: CDPSession): Promise<number> {
  const { metrics } = await cdp.send('Performance.getMetrics');
  return metrics.find(({ name }) => name === 'TaskDuration')?.value ?? Number.NaN;
}

const residentMb = (pid: number | undefined): number =>
  Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1000;

/** OpenSSH's client reading the same file into /dev/null, with a terminal on the host as ours has. */
async function opensshMbPerS(host: TestbedHost, megabytes: number): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), 'homeport-bench-'));
  const key = join(folder, 'key');
  writeFileSync(key, host.privateKey, { mode: 0o600 });
  const options = ['StrictHostKeyChecking=no', 'UserKnownHostsFile=/dev/null', 'LogLevel=ERROR'];
  const rates: number[] = [];
  for (let turn = 0; turn < 2; turn += 1) {
    const started = performance.now();
    const child = spawn(
      'ssh',
      [
        '-tt',
        '-F',
        '/dev/null',
        '-i',
        key,
        ...options.flatMap((one) => ['-o', one]),
        `${host.user}@${host.address}`,
        'cat /tmp/flood',
      ],
      { stdio: ['ignore', 'ignore', 'inherit'] },
    );
    await once(child, 'close');
    rates.push(megabytes / ((performance.now() - started) / 1000));
  }
  rmSync(folder, { recursive: true });
  return Math.max(...rates);
}

async function fleetBesideFloods(page: Page): Promise<void> {
  const add = page.getByRole('button', { name: 'New terminal' });
  for (let count = await page.getByTestId('terminal').count(); count < TERMINALS; count += 1) {
    await add.click();
    await page.getByRole('radio', { name: 'New tab' }).check({ force: true });
    await page.getByRole('list', { name: 'Machines' }).getByRole('button').first().click();
    await prompt(page);
    if (count >= TERMINALS - FLOODING) await type(page, 'yes "a line of the flood"');
  }
  const main = page.getByRole('navigation', { name: 'Main navigation' });
  await evaluate(page, 'bench.tasks.length = 0');
  const shown: number[] = [];
  const started = Date.now();
  for (let turn = 0; turn < NAVIGATIONS; turn += 1) {
    const name = turn % 2 === 0 ? 'Fleet' : 'Jobs';
    const from = performance.now();
    await main.getByRole('link', { name }).click();
    await page.getByRole('heading', { name, level: 1 }).waitFor();
    shown.push(performance.now() - from);
    await pause(100);
  }
  const tasks = await evaluate<number[]>(page, 'bench.tasks');
  report('terminal-fleet', {
    terminals: TERMINALS,
    flooding: FLOODING,
    seconds: round((Date.now() - started) / 1000, 0),
    pageShownMs: spread(shown),
    longTasks: tasks.length,
    longestTaskMs: round(Math.max(0, ...tasks), 0),
  });
}
