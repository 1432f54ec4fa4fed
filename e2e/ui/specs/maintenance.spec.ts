import type { Page } from '@playwright/test';
import { distUpgradePlan, installedVersion } from '../../support/host-truth.ts';
import type { TestbedHost } from '../../testbed/index.ts';
import { expect, test } from '../fixtures.ts';
import {
  addTrusted,
  applyPlan,
  firstCheck,
  goToFleet,
  openMachine,
  openTab,
  refresh,
  runEnds,
  runStatus,
  setUpVault,
  tile,
} from '../screens.ts';

/** From an empty application to the page of a host that has been checked once. */
async function openChecked(page: Page, host: TestbedHost, passphrase: string): Promise<void> {
  await setUpVault(page, passphrase);
  await addTrusted(page, host);
  await firstCheck(page);
  await openMachine(page, host.address);
}

/** The packages that stand in a table, those on hold aside: nothing happens to them. */
async function namesIn(page: Page, table: string): Promise<string[]> {
  const rows = page
    .getByRole('table', { name: table })
    .locator('[data-package]:not([data-operation="hold"])');
  await expect(rows).not.toHaveCount(0);
  return (await rows.evaluateAll((all) => all.map((row) => row.getAttribute('data-package') ?? ''))).sort();
}

/** On the page of a run that failed: this step is said to have failed, and no other. */
async function expectFailedStep(page: Page, name: string): Promise<void> {
  const steps = page.getByRole('navigation', { name: 'Steps' }).getByRole('listitem');
  await expect(steps.filter({ hasText: 'Failed' })).toHaveText(new RegExp(name));
}

/** On the page of a run that has ended: what was done is what was planned, and it is about these packages. */
async function expectExactly(page: Page, packages: readonly string[]): Promise<void> {
  await page.getByRole('radio', { name: 'Planned and applied' }).check();
  await expect(page.getByTestId('verdict')).toContainText('Exactly the plan was applied');
  expect(await namesIn(page, 'Planned and applied packages')).toEqual([...packages].sort());
}

test('one package chosen of several: its own plan is shown and applied, the others still wait', async ({
  machine,
  app,
  secrets,
}) => {
  const host = machine('chosen');
  const { page } = app;
  const before = await distUpgradePlan(host);
  expect(before.installed).toEqual(['hp-kept', 'hp-newdep', 'hp-plain', 'hp-plain2']);
  await openChecked(page, host, secrets.passphrase);
  await openTab(page, 'Updates');

  const simulate = page.getByRole('button', { name: 'Plan the chosen' });
  await expect(simulate).toBeDisabled();
  await page.getByRole('checkbox', { name: 'Choose hp-kept', exact: true }).check();
  await expect(page.getByTestId('package-selection')).toContainText('1 chosen');
  await simulate.click();
  const dialog = page.getByRole('dialog', { name: `Upgrade chosen packages of ${host.address}` });
  const summary = dialog.getByTestId('apply-summary');
  await expect(summary).toContainText('hp-kept');
  await expect(summary.getByTestId('pulled-in')).toContainText('hp-newdep');
  await expect(summary).not.toContainText('hp-plain');
  expect(await installedVersion(host, 'hp-kept')).toBe('1.0');
  await dialog.getByRole('button', { name: 'Change 2 packages' }).click();
  await runEnds(page, 'Succeeded');
  await expectExactly(page, ['hp-kept', 'hp-newdep']);

  expect(await installedVersion(host, 'hp-kept')).toBe('1.1');
  expect(await installedVersion(host, 'hp-newdep')).toBe('1.0');
  const after = await distUpgradePlan(host);
  expect(after).toMatchObject({ installed: ['hp-plain', 'hp-plain2'], removed: [] });
  await goToFleet(page);
  await expect(tile(page, host.address)).toContainText('2 updates');
  await openMachine(page, host.address);
  await openTab(page, 'Updates');
  await expect(page.getByRole('table', { name: 'Packages of the plan' })).not.toContainText('hp-kept');
  expect(await namesIn(page, 'Packages of the plan')).toEqual(after.installed);
});

