import { expect, type Locator, type Page } from '@playwright/test';
import { en } from '../../src/renderer/lib/i18n/en/index.ts';
import { fr } from '../../src/renderer/lib/i18n/fr/index.ts';

/** Every view of the interface and all that opens over one, as one table: for looking at them and for checking them. */

/** A screen and how to know that it is complete. */
export interface Screen {
  readonly name: string;
  readonly hash: string;
  readonly shows: string;
  /** Brings it into a state of its own after it has come. */
  readonly then?: (page: Page) => Promise<void>;
}

/** What a run of the suite or of the pictures has made. */
export interface Known {
  readonly machine: string;
  /** How that machine is reached. */
  readonly login: { readonly host: string; readonly user: string };
  readonly run: string;
  /** An upgrade and a run in waves that have not ended. */
  readonly atWork: { readonly run: string; readonly bulk: string };
}

type Key = keyof typeof en;

/** The texts of a message in either language, whatever its values are. */
export function said(...keys: Key[]): RegExp {
  const patterns = keys.flatMap((key) =>
    [en[key], fr[key]].flatMap((message) =>
      (typeof message === 'string' ? [message] : Object.values(message)).map((text) =>
        text
          .split(/\{\w+\}/)
          .map((part) => part.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&'))
          .join('.+'),
      ),
    ),
  );
  // A label may have white space around its words.
  return new RegExp(`^\\s*(?:${[...new Set(patterns)].join('|')})\\s*$`);
}

/** A file as people have them: two good rows, one that is there already, one that cannot be read. */
function spreadsheet(language: string, known: Known['login']): string {
  const names = {
    en: 'Name;Host;User;Port;Tags;Password',
    fr: 'Nom;Adresse IP;Utilisateur;Port;Étiquettes;Mot de passe',
  };
  return [
    language === 'fr' ? names.fr : names.en,
    'archive;archive.example.net;admin;22;backup, Paris;not-read',
    'kiosk-reception;kiosk-reception.lan;ops;2222;;',
    `again;${known.host};${known.user};22;;`,
    'faulty;192.0.2.9;ops;99999;;',
  ].join('\r\n');
}

export async function chooseImport(page: Page, name: string, text: string): Promise<void> {
  const file = { name, mimeType: 'application/octet-stream', buffer: Buffer.from(text) };
  await page.getByTestId('import-file').setInputFiles(file);
  await page.locator('[data-row]').first().waitFor();
}

/** The terminal that is open, or a new one on that machine. */
async function openedTerminal(page: Page, machine: string): Promise<Locator> {
  const open = page.locator('[data-testid=terminal][data-status=open]').first();
  if (!(await open.isVisible())) {
    await show(page, {
      hash: `#/machines/${machine}/overview`,
      shows: '[data-testid=machine-connection] dl',
    });
    await page
      .getByRole('button', { name: said('terminals.open') })
      .first()
      .click();
  }
  await expect(open).toBeVisible();
  return open;
}

/** A home directory has few others. */
async function hiddenFiles(page: Page): Promise<void> {
  await page.getByTestId('file-list').focus();
  const profile = page.locator('[data-name=".bashrc"]');
  if (!(await profile.isVisible())) await page.keyboard.press('Control+h');
  await expect(profile).toBeVisible();
}

/** Two lines and a hidden key, as another page might put them into the clipboard. */
const oddPaste = 'sudo apt-get update\u001b[201~\nsudo apt-get upgrade\n';

export function everyScreen({ machine, run, atWork, login }: Known): Screen[] {
  const of = (tab: string): string => `#/machines/${machine}/${tab}`;
  return [
    { name: 'fleet', hash: '#/fleet', shows: '[data-machine]' },
    { name: 'add', hash: '#/add', shows: 'form' },
    {
      name: 'add with a pasted key',
      hash: '#/add',
      shows: 'form',
      async then(page) {
        await page.getByLabel(said('credentials.method')).first().click();
        await page.getByRole('option', { name: said('credentials.method.ssh_key') }).click();
        await page
          .getByRole('radio', { name: said('credentials.keyFrom.text') })
          .first()
          .check();
      },
    },
    { name: 'overview', hash: of('overview'), shows: '[data-testid=machine-connection] dl' },
    { name: 'updates', hash: of('updates'), shows: 'main h2, main h3, main table, [role=table]' },
    { name: 'hardware', hash: of('hardware'), shows: 'main h2' },
    { name: 'files', hash: of('files'), shows: '[data-testid=file-count]', then: hiddenFiles },
    { name: 'forwards', hash: of('forwards'), shows: 'main h2, main h3' },
    { name: 'history', hash: of('history'), shows: '[data-testid=runs] a' },
    { name: 'machine settings', hash: of('settings'), shows: 'form' },
    {
      name: 'test of the connection',
      hash: of('overview'),
      shows: '[data-testid=machine-connection] dl',
      async then(page) {
        await page.getByRole('button', { name: said('machine.test') }).click();
        await page.locator('[data-step=sudo]:not([data-status=pending])').waitFor();
      },
    },
    { name: 'run at work', hash: `#/runs/${atWork.run}`, shows: '[data-run-status=running]' },
    { name: 'run', hash: `#/runs/${run}`, shows: '[data-testid=log] [data-index]' },
    { name: 'reports', hash: '#/reports', shows: '[data-report]' },
    { name: 'compare', hash: `#/compare/${run}/${run}`, shows: '[data-testid=compare-facts]' },
    { name: 'timeline', hash: '#/timeline', shows: '[data-testid=timeline] [data-event]' },
    { name: 'messages', hash: '#/timeline/messages', shows: 'main [role=radiogroup]' },
    { name: 'updates of the fleet', hash: '#/updates', shows: 'main h1' },
    { name: 'notices', hash: '#/updates/notices', shows: 'main h1' },
    { name: 'jobs', hash: '#/jobs', shows: '[data-testid=jobs] [data-job]' },
    { name: 'bulk runs', hash: '#/bulk', shows: 'main h1' },
    { name: 'bulk run at work', hash: `#/bulk/${atWork.bulk}`, shows: '[role=progressbar]' },
    {
      name: 'requests',
      hash: '#/requests',
      shows: '[data-request]',
      async then(page) {
        const details = page.getByRole('button', { name: said('requests.details') }).first();
        if ((await details.getAttribute('aria-expanded')) !== 'true') await details.click();
      },
    },
    { name: 'schedules', hash: '#/schedules', shows: 'main h1' },
    { name: 'forwards', hash: '#/forwards', shows: 'main h1' },
    {
      name: 'terminals',
      hash: '#/terminals',
      shows: 'main h1',
      async then(page) {
        const close = page.getByRole('button', { name: said('terminals.close') });
        while ((await close.count()) > 0) await close.first().click();
      },
    },
    {
      name: 'a terminal',
      hash: '#/terminals',
      shows: 'main h1',
      async then(page) {
        await openedTerminal(page, machine);
      },
    },
    {
      name: 'import',
      hash: '#/manage/import',
      shows: '[data-testid=import-file]',
      async then(page) {
        const language = await page.evaluate(() => document.documentElement.lang);
        await chooseImport(page, 'fleet.csv', spreadsheet(language, login));
      },
    },
    { name: 'export', hash: '#/manage/export', shows: '#export-title' },
    { name: 'tags', hash: '#/manage/tags', shows: '[data-tag]' },
    { name: 'removed', hash: '#/manage/removed', shows: '[data-removed]' },
    { name: 'not found', hash: '#/nowhere', shows: 'main h1' },
    { name: 'machine that is gone', hash: '#/machines/nothing', shows: 'main h1' },
    { name: 'settings', hash: '#/settings', shows: 'main h2' },
  ];
}

/** Something that opens over a view; `floats`: a menu or popover at the end of the page, outside of its landmarks. */
export interface Overlay {
  readonly name: string;
  readonly over: string;
  readonly shows: string;
  readonly role: 'dialog' | 'menu' | 'listbox';
  readonly floats?: boolean;
  open(page: Page): Promise<void>;
}

const press =
  (key: string): Overlay['open'] =>
  (page) =>
    page.keyboard.press(key);
const click =
  (...keys: Key[]): Overlay['open'] =>
  (page) =>
    page
      .locator('main, header')
      .getByRole('button', { name: said(...keys) })
      .first()
      .click();

/** By the palette, as anybody would who does not know where the button is. */
const command =
  (key: Key): Overlay['open'] =>
  async (page) => {
    await page.keyboard.press('Control+k');
    const label = en[key];
    const search = page.getByRole('dialog').getByRole('combobox', { name: said('palette.open') });
    await search.fill(typeof label === 'string' ? label : label.other);
    await page.getByRole('dialog').getByRole('option').first().click();
    await expect(search).toBeHidden();
  };

export function everyOverlay({ machine, run, atWork }: Known): Overlay[] {
  const terminal = { over: '#/terminals', shows: 'main h1' };
  const overview = { over: `#/machines/${machine}/overview`, shows: '[data-testid=machine-connection] dl' };
  const settings = { over: `#/machines/${machine}/settings`, shows: 'form' };
  const fleet = { over: '#/fleet', shows: '[data-machine]' };
  const tags = { over: '#/manage/tags', shows: '[data-tag]' };
  const channels = { over: '#/settings', shows: '[data-channel]' };
  const jobs = { over: '#/jobs', shows: '[data-testid=jobs] [data-job]' };
  return [
    { name: 'palette', ...fleet, role: 'dialog', open: press('Control+k') },
    { name: 'keys', ...fleet, role: 'dialog', open: press('?') },
    { name: 'notifications', ...fleet, role: 'dialog', floats: true, open: press('n') },
    {
      name: 'running jobs',
      ...fleet,
      role: 'dialog',
      floats: true,
      open: (page) =>
        // Its name goes on with how many there are.
        page
          .locator('header')
          .getByRole('button', { name: new RegExp(`^(${en['jobs.label']}|${fr['jobs.label']})`) })
          .click(),
    },
    { name: 'menu of a machine', ...fleet, role: 'menu', floats: true, open: click('fleet.actionsFor') },
    { name: 'bulk run', ...fleet, role: 'dialog', open: command('bulk.inWaves') },
    {
      name: 'name of a view',
      ...fleet,
      role: 'dialog',
      async open(page) {
        await click('fleet.views.current', 'fleet.views.currentModified')(page);
        await page.getByRole('menuitem', { name: said('fleet.views.saveNew') }).click();
      },
    },
    { name: 'passphrase', ...fleet, role: 'dialog', open: command('vault.change.title') },
    { name: 'reboot', ...overview, role: 'dialog', open: press('Shift+R') },
    { name: 'repair', ...overview, role: 'dialog', open: command('maintain.repair') },
    { name: 'clean', ...overview, role: 'dialog', open: command('maintain.clean') },
    {
      name: 'question to somebody else',
      ...overview,
      role: 'dialog',
      async open(page) {
        await command('maintain.repair')(page);
        await page
          .getByRole('dialog')
          .getByRole('button', { name: said('requests.ask') })
          .click();
        await expect(page.getByRole('dialog', { name: said('requests.ask.title') })).toBeVisible();
      },
    },
    {
      name: 'approval',
      over: '#/requests',
      shows: '[data-status=pending]',
      role: 'dialog',
      open: click('requests.approve'),
    },
    {
      name: 'cancelling of a run',
      over: `#/runs/${atWork.run}`,
      shows: '[data-run-status=running]',
      role: 'dialog',
      open: click('run.cancel'),
    },
    {
      name: 'cancelling of a bulk run',
      over: `#/bulk/${atWork.bulk}`,
      shows: '[role=progressbar]',
      role: 'dialog',
      open: click('bulk.cancel'),
    },
    { name: 'new channel', ...channels, role: 'dialog', open: click('outward.add') },
    { name: 'change of a channel', ...channels, role: 'dialog', open: click('outward.edit') },
    { name: 'removal of a channel', ...channels, role: 'dialog', open: click('outward.removeOf') },
    { name: 'duplicate', ...settings, role: 'dialog', open: click('machineSettings.duplicate') },
    { name: 'merging of tags', ...tags, role: 'dialog', open: click('tags.mergeOf') },
    { name: 'deletion of a tag', ...tags, role: 'dialog', open: click('tags.removeOf') },
    {
      name: 'purge',
      over: '#/manage/removed',
      shows: '[data-removed]',
      role: 'dialog',
      open: click('removed.purge'),
    },
    {
      name: 'log of a job',
      ...jobs,
      role: 'dialog',
      async open(page) {
        await click('queue.actions')(page);
        await page.getByRole('menuitem', { name: said('queue.log') }).click();
      },
    },
    {
      name: 'paste into a terminal',
      ...terminal,
      role: 'dialog',
      async open(page) {
        const pane = await openedTerminal(page, machine);
        await pane.locator('textarea').evaluate((area, text) => {
          const data = new DataTransfer();
          data.setData('text/plain', text);
          area.dispatchEvent(
            new ClipboardEvent('paste', { clipboardData: data, bubbles: true, cancelable: true }),
          );
        }, oddPaste);
      },
    },
    {
      name: 'link of a terminal',
      ...terminal,
      role: 'dialog',
      async open(page) {
        const pane = await openedTerminal(page, machine);
        await pane.locator('.xterm-screen').click();
        await page.keyboard.type('clear; echo https://www.debian.org/security/');
        await page.keyboard.press('Enter');
        // Whether it stands there already can only be found out by asking for it.
        await expect(async () => {
          await pane.locator('.xterm-screen').hover({ position: { x: 200, y: 100 } });
          await pane.locator('.xterm-screen').click({ modifiers: ['Control'], position: { x: 40, y: 8 } });
          await expect(page.getByTestId('terminal-link')).toBeVisible({ timeout: 500 });
        }).toPass();
      },
    },
    {
      name: 'snippets',
      ...terminal,
      role: 'dialog',
      async open(page) {
        const pane = await openedTerminal(page, machine);
        await pane.getByRole('button', { name: said('snippets.title') }).click();
      },
    },
    {
      name: 'permissions of a file',
      over: `#/machines/${machine}/files`,
      shows: '[data-testid=file-count]',
      role: 'dialog',
      async open(page) {
        await hiddenFiles(page);
        await page.locator('[data-name=".bashrc"]').click({ button: 'right' });
        await page.getByRole('menuitem', { name: said('files.mode') }).click();
      },
    },
    {
      name: 'choice of a run',
      over: `#/compare/${run}/${run}`,
      shows: '[data-testid=compare-facts]',
      role: 'dialog',
      open: click('compare.change'),
    },
  ];
}

export async function show(page: Page, screen: Pick<Screen, 'hash' | 'shows' | 'then'>): Promise<void> {
  await page.evaluate((hash) => {
    location.hash = hash;
  }, screen.hash);
  await expect(page.locator(screen.shows).first()).toBeVisible();
  await screen.then?.(page);
}

/** Opens it, calls back, and closes it with Escape; that it closes is checked. */
export async function overlay(page: Page, one: Overlay, look: () => Promise<void>): Promise<void> {
  await show(page, { hash: one.over, shows: one.shows });
  await one.open(page);
  const open = page.getByRole(one.role).last();
  await expect(open, one.name).toBeVisible();
  await look();
  await page.keyboard.press('Escape');
  await expect(open, one.name).toBeHidden();
}
