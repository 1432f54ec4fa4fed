import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { Page } from 'playwright';
import { startBrowserHost } from '../e2e/support/browser-host.ts';
import { chromiumPath } from '../e2e/support/chromium.ts';
import { addHost, openCoreSession, openVault, passphrase } from '../e2e/support/core-session.ts';
import { createTestbed, unavailableReason, type TestbedHost } from '../e2e/testbed/index.ts';
import { endWithBench, withTestbed } from './interrupted.ts';
import { percentile, report, round } from './report.ts';
import { serveBenchPage } from './terminal-stream.ts';
import { startBrowser } from './terminal/browser.ts';
import { terminalChunks } from './terminal/output.ts';
import { drivePage, type PageDriver } from './terminal/page-driver.ts';

const FLOOD_MB = 100;
const KEYS = 100;
const TERMINALS = 20;
const FLOODING = 5;
const NAVIGATIONS = 20;
const TURNS = 3;
const INTERRUPTS = 10;
const root = resolve(import.meta.dirname, '..');

/**
 * Terminals through the whole product: a real host, its sshd, the core in a process of its own, the built page. `cat` of
 * 100 MB against xterm alone and against OpenSSH to /dev/null in one run, memory, key echo at rest and beside a flood,
 * Ctrl-C, and the fleet page while five of twenty terminals flood. Both xterms draw with elements.
 */
export const benchTerminalProduct = (): Promise<void> => withTestbed('bench-terminal', benchOnTestbed);

async function benchOnTestbed(testbedName: string): Promise<void> {
  const reason =
    unavailableReason() ?? (existsSync(join(root, 'out/renderer/index.html')) ? null : 'no build');
  if (reason !== null || !existsSync(chromiumPath)) {
    report('terminal', { skipped: reason ?? 'needs Chromium' });
    return;
  }
  const dataDir = mkdtempSync(join(tmpdir(), 'homeport-bench-'));
  const bed = await createTestbed({
    name: testbedName,
    hosts: [{ name: 'shell', packages: ['clean'] }],
  });
  const host = bed.host('shell');
  const part = Buffer.concat([...terminalChunks(1024 * 1024)]);
  await host.writeFile('/tmp/part', part);
  await host.run(`for i in $(seq ${FLOOD_MB}); do cat /tmp/part; done >/tmp/flood`);
  const floodMb = (part.length * FLOOD_MB) / 1e6;
  await prepare(dataDir, host);
  const app = await startBrowserHost({ dataDir, env: { ...process.env, HOME: dataDir } });
  endWithBench(app.process);
  const browser = await startBrowser();
  const alone = await serveBenchPage();
  try {
    await browser.prepare(async (context) => {
      await context.addInitScript(inPage);
      const page = await context.newPage();
      await page.goto(app.url);
      const dialog = page.getByRole('dialog', { name: 'Unlock the vault' });
      await dialog.getByLabel('Passphrase', { exact: true }).fill(passphrase);
      await dialog.getByRole('button', { name: 'Unlock' }).click();
      await dialog.waitFor({ state: 'hidden' });
      await openTerminals(page);
      await (await context.newPage()).goto(alone.url);
    });
    const origin = new URL(app.url).origin;
    const page = await drivePage(browser.port, origin);
    await benchThroughput(page, await drivePage(browser.port, alone.url), { app, host, floodMb });
    await benchKeys(page);
    page.close();
    await browser.prepare(async (context) => {
      const again = context.pages().find((one) => one.url().startsWith(origin));
      if (!again) throw new Error('The page is gone');
      await openMany(again);
    });
    await fleetBesideFloods(await drivePage(browser.port, origin));
  } finally {
    await browser.close();
    alone.close();
    await app.close();
    await bed.close();
    rmSync(dataDir, { recursive: true, force: true });
  }
}