test('a plan that changed after it was shown: nothing happens before the new one is approved', async ({
  machine,
  app,
  secrets,
}) => {
  const host = machine('changed');
  const { page } = app;
  expect((await host.run('apt-mark hold hp-plain3')).code).toBe(0);
  await openChecked(page, host, secrets.passphrase);
  await openTab(page, 'Updates');
  expect(await namesIn(page, 'Packages of the plan')).toEqual(['hp-plain', 'hp-plain2']);
  expect((await host.run('apt-mark unhold hp-plain3 && apt-mark hold hp-plain2')).code).toBe(0);

  await applyPlan(page, host.address);
  await runEnds(page, 'Failed');
  await expectFailedStep(page, 'Compute the plan');
  const changed = page.getByTestId('changed-plan');
  await expect(changed).toContainText('Nothing was changed');
  // The lists of the difference, in their order: what is new, then what is not done any more.
  await expect(changed.getByRole('heading', { level: 3 })).toHaveText(['1 more', '1 no longer']);
  await expect(changed.getByRole('listitem')).toContainText(['hp-plain3', 'hp-plain2']);
  for (const name of ['hp-plain', 'hp-plain2', 'hp-plain3'])
    expect(await installedVersion(host, name)).toBe('1.0');
  const now = await distUpgradePlan(host);
  expect(now.installed).toEqual(['hp-plain', 'hp-plain3']);

  const stopped = page.url();
  await changed.getByRole('button', { name: 'Approve the new plan and run' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Change 2 packages' }).click();
  await expect(page).not.toHaveURL(stopped, { timeout: 30_000 });
  await runEnds(page, 'Succeeded');
  await expect(changed).toBeHidden();
  await expectExactly(page, now.installed);
  expect(await installedVersion(host, 'hp-plain')).toBe('1.1');
  expect(await installedVersion(host, 'hp-plain2')).toBe('1.0');
  expect(await installedVersion(host, 'hp-plain3')).toBe('1.1');
});

test('reboot and verify: a new boot is proved, and nothing asks for a reboot any more', async ({
  machine,
  app,
  secrets,
}) => {
  const host = machine('reboot');
  const { page } = app;
  const before = await host.bootId();
  // The kernel that runs is installed, as on any machine of its own: without one, nobody could say that no reboot is needed.
  expect((await host.run('test -e /run/reboot-required && touch "/boot/vmlinuz-$(uname -r)"')).code).toBe(0);
  await openChecked(page, host, secrets.passphrase);
  await goToFleet(page);
  await expect(tile(page, host.address).getByTestId('reboot')).toContainText('Reboot needed');

  await openMachine(page, host.address);
  await page.getByTestId('reboot').getByRole('button', { name: 'Reboot and verify' }).click();
  const dialog = page.getByRole('dialog', { name: `Reboot ${host.address}` });
  await expect(dialog.getByRole('radio', { name: /^Wait and verify/ })).toBeChecked();
  await expect(dialog.getByTestId('reboot-list')).toContainText('The system asks for it');
  expect(await host.bootId()).toBe(before);
  await dialog.getByRole('button', { name: `Reboot ${host.address}` }).click();
  await expect(runStatus(page)).toBeVisible({ timeout: 30_000 });
  await runEnds(page, 'Succeeded');
  const after = await host.bootId();
  expect(after).not.toBe(before);
  const run = page.getByTestId('reboot-run');
  await expect(run).toHaveAttribute('data-outcome', 'ok');
  await expect(run).toContainText('its boot id is a new one');
  await expect(run).toContainText(before);
  await expect(run).toContainText(after);

  expect((await host.run('test -e /run/reboot-required')).code).toBe(1);
  await goToFleet(page);
  await expect(tile(page, host.address).getByTestId('reboot')).toHaveCount(0);
  await openMachine(page, host.address);
  await expect(page.getByTestId('reboot')).toContainText('No reboot needed');
});

test('dpkg killed in the middle: said with its remedy, and the repair mends it', async ({
  machine,
  app,
  secrets,
}) => {
  const host = machine('broken');
  const { page } = app;
  await openChecked(page, host, secrets.passphrase);
  await openTab(page, 'Updates');
  await applyPlan(page, host.address);
  await expect(page.getByTestId('log').getByText(/hp-slow: step 1 of/)).toBeVisible({ timeout: 60_000 });
  // Processes of the host only: it has its own.
  expect((await host.run('pkill -9 -x dpkg')).code).toBe(0);
  await runEnds(page, 'Failed');
  await expectFailedStep(page, 'Install');
  expect(await installedVersion(host, 'hp-slow')).toBeNull();
  expect((await host.run('dpkg --audit')).stdout).toContain('hp-slow');

  await openMachine(page, host.address);
  await refresh(page);
  await openTab(page, 'Overview');
  const error = page.getByTestId('last-error');
  await expect(error).toContainText(`An earlier installation on ${host.address} was interrupted`);
  await goToFleet(page);
  const card = tile(page, host.address);
  await card.getByRole('button', { name: `Repair: ${host.address}` }).click();
  const dialog = page.getByRole('dialog', { name: `Repair packages of ${host.address}` });
  await expect(dialog.getByTestId('repair-summary')).toContainText('dpkg --configure -a');
  await dialog.getByRole('button', { name: 'Repair', exact: true }).click();
  await expect(runStatus(page)).toBeVisible({ timeout: 30_000 });
  await runEnds(page, 'Succeeded');
  expect(await installedVersion(host, 'hp-slow')).toBe('1.1');
  expect((await host.run('dpkg --audit')).stdout).toBe('');
  await goToFleet(page);
  await expect(card.getByTestId('last-error')).toHaveCount(0);
  await expect(card).toContainText('0 updates');
});
