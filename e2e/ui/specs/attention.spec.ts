import type { Page } from '@playwright/test';
import { fingerprintsOf } from '../../support/host-truth.ts';
import { expect, test } from '../fixtures.ts';
import {
  addByAddress,
  applyPlan,
  approveKey,
  firstCheck,
  openAdd,
  openMachine,
  openTab,
  setUpVault,
} from '../screens.ts';

/** What wants a person's attention: the timeline as it grows, the bell, the desktop; and the way by the keyboard. */

const bell = (page: Page) => page.getByTestId('bell');
const toHash = (page: Page, hash: string) =>
  page.evaluate((next) => {
    location.hash = next;
  }, hash);

/** As in a window that somebody has left for another program. */
const leaveWindow = (page: Page) =>
  page.evaluate(() => {
    document.hasFocus = () => false;
    window.dispatchEvent(new Event('blur'));
  });

/** Stands in for the desktop: what is shown there is kept in the page, and can be clicked. */
const recordDesktop = (page: Page) =>
  page.evaluate(() => {
    const shown: { title: string; body: string; click: () => void }[] = [];
    class Recorded {
      static readonly permission = 'granted';
      onclick: (() => void) | null = null;
      constructor(title: string, { body }: { body: string }) {
        shown.push({ title, body, click: () => this.onclick?.() });
      }
      close(): void {}
    }
    Object.assign(window, { Notification: Recorded, shownOnDesktop: shown });
  });
const shownOnDesktop = (page: Page) =>
  page.evaluate(() =>
    (window as unknown as { shownOnDesktop: { title: string; body: string }[] }).shownOnDesktop.map(
      ({ title, body }) => `${title}: ${body}`,
    ),
  );

test('a run that ends is told in every window and on the desktop; the palette leads everywhere', async ({
  machine,
  app,
  secrets,
}) => {
  const host = machine('notice');
  const name = host.address;
  const { page } = app;
  await setUpVault(page, secrets.passphrase);
  await openAdd(page);
  await addByAddress(page, `${host.user}@${name}`, { password: host.password });
  await approveKey(page, await fingerprintsOf(host));
  await firstCheck(page);

  await test.step('the palette finds pages in both languages, and what was used lately comes first', async () => {
    await page.keyboard.press('Control+k');
    await page.keyboard.type('chronologie');
    await expect(page.getByRole('option', { selected: true })).toHaveText(/^\s*Timeline/);
    await page.keyboard.press('Enter');
    await expect(page.getByRole('heading', { name: 'Timeline', level: 1 })).toBeVisible();
    await page.keyboard.press('Control+k');
    await expect(page.getByRole('option').first()).toHaveText(/^\s*Timeline/);
    await page.keyboard.press('Escape');
    await page.keyboard.press('g');
    await page.keyboard.press('s');
    await expect(page.getByRole('heading', { name: 'Settings', level: 1 })).toBeVisible();
  });

  await test.step('on the page of a machine its keys act on it, and the palette offers what can be done', async () => {
    await openMachine(page, name);
    await page.keyboard.press('r');
    await expect(page.getByText('Refresh: 1 job queued')).toBeVisible();
    await expect(page.getByTestId('running-job')).toBeHidden({ timeout: 60_000 });
    await page.keyboard.press('Control+k');
    await page.keyboard.type(`test conn ${name}`);
    await page.keyboard.press('Enter');
    await expect(
      page
        .getByTestId('diagnosis')
        .or(page.getByText('Resolve', { exact: false }))
        .first(),
    ).toBeVisible();
  });

  const other = app.host === 'browser' ? await page.context().newPage() : null;
  if (other) await other.goto(new URL('/', page.url()).href);

  await test.step('the timeline grows while it is looked at', async () => {
    await openTab(page, 'Updates');
    await applyPlan(page, name);
    await expect(page.getByTestId('log')).toBeVisible();
    await toHash(page, '#/timeline');
    await expect(page.locator('[data-event="run.started"]')).toBeVisible();
    if (app.host === 'browser') await recordDesktop(page);
    await leaveWindow(page);
    if (other) await leaveWindow(other);
    await expect(page.locator('[data-event="run.finished"]')).toBeVisible({ timeout: 90_000 });
    await page.getByRole('searchbox', { name: 'Search events' }).fill(`${name} run finished succeeded`);
    await expect(page.locator('[data-event]')).toHaveCount(1);
    await page.getByRole('searchbox', { name: 'Search events' }).fill('run.finished');
    await expect(page.locator('[data-event]')).toHaveCount(0);
    await page.getByRole('button', { name: 'Clear filters' }).click();
  });

  await test.step('the desktop tells it once', async () => {
    const told = `${name}: Upgrade succeeded`;
    if (app.host === 'browser') await expect.poll(() => shownOnDesktop(page)).toEqual([told]);
    if (app.host === 'electron-sim') {
      await expect.poll(() => app.output().split(`notification: ${told}`).length - 1).toBe(1);
    }
  });

  await test.step('the bell opens the run, and what is read in one window is read in the other', async () => {
    for (const window of other ? [page, other] : [page]) await expect(bell(window)).toContainText('1 unread');
    await page.keyboard.press('n');
    const list = page.getByRole('dialog', { name: 'Notifications' });
    await list.getByRole('link', { name: /Upgrade succeeded/ }).press('Enter');
    await expect(page).toHaveURL(/#\/runs\//);
    await expect(list).toBeHidden();
    for (const window of other ? [page, other] : [page])
      await expect(bell(window)).not.toContainText('unread');
  });

  await test.step('a kind that is switched off in one window is off in the other', async () => {
    if (!other) return;
    await toHash(page, '#/settings');
    await toHash(other, '#/settings');
    const way = (window: Page) => window.getByRole('radiogroup', { name: 'A run has ended' });
    await way(page).getByRole('radio', { name: 'Off' }).check();
    await expect(way(other).getByRole('radio', { name: 'Off' })).toBeChecked({ timeout: 1_000 });
    await other.close();
  });
});
