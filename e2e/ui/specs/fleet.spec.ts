import AxeBuilder from '@axe-core/playwright';
import { mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser, BrowserContext, Page } from '@playwright/test';
import { patchState, type StatePatch } from '../../../src/core/fleet/index.ts';
import { startInlineHost, type InlineHost } from '../../support/inline-host.ts';
import { fillVariedFleet } from '../../support/varied-fleet.ts';
import { launchBrowser } from '../apps.ts';
import { expect, test } from '../fixtures.ts';
import { appsFolder } from '../run-folder.ts';
import { choose, setUpVault, unlockVault } from '../screens.ts';

/** The fleet page with a thousand machines, in one window and in two. */

test.skip(
  ({ hostName }) => hostName !== 'browser',
  'writes beside the core, which only the browser host allows',
);
test.describe.configure({ mode: 'serial' });

const soonMs = 1_000;
let dataDir: string;
let host: InlineHost;
let ids: string[];
let browser: Browser;
let windows: BrowserContext;
let page: Page;

test.beforeAll(async ({ secrets }) => {
  dataDir = join(mkdtempSync(join(appsFolder(), 'fleet-')), 'data');
  host = await startInlineHost(dataDir, (context) => {
    ids = fillVariedFleet(context, 1000);
  });
  browser = await launchBrowser();
  windows = await browser.newContext({ viewport: { width: 1280, height: 800 }, locale: 'en-GB' });
  page = await open(host.newLaunchUrl());
  await setUpVault(page, secrets.passphrase);
});
test.afterAll(async () => {
  // Where all tests are skipped, nothing was set up.
  if (!(dataDir as string | undefined)) return;
  await browser.close();
  await host.close();
});

async function open(url: string): Promise<Page> {
  const opened = await windows.newPage();
  opened.setDefaultTimeout(15_000);
  await opened.goto(url);
  await expect(opened.locator('[data-machine]').first()).toBeVisible();
  return opened;
}

/** The machine whose look was changed by hand. */
let left = '';
const currentTab = (on: Page) =>
  on.getByRole('navigation', { name: /^Sections of/ }).locator('[aria-current=page]');
const section = (on: Page) => on.getByTestId('machine-state').getByRole('button', { name: 'State' });
const goTo = (on: Page, hash: string) =>
  on.evaluate((next) => {
    location.hash = next;
  }, hash);

const patch = (id: string, change: StatePatch): void => {
  host.context.database.tx(() => patchState(host.context, id, change));
  host.context.bus.publish('fleet.changed', { machineIds: [id] });
};
const machine = (on: Page, id: string) => on.locator(`[data-machine="${id}"]`);
const viewMenu = (on: Page) => on.getByRole('button', { name: /^(View|Vue) ?:/ });
const showAs = (on: Page, layout: 'Tiles' | 'Table') =>
  on.getByRole('radiogroup', { name: 'View', exact: true }).getByRole('radio', { name: layout }).check();
const found = (on: Page) => on.getByRole('status').filter({ hasText: /shown$/ });
const orderOf = (on: Page): Promise<string[]> =>
  on
    .locator('[data-machine]')
    .evaluateAll((list) => list.map((one) => (one as HTMLElement).dataset['machine']!));

/** The order once it has come whole: a screenful comes over a few frames. */
async function settledOrder(on: Page): Promise<string[]> {
  let order: string[] = [];
  await expect
    .poll(async () => {
      const last = order.join();
      order = await orderOf(on);
      return order.length > 0 && order.join() === last;
    })
    .toBe(true);
  return order;
}

test('search finds names, addresses, tags, systems, and words of the status in both languages', async () => {
  const search = page.getByRole('searchbox', { name: 'Filter machines' });
  const everything = await found(page).textContent();
  for (const [word, other] of [
    ['unreachable', 'injoignable'],
    ['"never checked"', '"jamais controlee"'],
    ['trixie', '"proxmox ve" trixie'],
  ] as const) {
    await search.fill(word);
    await expect(found(page)).not.toHaveText(everything ?? '');
    const count = await found(page).textContent();
    await search.fill(other);
    if (word === 'trixie') await expect(found(page)).not.toHaveText(count ?? '');
    else await expect(found(page)).toHaveText(count ?? '');
  }
  await search.fill('montreal -production web');
  for (const id of await orderOf(page)) {
    const text = await machine(page, id).textContent();
    expect(text).not.toContain('production');
  }
  await search.fill('');
  await expect(found(page)).toHaveText(everything ?? '');
});