async function benchThroughput(
  page: PageDriver,
  alone: PageDriver,
  {
    app,
    host,
    floodMb,
  }: { app: { process: { pid?: number | undefined } }; host: TestbedHost; floodMb: number },
): Promise<void> {
  const { pid } = app.process;
  const ours: number[] = [];
  const theirs: number[] = [];
  await page.show();
  await flood(page);
  const heapBefore = await page.heapMb();
  const coreBefore = residentMb(pid);
  let coreMost = coreBefore;
  let coreCpu = 0;
  let pageCpu = 0;
  for (let turn = 0; turn < TURNS; turn += 1) {
    await alone.show();
    // All that xterm takes at once (it refuses from 50 MB on): a short run ends before much of it is drawn.
    theirs.push(await alone.evaluate<number>(`xtermAlone(${45 * 1024 * 1024})`));
    await page.show();
    const watching = setInterval(() => (coreMost = Math.max(coreMost, residentMb(pid))), 200);
    const before = [cpuSeconds(pid), await page.taskSeconds()] as const;
    ours.push(floodMb / ((await flood(page)) / 1000));
    coreCpu += cpuSeconds(pid) - before[0];
    pageCpu += (await page.taskSeconds()) - before[1];
    clearInterval(watching);
  }
  alone.close();
  const openssh = await opensshMbPerS(host, floodMb);
  const [product, xterm] = [Math.max(...ours), Math.max(...theirs)];
  report('terminal', {
    megabytes: round(floodMb, 0),
    productMbPerS: round(product, 1),
    xtermAloneMbPerS: round(xterm, 1),
    opensshToNullMbPerS: round(openssh, 1),
    ratio: round(product / xterm),
    // What the two took of a processor for each 100 MB: says what is possible where others share the machine.
    coreCpuS: round(coreCpu / TURNS),
    pageCpuS: round(pageCpu / TURNS),
    pageGrewMb: round((await page.heapMb()) - heapBefore, 1),
    coreGrewMb: round(coreMost - coreBefore, 1),
  });
}

async function benchKeys(page: PageDriver): Promise<void> {
  const idle = await echoes(page);
  await page.press('D', 'Control', 'Shift');
  await pause(300);
  await prompt(page);
  await type(page, 'yes "a line of the flood"');
  await page.press('ArrowLeft', 'Alt', 'Shift');
  const busy = await echoes(page);
  await page.press('ArrowRight', 'Alt', 'Shift');
  const stopped: number[] = [];
  for (let turn = 0; turn < INTERRUPTS; turn += 1) {
    if (turn > 0) await type(page, 'yes "a line of the flood"');
    // It flows for a while: what stands between the host and the screen is full.
    await pause(1_000);
    stopped.push(await interrupt(page));
  }
  report('terminal-keys', {
    keys: KEYS,
    idleMs: spread(idle),
    besideFloodMs: spread(busy),
    ctrlCToPromptMs: { p50: round(percentile(stopped, 0.5), 0), most: round(Math.max(...stopped), 0) },
  });
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
  readonly document: {
    readonly title: string;
    querySelector(selector: string): { readonly textContent: string | null; click(): void } | null;
  };
  readonly addEventListener: (
    type: 'keydown',
    listener: () => void,
    options: { once: true; capture: true },
  ) => void;
  readonly requestAnimationFrame: (next: () => void) => void;
  readonly MutationObserver: new (told: () => void) => {
    observe(
      target: PageGlobals['document'],
      what: { subtree: true; childList: true; characterData: true },
    ): void;
    disconnect(): void;
  };
}

/** What runs in the page: the text of the pane that has the keyboard, and times from keys to what they make there. */
function inPage(): void {
  const { document, addEventListener, requestAnimationFrame, MutationObserver } =
    globalThis as unknown as PageGlobals;
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
          // Told when something is drawn: looking in every frame is seen a frame late, and costs a flood frames of its own.
          const drawn = new MutationObserver(() => {
            if (!isThere(text())) return;
            drawn.disconnect();
            done(performance.now() - pressed);
          });
          drawn.observe(document, { subtree: true, childList: true, characterData: true });
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
      /** Milliseconds from the click until the page of that name is drawn. */
      goTo: (page: string, title: string): Promise<number> =>
        new Promise((done) => {
          const clicked = performance.now();
          document.querySelector(`nav a[href="#/${page}"]`)?.click();
          const look = (): void => {
            // The page that is shown names the document.
            if (document.title.startsWith(title)) done(performance.now() - clicked);
            else requestAnimationFrame(look);
          };
          requestAnimationFrame(look);
        }),
      expectChangeAfterKey: () => {
        const before = text();
        Object.assign(globalThis, { benchWait: fromKey((now) => now !== before) });
      },
    },
  });
}

