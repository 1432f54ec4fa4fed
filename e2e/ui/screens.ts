import { expect, type Locator, type Page } from '@playwright/test';
import { fingerprintsOf } from '../support/host-truth.ts';
import type { TestbedHost } from '../testbed/index.ts';

/** What a person does on the screens, found by the words and roles that a person is given. */

const upgradeTimeoutMs = 90_000;

export async function setUpVault(page: Page, passphrase: string): Promise<void> {
  const dialog = page.getByRole('dialog', { name: 'Protect your secrets' });
  await dialog.getByLabel('Passphrase', { exact: true }).fill(passphrase);
  await dialog.getByLabel('Repeat the passphrase').fill(passphrase);
  await dialog.getByRole('button', { name: 'Create the vault' }).click();
  await expect(dialog).toBeHidden();
}

export async function unlockVault(page: Page, passphrase: string): Promise<void> {
  const dialog = page.getByRole('dialog', { name: 'Unlock the vault' });
  await dialog.getByLabel('Passphrase', { exact: true }).fill(passphrase);
  await dialog.getByRole('button', { name: 'Unlock' }).click();
  await expect(dialog).toBeHidden();
}

/** Chooses an entry of one of our selects: a button that opens a list. */
export async function choose(page: Page, label: string, option: string): Promise<void> {
  await page.getByLabel(label, { exact: true }).click();
  await page.getByRole('option', { name: option, exact: true }).click();
}

export interface Login {
  readonly password?: string;
  /** Pasted, with its passphrase. */
  readonly privateKey?: { readonly text: string; readonly passphrase: string };
  /** In the words of the screen; default: sudo with the login password. */
  readonly sudo?: string;
  readonly sudoPassword?: string;
}

export async function fillLogin(page: Page, login: Login): Promise<void> {
  if (login.privateKey) {
    await choose(page, 'Method', 'Private key');
    await page.getByRole('radio', { name: 'Pasted' }).check();
    await page.getByLabel('Private key', { exact: true }).fill(login.privateKey.text);
    await page.getByLabel(/^Passphrase of the key/).fill(login.privateKey.passphrase);
  } else {
    await choose(page, 'Method', 'Password');
    await page.getByLabel('Password', { exact: true }).fill(login.password ?? '');
  }
  if (login.sudo !== undefined) await choose(page, 'Administrator rights (sudo)', login.sudo);
  if (login.sudoPassword !== undefined) await page.getByLabel('Password for sudo').fill(login.sudoPassword);
}

/** Opens the page on which machines are added, from wherever the application is. */
export async function openAdd(page: Page): Promise<void> {
  await page
    .getByRole('navigation', { name: 'Main navigation' })
    .getByRole('link', { name: 'Fleet' })
    .click();
  const welcome = page.getByTestId('welcome');
  const add = page.getByRole('link', { name: 'Add machine' });
  await expect(welcome.or(add)).toBeVisible();
  if (await add.isVisible()) await add.click();
  else await welcome.getByRole('button', { name: 'From your SSH configuration' }).click();
  await expect(page.getByRole('heading', { name: 'Add machines' })).toBeVisible();
}

/** Types `user@host:port`, a login, and asks to add it. What follows is the approval of the key. */
export async function addByAddress(page: Page, address: string, login: Login): Promise<void> {
  await page.getByLabel('Address', { exact: true }).fill(address);
  await fillLogin(page, login);
  await page.getByRole('button', { name: 'Add machine' }).first().click();
  await expect(page.getByRole('heading', { name: 'Approve host keys' })).toBeVisible();
}

/** Approves the key after comparing it with those that the machine really has. */
export async function approveKey(page: Page, fingerprints: readonly string[]): Promise<void> {
  const shown = page.getByTestId('fingerprint');
  await expect(shown).toHaveText(/^SHA256:/);
  expect(fingerprints).toContain(await shown.textContent());
  await page.getByRole('button', { name: /^Approve the key of/ }).click();
}

/** After the approval: the first refresh, to its end. Returns the line of the machine. */
export async function firstCheck(page: Page): Promise<Locator> {
  await page.getByRole('button', { name: 'Check 1 machine' }).click();
  const line = page.getByTestId('first-check').getByRole('listitem');
  await expect(line).toHaveAttribute('data-done', 'true', { timeout: 60_000 });
  return line;
}

