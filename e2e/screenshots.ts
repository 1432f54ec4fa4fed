import { copyFileSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { expect } from '@playwright/test';
import { chromium, type Browser, type Page } from 'playwright';
import { openContext } from '../src/core/index.ts';
import { startBrowserHost } from './support/browser-host.ts';
import { chromiumFlags, chromiumPath } from './support/chromium.ts';
import { openCoreSession, openVault, passphrase } from './support/core-session.ts';
import { makeKnownFleet } from './support/known-fleet.ts';
import { coreOptions, fillVariedFleet } from './support/varied-fleet.ts';
import { leaveAsked, leaveAtWork } from './ui/at-work.ts';
import {
  chooseImport,
  everyOverlay,
  everyScreen,
  overlay,
  said,
  show,
  type Known,
  type Screen,
} from './ui/every-screen.ts';
import { fleetOf } from './testbed/fleet.ts';
import {
  createTestbed,
  removeTestbed,
  unavailableReason,
  type Testbed,
  type TestbedHost,
} from './testbed/index.ts';

/**
 * `npm run screenshots`: the real application on real hosts, screen by screen, into screenshots/. `--docs` keeps the best;
 * `first`, `large` and `fleet` make that part alone.
 */

const root = resolve(import.meta.dirname, '..');
const folder = join(root, 'screenshots');
const bedName = 'screens';

/** Which pictures the documentation shows. */
const forDocs = {
  'fleet-tiles-light-1280.png': 'fleet-light.png',
  'fleet-tiles-dark-1280.png': 'fleet-dark.png',
  'updates-light-1280.png': 'updates.png',
  'run-live-light-1280.png': 'run.png',
  'report-light-1280.png': 'report.png',
};

interface Variant {
  readonly theme: 'Light' | 'Dark';
  /** 820: the least that a window may have, with some room. */
  readonly width: 820 | 1280 | 1920;
  readonly language: 'en' | 'fr';
}
const variants: readonly Variant[] = [
  { theme: 'Light', width: 1280, language: 'en' },
  { theme: 'Dark', width: 1280, language: 'en' },
  { theme: 'Light', width: 1920, language: 'en' },
  { theme: 'Light', width: 1280, language: 'fr' },
  { theme: 'Light', width: 820, language: 'fr' },
];
const suffix = ({ theme, width, language }: Variant): string =>
  `${theme.toLowerCase()}-${width}${language === 'fr' ? '-fr' : ''}`;

let browser: Browser;

/** Runs `work` on the application with that data directory, in a window of its own. */
async function withApp(dataDir: string, work: (page: Page) => Promise<void>): Promise<void> {
  const home = mkdtempSync(join(tmpdir(), 'homeport-screens-home-'));
  const host = await startBrowserHost({ dataDir, env: { PATH: process.env['PATH'], HOME: home } });
  const context = await browser.newContext({
    viewport: { width: 1280, height: 800 },
    locale: 'en-GB',
    timezoneId: 'Europe/Paris',
    colorScheme: 'light',
    reducedMotion: 'reduce',
  });
  try {
    const page = await context.newPage();
    page.setDefaultTimeout(20_000);
    await page.goto(host.url);
    await work(page);
  } finally {
    await context.close();
    await host.close();
    rmSync(home, { recursive: true, force: true });
  }
}

async function shoot(page: Page, name: string): Promise<void> {
  // News of what led to the picture is not part of it.
  const news = page.getByRole('region', { name: said('common.notifications') });
  for (const close of await news.getByRole('button', { name: said('common.dismiss') }).all()) {
    await close.click({ timeout: 2_000 }).catch((error: unknown) => {
      // It may go by itself at that very moment.
      if ((error as Error).name !== 'TimeoutError') throw error;
    });
  }
  // Fonts and the lists that are drawn by need: two frames after the last change of layout.
  await page.evaluate(async () => {
    await document.fonts.ready;
    await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
  });
  await page.screenshot({ path: join(folder, `${name}.png`), animations: 'disabled' });
  console.log(`${name}.png`);
}

async function go(page: Page, hash: string, shows: string): Promise<void> {
  await page.evaluate((next) => {
    location.hash = next;
  }, hash);
  await page.locator(shows).first().waitFor();
}

async function unlock(page: Page): Promise<void> {
  const dialog = page.getByRole('dialog');
  await dialog.locator('input[type=password]').fill(passphrase);
  await dialog.locator('button[type=submit]').click();
  await dialog.waitFor({ state: 'hidden' });
  const toast = page.getByRole('status').getByRole('button');
  if (await toast.first().isVisible()) await toast.first().click();
}

async function dress(page: Page, { theme, width, language }: Variant): Promise<void> {
  await page.setViewportSize({ width, height: width === 1920 ? 1080 : 800 });
  await go(page, '#/settings', 'main h2');
  await page
    .getByRole('radiogroup', { name: /^(Theme|Thème)$/ })
    .getByRole('radio')
    .nth(theme === 'Light' ? 1 : 2)
    .check();
  await page.getByLabel(/^(Language|Langue)/).click();
  await page.getByRole('option', { name: language === 'fr' ? 'Français' : 'English', exact: true }).click();
  await page.locator(`html[lang=${language}][data-theme=${theme.toLowerCase()}]`).waitFor();
}

async function setPreference(page: Page, density: 'comfortable' | 'compact'): Promise<void> {
  await go(page, '#/settings', 'main h2');
  await page
    .getByRole('radiogroup', { name: /^(Density|Densité)$/ })
    .getByRole('radio')
    .nth(density === 'comfortable' ? 0 : 1)
    .check();
  await page.locator(`html[data-density=${density}]`).waitFor();
}

async function showAs(page: Page, view: 'tiles' | 'table'): Promise<void> {
  await go(page, '#/fleet', '[data-machine]');
  await page
    .getByRole('radiogroup', { name: /^(View|Affichage|Vue)/ })
    .getByRole('radio')
    .nth(view === 'tiles' ? 0 : 1)
    .check();
  await page.locator('[data-machine]').first().waitFor();
}

async function machineId(page: Page, name: string): Promise<string> {
  await showAs(page, 'tiles');
  const address = await page.getByRole('link', { name, exact: true }).first().getAttribute('href');
  return /#\/machines\/([^/]+)/.exec(address ?? '')?.[1] ?? '';
}

/** Pages that have nothing to show at the first start. */
const emptyOnes = [
  'jobs',
  'reports',
  'timeline',
  'timeline/messages',
  'updates',
  'updates/notices',
  'bulk',
  'terminals',
  'manage/import',
  'manage/export',
  'manage/tags',
  'manage/removed',
];

async function firstRun(): Promise<void> {
  const dataDir = mkdtempSync(join(tmpdir(), 'homeport-screens-'));
  await withApp(dataDir, async (page) => {
    const dialog = page.getByRole('dialog');
    await dialog.waitFor();
    await shoot(page, 'first-run-vault-light-1280');
    for (const field of await dialog.locator('input[type=password]').all()) await field.fill(passphrase);
    await dialog.locator('button[type=submit]').click();
    await dialog.waitFor({ state: 'hidden' });
    await page.getByTestId('welcome').waitFor();
    await shoot(page, 'first-run-welcome-light-1280');
    for (const variant of variants) {
      await dress(page, variant);
      await go(page, '#/add', 'form');
      await shoot(page, `add-${suffix(variant)}`);
      await go(page, '#/fleet', '[data-testid=welcome]');
      await shoot(page, `welcome-${suffix(variant)}`);
      for (const name of emptyOnes) {
        await go(page, `#/${name}`, 'main h1');
        await shoot(page, `empty-${name.replace('/', '-')}-${suffix(variant)}`);
      }
    }
  });
  rmSync(dataDir, { recursive: true, force: true });
}

/** Starts the upgrade of a machine and shows it at work, then done. */
async function liveRun(page: Page, name: string): Promise<string> {
  await go(page, `#/machines/${await machineId(page, name)}/updates`, '[data-testid=plan-table]');
  await page.getByRole('button', { name: /^Apply this plan/ }).click();
  const dialog = page.getByRole('dialog');
  await shoot(page, 'apply-light-1280');
  const typed = dialog.getByLabel(/^Type /);
  if (await typed.isVisible()) await typed.fill(name);
  await dialog.getByRole('button', { name: /^Change/ }).click();
  await page
    .getByTestId('log')
    .getByText(/hp-slow: step 5 of/)
    .waitFor({ timeout: 60_000 });
  await shoot(page, 'run-live-light-1280');
  const run = await page.evaluate(() => location.hash);
  await showAs(page, 'tiles');
  await shoot(page, 'fleet-running-light-1280');
  await go(page, run, '[data-testid=log]');
  await page.locator('[data-run-status]:not([data-run-status=running])').waitFor({ timeout: 90_000 });
  return run;
}

/** What a person has after a while: a machine that was removed, a view that was saved, a run in waves. */
async function leaveTraces(page: Page): Promise<void> {
  await show(page, { hash: '#/manage/import', shows: '[data-testid=import-file]' });
  const old = [
    { host: 'old-server.example.net', user: 'root', tags: ['to be retired'] },
    { host: 'kiosk.example.net', user: 'ops', tags: ['kiosk'] },
  ];
  await chooseImport(page, 'fleet.json', JSON.stringify(old));
  await page.getByRole('radio', { name: 'As the file says' }).check();
  await page.getByRole('button', { name: 'Add 2 machines' }).click();
  await page.getByText('2 machines added').waitFor();
  for (const { host } of old) {
    await go(page, `#/machines/${await machineId(page, host)}/settings`, 'form');
    await page.getByRole('button', { name: `Remove ${host}` }).click();
    await page.getByText(`${host} removed from the fleet`).first().waitFor();
  }
}

/** A terminal with something in it; what was typed has been done when the host says so. */
async function useTerminal(page: Page, id: string, host: TestbedHost): Promise<void> {
  await go(page, `#/machines/${id}/overview`, '[data-testid=machine-connection] dl');
  await page.keyboard.press('t');
  await page.locator('.xterm').first().waitFor();
  const done = '/tmp/shown-in-terminal';
  await expect
    .poll(
      async () => {
        await page.keyboard.type(`clear; ls --color -l /; cat /etc/os-release; touch ${done}`);
        await page.keyboard.press('Enter');
        const { stdout } = await host.run(`sleep 1; ls ${done} 2>/dev/null || true`);
        return stdout;
      },
      { timeout: 30_000 },
    )
    .toContain(done);
}

/** Every view in every variant, every dialog in three of them. */
async function lookAtAll(page: Page, known: Known, more: readonly Screen[]): Promise<void> {
  const screens = [
    ...everyScreen(known).filter(({ name }) => !more.some((one) => one.name === name)),
    ...more,
  ];
  for (const variant of variants) {
    const end = suffix(variant);
    await dress(page, variant);
    for (const screen of screens) {
      await show(page, screen);
      await shoot(page, `${screen.name.replaceAll(' ', '-')}-${end}`);
    }
    await showAs(page, 'table');
    await shoot(page, `fleet-table-${end}`);
    await showAs(page, 'tiles');
    await shoot(page, `fleet-tiles-${end}`);
    if (variant.width !== 1280) continue;
    for (const one of everyOverlay(known)) {
      await overlay(page, one, () => shoot(page, `over-${one.name.replaceAll(' ', '-')}-${end}`));
    }
  }
}

/** An upgrade to its end; returns the address of its run. */
async function quickRun(page: Page, name: string): Promise<string> {
  await go(page, `#/machines/${await machineId(page, name)}/updates`, '[data-testid=plan-table]');
  await page.getByRole('button', { name: /^Apply this plan/ }).click();
  await page
    .getByRole('dialog')
    .getByRole('button', { name: /^Change/ })
    .click();
  await page.locator('[data-run-status]:not([data-run-status=running])').waitFor({ timeout: 90_000 });
  return page.evaluate(() => location.hash);
}

async function fleet(bed: Testbed): Promise<void> {
  const dataDir = mkdtempSync(join(tmpdir(), 'homeport-screens-'));
  await makeKnownFleet(bed, dataDir);
  // What goes wrong belongs to the picture: a machine that is off, one with another key.
  await bed.host('mail').stop();
  await bed.host('web-1').regenerateHostKeys();
  await bed.host('web-1').killSshSessions();
  await withApp(dataDir, async (page) => {
    await unlock(page);
    for (const name of ['mail', 'web-1']) {
      await go(
        page,
        `#/machines/${await machineId(page, name)}/overview`,
        '[data-testid=machine-connection]',
      );
      await page.getByRole('button', { name: 'Refresh', exact: true }).click();
    }
    await page.getByTestId('changed-key').waitFor({ timeout: 60_000 });
    await shoot(page, 'changed-key-light-1280');
    await go(page, `#/machines/${await machineId(page, 'mail')}/overview`, '[data-testid=last-error]');
    await shoot(page, 'unreachable-light-1280');
    await leaveTraces(page);
    const run = await liveRun(page, 'nas');
    const bureau = await machineId(page, 'bureau');
    const other = await quickRun(page, 'backup');
    const { address: host, user } = bed.host('bureau');
    await leaveAsked(page, 'bureau');
    const atWork = await leaveAtWork(page, bed.host('build-1'), 'build-1');
    const known = { machine: bureau, run: run.replace('#/runs/', ''), atWork, login: { host, user } };
    const more: Screen[] = [
      {
        name: 'run packages',
        hash: run,
        shows: '[data-testid=log] [data-index]',
        async then(on) {
          await on.getByRole('radio').nth(1).check();
          await on.getByTestId('verdict').waitFor();
        },
      },
      {
        name: 'history',
        hash: `#/machines/${await machineId(page, 'nas')}/history`,
        shows: '[data-testid=runs] a',
      },
      {
        name: 'hardware',
        hash: `#/machines/${await machineId(page, 'media')}/hardware`,
        shows: 'main h2',
        async then(on) {
          const read = on.locator('main').getByRole('button', { name: said('action.machine_probe') });
          const computer = on.getByTestId('hardware-computer');
          await read.or(computer).first().waitFor();
          if (!(await computer.isVisible())) await read.first().click();
          await computer.waitFor({ timeout: 30_000 });
        },
      },
      {
        name: 'compare',
        hash: `#/compare/${other.replace('#/runs/', '')}/${known.run}`,
        shows: '[data-testid=compare-facts]',
      },
      {
        name: 'report',
        hash: '#/reports',
        shows: '[data-report]',
        async then(on) {
          await on.locator('[data-report]').first().click();
          await on.getByTestId('report').waitFor();
        },
      },
    ];
    await lookAtAll(page, known, more);
    await dress(page, variants[0]!);
    await useTerminal(page, bureau, bed.host('bureau'));
    for (const variant of variants) {
      await dress(page, variant);
      await go(page, '#/terminals', '.xterm');
      await shoot(page, `terminal-${suffix(variant)}`);
    }
  });
  rmSync(dataDir, { recursive: true, force: true });
}

async function largeFleet(): Promise<void> {
  const dataDir = mkdtempSync(join(tmpdir(), 'homeport-screens-'));
  const context = openContext(coreOptions(dataDir));
  fillVariedFleet(context, 1000);
  context.database.close();
  const session = await openCoreSession({ dataDir });
  await openVault(session);
  await session.close();
  await withApp(dataDir, async (page) => {
    await unlock(page);
    for (const variant of variants) {
      await dress(page, variant);
      await showAs(page, 'tiles');
      await shoot(page, `fleet-1000-tiles-${suffix(variant)}`);
      await showAs(page, 'table');
      await shoot(page, `fleet-1000-table-${suffix(variant)}`);
      await page.locator('[data-machine] input[type=checkbox]').first().check();
      await shoot(page, `fleet-1000-selected-${suffix(variant)}`);
      await page.keyboard.press('Escape');
      await setPreference(page, 'compact');
      await showAs(page, 'tiles');
      await shoot(page, `fleet-1000-compact-${suffix(variant)}`);
      await setPreference(page, 'comfortable');
    }
  });
  rmSync(dataDir, { recursive: true, force: true });
}

async function main(): Promise<void> {
  const reason = unavailableReason();
  if (reason !== null) throw new Error(`Screenshots are made on real hosts: ${reason}`);
  mkdirSync(folder, { recursive: true });
  browser = await chromium.launch({ executablePath: chromiumPath, args: [...chromiumFlags] });
  try {
    const [, , ...parts] = process.argv.filter((one) => !one.startsWith('--'));
    const wants = (part: string): boolean => parts.length === 0 || parts.includes(part);
    if (wants('first')) await firstRun();
    if (wants('large')) await largeFleet();
    if (!wants('fleet')) return;
    const hosts = fleetOf(8, 'light').map((spec) =>
      spec.name === 'nas' ? { ...spec, slowSeconds: 10 } : spec,
    );
    const bed = await createTestbed({ name: bedName, hosts });
    await fleet(bed);
  } finally {
    await browser.close();
    await removeTestbed(bedName);
  }
  if (!process.argv.includes('--docs')) return;
  const images = join(root, 'docs/images');
  mkdirSync(images, { recursive: true });
  for (const [from, to] of Object.entries(forDocs)) copyFileSync(join(folder, from), join(images, to));
}

await main();