test('machines are selected by click, Shift, Ctrl and keys; the selection is not lost out of sight', async () => {
  await showAs(page, 'Table');
  const shown = await settledOrder(page);
  const [first = '', , third = '', fourth = '', fifth = ''] = shown;
  const count = page.getByRole('toolbar', { name: 'Selected machines' });
  await machine(page, first).getByRole('checkbox').check();
  await expect(count).toContainText('1 selected');
  await machine(page, third)
    .getByRole('checkbox')
    .click({ modifiers: ['Shift'] });
  await expect(count).toContainText('3 selected');
  await machine(page, fifth)
    .getByRole('link')
    .click({ modifiers: ['ControlOrMeta'] });
  await expect(count).toContainText('4 selected');
  await machine(page, fourth).getByRole('cell').nth(2).click();
  await expect(count).toContainText('5 selected');
  // With keys: on from the one that the keyboard stands on.
  await machine(page, fifth).getByRole('link').focus();
  await page.keyboard.press('Shift+ArrowDown');
  await page.keyboard.press('Shift+ArrowDown');
  await expect(count).toContainText('7 selected');
  await page.keyboard.press('x');
  await expect(count).toContainText('6 selected');
  await page.getByRole('searchbox', { name: 'Filter machines' }).fill('kiosk');
  await expect(count).toContainText('6 of them not shown');
  await page.getByRole('button', { name: /^Select all \d+ shown$/ }).click();
  await expect(page.getByRole('checkbox', { name: 'Select all' })).toBeChecked();
  await page.getByRole('searchbox', { name: 'Filter machines' }).fill('');
  await machine(page, first).getByRole('link').focus();
  await page.keyboard.press('ControlOrMeta+a');
  await expect(count).toContainText(/^1,?000 selected/);
  await page.keyboard.press('Escape');
  await expect(count).toBeHidden();
});

test('the keyboard goes through groups, folds them, and stays where it stands', async () => {
  await choose(page, 'Group by: No groups', 'By system');
  const heads = page.locator('[data-entry] button[aria-expanded]');
  await expect(heads.first()).toContainText('Debian 13');
  await heads.first().focus();
  await page.keyboard.press('ArrowLeft');
  await expect(heads.first()).toHaveAttribute('aria-expanded', 'false');
  await page.keyboard.press('j');
  await expect(heads.nth(1)).toBeFocused();
  await page.keyboard.press('k');
  await page.keyboard.press('ArrowRight');
  await expect(heads.first()).toHaveAttribute('aria-expanded', 'true');
  await page.keyboard.press('ArrowDown');
  await expect(page.locator('[data-machine] a').first()).toBeFocused();
  await page.keyboard.press('End');
  await expect(page.locator('[data-machine] a:focus')).toBeVisible();
  await choose(page, 'Group by: By system', 'No groups');
});

test('updates reorder nothing under the pointer; the hint sorts again', async () => {
  await choose(page, 'Sort by: Name', 'Updates');
  await page.getByRole('button', { name: /^Ascending/ }).click();
  await page.mouse.move(640, 5);
  const before = await settledOrder(page);
  const low = ids.find((id) => !before.includes(id)) ?? '';
  const hint = page.getByRole('button', { name: 'Order changed, sort again' });

  await machine(page, before[2] ?? '').hover();
  patch(low, { aptStatus: 'updates_available', aptUpdatesCount: 900 });
  await expect(hint).toBeVisible();
  expect(await settledOrder(page)).toEqual(before);
  // What changes is shown all the same, in its place.
  patch(before[1] ?? '', { aptStatus: 'updates_available', aptUpdatesCount: 800 });
  await expect(machine(page, before[1] ?? '')).toContainText('800');
  expect((await orderOf(page))[1]).toBe(before[1]);

  await page.mouse.move(640, 5);
  await expect(machine(page, low)).toBeVisible();
  await expect(hint).toBeHidden();
  expect((await orderOf(page))[0]).toBe(low);

  // Under the focus as under the pointer.
  await machine(page, low).getByRole('link').focus();
  patch(low, { aptUpdatesCount: 1, aptSecurityCount: 0 });
  await expect(hint).toBeVisible();
  expect((await orderOf(page))[0]).toBe(low);
  await page.keyboard.press('s');
  await expect(hint).toBeHidden();
  // The focus goes where its machine went.
  await expect(machine(page, low).getByRole('link')).toBeFocused();
  await page.keyboard.press('Home');
  await expect(machine(page, before[1] ?? '').getByRole('link')).toBeFocused();
  await choose(page, 'Sort by: Updates', 'Name');
  await page.getByRole('button', { name: /^Descending/ }).click();
});