export async function goToFleet(page: Page): Promise<void> {
  await page
    .getByRole('navigation', { name: 'Main navigation' })
    .getByRole('link', { name: 'Fleet' })
    .click();
  await expect(page.getByRole('heading', { name: 'Fleet', level: 1 })).toBeVisible();
}

/** The tile of a machine on the fleet page. */
export const tile = (page: Page, name: string): Locator =>
  page
    .getByRole('listitem')
    .filter({ has: page.getByRole('link', { name, exact: true }) })
    .filter({ has: page.getByRole('checkbox') });

/** From the fleet to the machine's page. */
export async function openMachine(page: Page, name: string): Promise<void> {
  await goToFleet(page);
  await tile(page, name).getByRole('link', { name, exact: true }).click();
  await expect(page.getByRole('heading', { name, level: 1 })).toBeVisible();
  // A machine opens on the tab that was open last.
  await openTab(page, 'Overview');
}

export async function openTab(
  page: Page,
  name: 'Overview' | 'Updates' | 'Hardware' | 'Files' | 'Forwards' | 'History' | 'Settings',
): Promise<void> {
  await page
    .getByRole('navigation', { name: /^Sections of/ })
    .getByRole('link', { name: new RegExp(`^${name}`) })
    .click();
}

/** On the machine's page: Refresh, to the end of the job. */
export async function refresh(page: Page): Promise<void> {
  const before = await tabsBelowTitle(page);
  await page.getByRole('button', { name: 'Refresh', exact: true }).click();
  await expect(page.getByTestId('running-job')).toBeVisible({ timeout: 60_000 });
  expect(await tabsBelowTitle(page), 'the tabs stay where they are').toBe(before);
  await jobEnds(page, 60_000);
  expect(await tabsBelowTitle(page), 'the tabs stay where they were').toBe(before);
}

/** How far below the machine's name its tabs are, pixels. */
async function tabsBelowTitle(page: Page): Promise<number> {
  const title = await page.getByRole('heading', { level: 1 }).boundingBox();
  const tabs = await page.getByRole('navigation', { name: /^Sections of/ }).boundingBox();
  return Math.round((tabs?.y ?? Number.NaN) - (title?.y ?? Number.NaN));
}

/** On the machine's page: waits until nothing runs on it. */
export async function jobEnds(page: Page, timeoutMs = upgradeTimeoutMs): Promise<void> {
  await expect(page.getByTestId('running-job')).toBeHidden({ timeout: timeoutMs });
  await expect(page.getByRole('button', { name: 'Refresh', exact: true })).toBeEnabled({
    timeout: timeoutMs,
  });
}

/** On the machine's Updates tab: asks for the plan to be applied and says yes. The run opens by itself. */
export async function applyPlan(page: Page, name: string): Promise<void> {
  await page.getByRole('button', { name: /^Apply this plan/ }).click();
  const dialog = page.getByRole('dialog');
  const go = dialog.getByRole('button', { name: /^Change \d+ package/ });
  await expect(go).toBeVisible();
  const typed = dialog.getByLabel(/^Type /);
  if (await typed.isVisible()) {
    // Packages are removed: nothing happens before the machine has been named.
    await expect(go).toBeDisabled();
    await typed.fill(name);
  }
  await go.click();
  await expect(dialog).toBeHidden();
}

/** On the run's page: its state in one word. */
export const runStatus = (page: Page): Locator => page.getByTestId('run-status');

export async function runEnds(page: Page, status: string, timeoutMs = upgradeTimeoutMs): Promise<void> {
  await expect(runStatus(page)).not.toHaveText('Running', { timeout: timeoutMs });
  await expect(runStatus(page)).toHaveText(status);
}

/** Adds a machine by its address and approves the key that the host itself has. */
export async function addTrusted(page: Page, host: TestbedHost): Promise<void> {
  await openAdd(page);
  await addByAddress(page, `${host.user}@${host.address}`, { password: host.password });
  await approveKey(page, await fingerprintsOf(host));
}