async function until(page: PageDriver, expression: string): Promise<void> {
  for (const started = Date.now(); !(await page.evaluate<boolean>(expression)); await pause(50)) {
    if (Date.now() - started > 60_000)
      throw new Error(`Never: ${expression}; ${await page.evaluate<string>('bench.text()')}`);
  }
}
const waited = (page: PageDriver): Promise<number> => page.evaluate<number>('benchWait');

async function openTerminals(page: Page): Promise<void> {
  await page
    .getByRole('navigation', { name: 'Main navigation' })
    .getByRole('link', { name: 'Terminals' })
    .click();
  await page.getByRole('list', { name: 'Machines' }).getByRole('button').first().click();
  await page.locator('.xterm-rows').first().waitFor();
}
/** The shell waits for a command. */
const prompt = (page: PageDriver): Promise<void> => until(page, '/\\$$/.test(bench.text())');

async function type(page: PageDriver, command: string): Promise<void> {
  await page.type(command);
  await page.press('Enter');
}

let floods = 0;
/** Milliseconds from Enter until the end of 100 MB is on the screen. */
async function flood(page: PageDriver): Promise<number> {
  floods += 1;
  await prompt(page);
  await page.type(`cat /tmp/flood; printf "\\ec"; echo e""nd-of-flood-${floods}`);
  await page.evaluate(`bench.expectAfterKey('end-of-flood-${floods}')`);
  await page.press('Enter');
  return waited(page);
}

/** Milliseconds from a key to its echo on the screen. */
async function echoes(page: PageDriver): Promise<number[]> {
  await prompt(page);
  await type(page, 'clear; cat >/dev/null');
  await until(page, "bench.text() === ''");
  const samples: number[] = [];
  for (let key = 0; key < KEYS; key += 1) {
    await page.evaluate('bench.expectChangeAfterKey()');
    await page.press('x');
    samples.push(await waited(page));
  }
  await page.press('c', 'Control');
  await prompt(page);
  return samples;
}

/** Milliseconds from Ctrl-C during a flood to the next prompt. */
async function interrupt(page: PageDriver): Promise<number> {
  await page.evaluate("bench.expectAfterKey('\\\\^C[^]*\\\\$$')");
  await page.press('c', 'Control');
  const tookMs = await waited(page);
  await prompt(page);
  return tookMs;
}

/** User and system time; the kernel counts in hundredths (proc(5), `utime`, `stime`). */
function cpuSeconds(pid: number | undefined): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
    .replace(/^.*\) /, '')
    .split(' ');
  return (Number(fields[11]) + Number(fields[12])) / 100;
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

/** Twenty terminals, of which five flood. */
async function openMany(page: Page): Promise<void> {
  const add = page.getByRole('button', { name: 'New terminal' });
  for (let count = await page.getByTestId('terminal').count(); count < TERMINALS; count += 1) {
    await add.click();
    await page.getByRole('radio', { name: 'New tab' }).check({ force: true });
    await page.getByRole('list', { name: 'Machines' }).getByRole('button').first().click();
    await page.locator('[data-active=true] .xterm-rows').getByText('$').first().waitFor();
    if (count < TERMINALS - FLOODING) continue;
    await page.keyboard.type('yes "a line of the flood"');
    await page.keyboard.press('Enter');
  }
}

async function fleetBesideFloods(page: PageDriver): Promise<void> {
  await page.show();
  await page.evaluate('void (bench.tasks.length = 0)');
  const shown: number[] = [];
  const started = Date.now();
  for (let turn = 0; turn < NAVIGATIONS; turn += 1) {
    const [name, title] = turn % 2 === 0 ? ['fleet', 'Fleet'] : ['jobs', 'Jobs'];
    shown.push(await page.evaluate<number>(`bench.goTo('${name}', '${title}')`));
    await pause(100);
  }
  const tasks = await page.evaluate<number[]>('bench.tasks');
  page.close();
  report('terminal-fleet', {
    terminals: TERMINALS,
    flooding: FLOODING,
    seconds: round((Date.now() - started) / 1000, 0),
    pageShownMs: spread(shown),
    longTasks: tasks.length,
    longestTaskMs: round(Math.max(0, ...tasks), 0),
  });
}
