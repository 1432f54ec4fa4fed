import { expect, type Locator, type Page } from '@playwright/test';
import { fingerprintsOf, installedVersion } from '../../support/host-truth.ts';
import { test } from '../fixtures.ts';
import { runEnds, tile } from '../screens.ts';

const most = 60;

/** Tab, until the focus is there; that it can be seen is checked too. */
async function tabTo(page: Page, target: Locator): Promise<void> {
  await expect(target).toBeVisible();
  for (let pressed = 0; pressed < most; pressed += 1) {
    if (await target.evaluate((element) => element === document.activeElement)) {
      const outline = await target.evaluate((element) => getComputedStyle(element).outlineStyle);
      const ring = await target.evaluate((element) => getComputedStyle(element).boxShadow);
      expect(outline !== 'none' || ring !== 'none', 'the focus can be seen').toBe(true);
      return;
    }
    await page.keyboard.press('Tab');
  }
  throw new Error(`Tab does not reach ${String(target)}`);
}

async function pressOn(page: Page, target: Locator, key = 'Enter'): Promise<void> {
  await tabTo(page, target);
  await page.keyboard.press(key);
}

test('from the first start to an upgraded machine without a mouse', async ({ machine, app, secrets }) => {
  const host = machine('keys');
  const name = host.address;
  const { page } = app;
  const button = (label: string | RegExp) => page.getByRole('button', { name: label });

  const vault = page.getByRole('dialog', { name: 'Protect your secrets' });
  await expect(vault).toBeVisible();
  await tabTo(page, vault.getByLabel('Passphrase', { exact: true }));
  await page.keyboard.insertText(secrets.passphrase);
  await tabTo(page, vault.getByLabel('Repeat the passphrase'));
  await page.keyboard.insertText(secrets.passphrase);
  await page.keyboard.press('Enter');
  await expect(vault).toBeHidden();

  await tabTo(page, page.getByLabel('User and host'));
  await page.keyboard.type(`${host.user}@${name}`);
  await page.keyboard.press('Enter');
  await expect(page.getByRole('heading', { name: 'Add machines' })).toBeVisible();
  await pressOn(page, page.getByLabel('Method', { exact: true }));
  await expect(page.getByRole('listbox')).toBeVisible();
  // The list opens on the present choice; the one before it is the password.
  const password = page.getByRole('option', { name: 'Password', exact: true });
  for (let tries = 0; tries < 3; tries += 1) {
    if ((await password.getAttribute('data-highlighted')) !== null) break;
    await page.keyboard.press('ArrowUp');
  }
  await page.keyboard.press('Enter');
  await tabTo(page, page.getByLabel('Password', { exact: true }));
  await page.keyboard.insertText(host.password);
  await pressOn(page, button('Add machine').first());

  await expect(page.getByTestId('fingerprint')).toHaveText(/^SHA256:/);
  expect(await fingerprintsOf(host)).toContain(await page.getByTestId('fingerprint').textContent());
  await pressOn(page, button(/^Approve the key of/));
  await expect(button('Check 1 machine')).toBeEnabled();
  await pressOn(page, button('Check 1 machine'));
  await expect(page.getByTestId('first-check')).toContainText('2 updates', { timeout: 60_000 });
  await pressOn(page, page.getByRole('link', { name: 'Go to the fleet' }));

  await expect(tile(page, name)).toContainText('1 security');
  await page.keyboard.press('j');
  await expect(tile(page, name).getByRole('link', { name, exact: true })).toBeFocused();
  await page.keyboard.press('r');
  await expect(page.getByText('Refresh: 1 job queued')).toBeVisible();
  await expect(tile(page, name).getByTestId('job-line')).toBeHidden({ timeout: 60_000 });
  await page.keyboard.press('u');
  await expect(page.getByTestId('plan-table')).toBeVisible();
  await pressOn(page, button(/^Apply this plan/));
  const confirm = page.getByRole('dialog');
  await pressOn(page, confirm.getByRole('button', { name: 'Change 2 packages' }));
  await runEnds(page, 'Succeeded');
  expect(await installedVersion(host, 'hp-secure')).toBe('2.4-1+deb12u1');
  await pressOn(page, page.getByRole('link', { name: 'Open the report' }));
  await expect(page.getByTestId('report')).toContainText('hp-secure');
  await page.keyboard.press('?');
  await expect(page.getByRole('dialog', { name: 'Keys' })).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(page.getByRole('dialog', { name: 'Keys' })).toBeHidden();
});