test('columns are chosen and ordered', async () => {
  const headings = () => page.getByRole('columnheader').allInnerTexts();
  await page.getByRole('button', { name: 'Columns', exact: true }).click();
  const dialog = page.getByRole('dialog', { name: 'Columns' });
  await dialog.getByRole('checkbox', { name: 'Address' }).check();
  await expect(page.getByRole('columnheader', { name: 'Address' })).toBeVisible();
  await dialog.getByRole('checkbox', { name: 'Status' }).uncheck();
  await dialog.getByRole('button', { name: 'Move Updates forward' }).click();
  await page.keyboard.press('Escape');
  // A dialog that has closed gives the keyboard back to where it was opened.
  await expect(page.getByRole('button', { name: 'Columns', exact: true })).toBeFocused();
  await expect.poll(headings).toEqual(expect.arrayContaining(['Name', 'Address', 'Updates', 'System']));
  expect((await headings()).slice(1, 5)).toEqual(['Name', 'Address', 'Updates', 'System']);
  await page.getByRole('button', { name: 'Updates', exact: true }).focus();
  await page.keyboard.press('Alt+ArrowRight');
  await expect
    .poll(async () => (await headings()).slice(1, 5))
    .toEqual(['Name', 'Address', 'System', 'Updates']);
  await page.getByRole('button', { name: 'Columns', exact: true }).click();
  await dialog.getByRole('button', { name: 'Usual columns' }).click();
  await page.keyboard.press('Escape');
  await expect(page.getByRole('columnheader', { name: 'Address' })).toBeHidden();
});

