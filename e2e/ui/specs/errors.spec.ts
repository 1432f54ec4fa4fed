import { createServer } from 'node:net';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import type { Page } from '@playwright/test';
import { fingerprintsOf, installedVersion } from '../../support/host-truth.ts';
import { expect, test } from '../fixtures.ts';
import {
  addByAddress,
  addTrusted,
  approveKey,
  firstCheck,
  goToFleet,
  jobEnds,
  openAdd,
  openMachine,
  openTab,
  refresh,
  setUpVault,
  tile,
} from '../screens.ts';

/** Nothing runs any more, and the application says so. */
async function expectNothingStuck(page: Page): Promise<void> {
  await page.getByRole('button', { name: /^Running jobs/ }).click();
  await expect(page.getByText('No job is running')).toBeVisible();
  await page.keyboard.press('Escape');
}

test('wrong password: named, with its remedy; with the right one it works', async ({
  machine,
  app,
  secrets,
}) => {
  const host = machine('login');
  const { page } = app;
  await setUpVault(page, secrets.passphrase);
  await openAdd(page);
  await addByAddress(page, `${host.user}@${host.address}`, { password: secrets.wrongPassword });
  await approveKey(page, await fingerprintsOf(host));
  const line = await firstCheck(page);
  await expect(line).toContainText(`Login as ${host.user} refused by ${host.address}`);
  await expect(line).toContainText('Check the user name and the password or key');
  await expectNothingStuck(page);
  await goToFleet(page);
  await expect(tile(page, host.address).getByTestId('last-error')).toContainText('refused');

  await openMachine(page, host.address);
  await openTab(page, 'Settings');
  await page
    .getByRole('button', { name: /^Replace/ })
    .first()
    .click();
  await page.getByLabel('Password', { exact: true }).fill(host.password);
  await page.getByRole('button', { name: 'Save login' }).click();
  await expect(page.getByText(/^Login of .* saved$/)).toBeVisible();
  await refresh(page);
  await openTab(page, 'Overview');
  await expect(page.getByTestId('machine-state')).toContainText('1 update');
  await expect(page.getByTestId('last-error')).toHaveCount(0);
});

test('unknown host name and closed port: each says what it is', async ({ app, secrets }) => {
  const { page } = app;
  // A port that was free a moment ago: nothing listens there.
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await setUpVault(page, secrets.passphrase);

  await openAdd(page);
  await addByAddress(page, 'ops@no-such-host.invalid', { password: secrets.wrongPassword });
  const unknown = page.getByTestId('host-keys').getByRole('listitem');
  await expect(unknown).toContainText('No address found for no-such-host.invalid');
  await expect(unknown).toContainText('Check the spelling and the DNS');
  await expect(unknown.getByRole('button', { name: /^Try again/ })).toBeEnabled();

  await openAdd(page);
  await addByAddress(page, `ops@127.0.0.1:${port}`, { password: secrets.wrongPassword });
  const closed = page.getByTestId('host-keys').getByRole('listitem');
  await expect(closed).toContainText(`Port ${port} of 127.0.0.1 refuses the connection`);
  await expect(closed).toContainText('that the SSH server runs there');
  await expectNothingStuck(page);
});

test('a changed host key blocks the machine until it is approved', async ({ machine, app, secrets }) => {
  const host = machine('rekey');
  const { page } = app;
  await setUpVault(page, secrets.passphrase);
  await openAdd(page);
  await addByAddress(page, `${host.user}@${host.address}`, { password: host.password });
  const before = await fingerprintsOf(host);
  const old = (await page.getByTestId('fingerprint').textContent()) ?? '';
  await approveKey(page, before);
  await firstCheck(page);

  await host.regenerateHostKeys();
  const after = await fingerprintsOf(host);
  await host.killSshSessions();
  await openMachine(page, host.address);
  await page.getByRole('button', { name: 'Refresh', exact: true }).click();
  const alert = page.getByTestId('changed-key');
  await expect(alert).toBeVisible({ timeout: 30_000 });
  await expect(alert).toContainText('Everything to this host is blocked');
  const shown = await alert
    .locator('code')
    .filter({ hasText: /^SHA256:/ })
    .allTextContents();
  expect(shown[0]).toBe(old);
  expect(after).toContain(shown[1]);
  await expect(page.getByRole('button', { name: 'Refresh', exact: true })).toBeDisabled();
  await goToFleet(page);
  await expect(tile(page, host.address)).toContainText('Host key changed');
  await expectNothingStuck(page);

  await openMachine(page, host.address);
  await page.getByRole('button', { name: 'Approve the new key and retire the old one' }).click();
  await expect(page.getByTestId('changed-key')).toBeHidden();
  await refresh(page);
  await expect(page.getByTestId('machine-state')).toContainText('1 update');
});

test('without sudo a refresh works with a warning, and an upgrade is refused', async ({
  machine,
  app,
  secrets,
}) => {
  const host = machine('nosudo');
  const { page } = app;
  await setUpVault(page, secrets.passphrase);
  await addTrusted(page, host);
  await expect(await firstCheck(page)).toContainText(`sudo is not allowed for ${host.user}`);
  await goToFleet(page);
  // The lists are as old as they were, but what they say is known.
  await expect(tile(page, host.address)).toContainText('1 update');
  await openMachine(page, host.address);
  await openTab(page, 'Updates');
  await expect(page.getByText(`sudo is not allowed for ${host.user}`)).toBeVisible();

  await page.getByRole('button', { name: /^Apply this plan/ }).click();
  await page
    .getByRole('dialog')
    .getByRole('button', { name: /^Change 1 package/ })
    .click();
  await goToFleet(page);
  const error = tile(page, host.address).getByTestId('last-error');
  await expect(error).toContainText(`sudo is not allowed for ${host.user}`, { timeout: 30_000 });
  await expect(error).toContainText('Add the user to the sudo group');
  expect(await installedVersion(host, 'hp-plain')).toBe('1.0');
  await expectNothingStuck(page);
  await openMachine(page, host.address);
  await jobEnds(page);
});