test('what one window changes or saves is in the other within a second, and outlives both', async ({
  secrets,
}) => {
  const other = await open(new URL('/', page.url()).href);
  await expect(found(other)).toBeVisible();

  await test.step('preferences', async () => {
    await showAs(page, 'Tiles');
    await expect(other.getByRole('table', { name: 'Machines' })).toBeHidden({ timeout: soonMs });
    await host.client['preferences.set']({ theme: 'dark', density: 'compact' });
    for (const one of [page, other]) {
      await expect(one.locator('html')).toHaveAttribute('data-theme', 'dark', { timeout: soonMs });
      await expect(one.locator('html')).toHaveAttribute('data-density', 'compact', { timeout: soonMs });
    }
    await host.client['preferences.set']({ theme: 'light', density: 'comfortable' });
  });

  await test.step('tags, which do not disturb what is being typed', async () => {
    const { id } = await host.client['tags.create']({ name: 'racks', color: '#4477aa' });
    const tag = (on: Page, name: string) => on.locator(`[data-tag="${name}"]`);
    for (const one of [page, other]) await goTo(one, '#/manage/tags');
    const typed = tag(page, 'racks').getByLabel('Name of the tag racks');
    await typed.fill('Shelves');
    await host.client['tags.update']({ id, color: '#228833' });
    for (const one of [page, other])
      await expect(tag(one, 'racks').getByRole('button', { name: 'Colour #228833' })).toHaveAttribute(
        'aria-pressed',
        'true',
        { timeout: soonMs },
      );
    await expect(typed).toHaveValue('Shelves');
    await typed.press('Enter');
    for (const one of [page, other]) await expect(tag(one, 'Shelves')).toBeVisible({ timeout: soonMs });
    await host.client['tags.remove']({ id });
    for (const one of [page, other]) await expect(tag(one, 'Shelves')).toBeHidden({ timeout: soonMs });
    for (const one of [page, other]) await goTo(one, '#/');
  });

  await test.step('the tile, the tab and the sections of a machine', async () => {
    left = (await settledOrder(page))[1] ?? '';
    const height = (on: Page) => machine(on, left).evaluate((one) => one.getBoundingClientRect().height);
    const full = await height(other);
    await machine(page, left).getByRole('link').first().focus();
    await page.keyboard.press('e');
    await expect.poll(() => height(other), { timeout: soonMs }).toBeLessThan(full / 2);
    await goTo(page, `#/machines/${left}/history`);
    await expect(currentTab(page)).toHaveText('History');
    // A window that opens the machine comes to that tab; one that looks at it stays where it is.
    await goTo(other, `#/machines/${left}`);
    await expect(currentTab(other)).toHaveText('History');
    await goTo(page, `#/machines/${left}/overview`);
    await section(page).click();
    await expect(section(page)).toHaveAttribute('aria-expanded', 'false');
    await expect(currentTab(other)).toHaveText('History');
    await goTo(other, `#/machines/${left}/overview`);
    await expect(section(other)).toHaveAttribute('aria-expanded', 'false', { timeout: soonMs });
    for (const one of [page, other]) await goTo(one, '#/fleet');
  });

  await test.step('a filter is the window’s own', async () => {
    const all = await found(other).textContent();
    await page.locator('[data-figure=withSecurity]').click();
    await expect(found(page)).not.toHaveText(all ?? '');
    await expect(found(other)).toHaveText(all ?? '');
  });

  await test.step('a saved view', async () => {
    await choose(page, 'Group by: No groups', 'By tag');
    await viewMenu(page).click();
    await page.getByRole('menuitem', { name: 'Save as a new view…' }).click();
    const dialog = page.getByRole('dialog', { name: 'Save this view' });
    await dialog.getByLabel('Name').fill('Security by tag');
    await dialog.getByRole('button', { name: 'Save' }).click();
    await expect(dialog).toBeHidden();
    await expect(viewMenu(other)).toHaveAccessibleName('View: Security by tag', { timeout: soonMs });
    await expect(other.locator('[data-figure=withSecurity]')).toHaveAttribute('aria-pressed', 'true', {
      timeout: soonMs,
    });
    await expect(other.getByRole('button', { name: /^Lyon/ })).toBeVisible();
  });

  await test.step('another view, chosen from the palette in the other window', async () => {
    await other.keyboard.press('ControlOrMeta+k');
    await other.getByRole('combobox', { name: /^Search/ }).fill('all machines');
    await other.getByRole('option', { name: /^All machines/ }).click();
    await expect(viewMenu(page)).toHaveAccessibleName('View: All machines', { timeout: soonMs });
    await expect(page.getByRole('button', { name: /^Lyon/ })).toBeHidden({ timeout: soonMs });
    await other.keyboard.press('ControlOrMeta+k');
    await other.getByRole('combobox', { name: /^Search/ }).fill('security by');
    await other.getByRole('option', { name: /^Security by tag/ }).click();
    await expect(viewMenu(page)).toHaveAccessibleName('View: Security by tag', { timeout: soonMs });
  });

  await test.step('closing one loses nothing', async () => {
    await machine(other, (await orderOf(other))[0] ?? '')
      .first()
      .getByRole('checkbox')
      .check();
    await page.close();
    const bar = other.getByRole('toolbar', { name: 'Selected machines' });
    await expect(bar).toContainText('1 selected');
    await other.getByRole('searchbox', { name: 'Filter machines' }).fill('web');
    await expect(viewMenu(other)).toHaveAccessibleName('View: Security by tag (changed)');
    // Closed while a word is being typed, without a pause.
    await other.getByRole('searchbox', { name: 'Filter machines' }).pressSequentially('s');
    await other.getByRole('searchbox', { name: 'Filter machines' }).press('Backspace');
    await other.goto('about:blank');
    await other.close();
    await expect
      .poll(async () => {
        const stream = host.client['preferences.watch']({})[Symbol.asyncIterator]();
        const { value } = (await stream.next()) as { value: { fleetShown: { query: string } } };
        await stream.return?.();
        return value.fleetShown.query;
      })
      .toBe('web');
  });

  await test.step('nor does the end of the application', async () => {
    await host.close();
    host = await startInlineHost(dataDir);
    await windows.clearCookies();
    page = await open(host.newLaunchUrl());
    await unlockVault(page, secrets.passphrase);
    await expect(viewMenu(page)).toHaveAccessibleName('View: Security by tag (changed)');
    await expect(page.getByRole('searchbox', { name: 'Filter machines' })).toHaveValue('web');
    await expect(page.locator('[data-figure=withSecurity]')).toHaveAttribute('aria-pressed', 'true');
    await goTo(page, `#/machines/${left}`);
    await expect(currentTab(page)).toHaveText('Overview');
    await expect(section(page)).toHaveAttribute('aria-expanded', 'false');
    await goTo(page, '#/fleet');
    const stream = host.client['machineUi.watch']({})[Symbol.asyncIterator]();
    const { value } = (await stream.next()) as { value: { machines: unknown[] } };
    await stream.return?.();
    expect(value.machines).toContainEqual(expect.objectContaining({ machineId: left, tileMode: 'compact' }));
  });

  await test.step('a view that was deleted can be put back', async () => {
    await viewMenu(page).click();
    await page.getByRole('menuitem', { name: 'Discard the changes' }).click();
    await expect(viewMenu(page)).toHaveAccessibleName('View: Security by tag');
    await viewMenu(page).click();
    await page.getByRole('menuitem', { name: 'Delete this view' }).click();
    await expect(viewMenu(page)).toHaveAccessibleName('View: All machines');
    await page.getByRole('button', { name: 'Undo' }).click();
    await expect(viewMenu(page)).toHaveAccessibleName('View: Security by tag');
  });
});

/** `floats`: a menu or a popover is open, which stands at the end of the page and not in a landmark. */
async function violations(on: Page, floats = false): Promise<string[]> {
  const result = await new AxeBuilder({ page: on })
    .setLegacyMode(true)
    .disableRules(floats ? ['region'] : [])
    .withTags(['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'])
    .analyze();
  return result.violations.flatMap((one) =>
    one.nodes.map((node) => `${one.id}: ${node.html.slice(0, 160)}\n${node.failureSummary ?? ''}`),
  );
}

for (const theme of ['light', 'dark'] as const) {
  for (const language of ['en', 'fr'] as const) {
    test(`accessible in every layout (${theme}, ${language})`, async () => {
      const set = (change: Parameters<(typeof host.client)['preferences.set']>[0]) =>
        host.client['preferences.set'](change);
      await set({ theme, language, fleetViewId: null, fleetGroup: 'none', density: 'comfortable' });
      await expect(page.locator(`html[lang=${language}][data-theme=${theme}]`)).toBeVisible();
      for (const [fleetView, fleetGroup, density] of [
        ['tiles', 'none', 'comfortable'],
        ['tiles', 'tag', 'compact'],
        ['table', 'status', 'comfortable'],
      ] as const) {
        await set({ fleetView, fleetGroup, density });
        await expect(page.locator(`html[data-density=${density}]`)).toBeVisible();
        await expect(page.getByRole('table')).toBeVisible({ visible: fleetView === 'table' });
        await expect(page.locator('[data-machine]').first()).toBeVisible();
        await page.locator('[data-machine] input[type=checkbox]').first().check();
        expect.soft(await violations(page), `${fleetView} by ${fleetGroup}`).toEqual([]);
        await page.keyboard.press('Escape');
      }
      await viewMenu(page).click();
      expect.soft(await violations(page, true), 'the menu of views').toEqual([]);
      await page.keyboard.press('Escape');
      await page.getByRole('button', { name: /^(Columns|Colonnes)$/ }).click();
      expect.soft(await violations(page, true), 'the columns').toEqual([]);
      await page.keyboard.press('Escape');
    });
  }
}
