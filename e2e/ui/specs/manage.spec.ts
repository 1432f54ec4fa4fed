import { readFile } from 'node:fs/promises';
import AxeBuilder from '@axe-core/playwright';
import type { Page } from '@playwright/test';
import { fingerprintsOf } from '../../support/host-truth.ts';
import type { TestbedHost } from '../../testbed/index.ts';
import { expect, test } from '../fixtures.ts';
import {
  addTrusted,
  approveKey,
  choose,
  fillLogin,
  firstCheck,
  goToFleet,
  openAdd,
  openMachine,
  openTab,
  setUpVault,
  tile,
} from '../screens.ts';

/** Bringing machines in, copying them, taking them out, and putting them in order. */

type Section = 'import' | 'export' | 'tags' | 'removed';

async function openManage(page: Page, tab: Section): Promise<void> {
  await page.evaluate((next) => {
    location.hash = `#/manage/${next}`;
  }, tab);
  await expect(page.getByRole('heading', { name: 'Manage machines' })).toBeVisible();
}

async function chooseFile(page: Page, name: string, content: string): Promise<void> {
  await page
    .getByTestId('import-file')
    .setInputFiles({ name, mimeType: 'application/octet-stream', buffer: Buffer.from(content) });
}

const row = (page: Page, number: number) => page.locator(`[data-row="${String(number)}"]`);

async function addMachine(page: Page, host: TestbedHost): Promise<void> {
  await addTrusted(page, host);
  await firstCheck(page);
}

async function expectAccessible(page: Page): Promise<void> {
  const { violations } = await new AxeBuilder({ page })
    .setLegacyMode(true)
    .withTags(['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'])
    .analyze();
  expect(violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`)).toEqual([]);
}

test('a spreadsheet of machines is shown row by row, then added as a whole', async ({
  machine,
  app,
  secrets,
}) => {
  const host = machine('manage');
  const { page } = app;
  await setUpVault(page, secrets.passphrase);
  await openManage(page, 'import');
  await chooseFile(
    page,
    'fleet.csv',
    [
      '\ufeffNom;Adresse IP;Utilisateur;Port;Étiquettes;Mot de passe',
      `bureau;${host.address};${host.user};22;bureau, Paris;${secrets.canary}`,
      `encore;${host.address};${host.user};22;;`,
      `faux;192.0.2.1;ops;99999;;`,
    ].join('\r\n'),
  );
  await expect(row(page, 1)).toContainText('bureau');
  await expect(row(page, 2)).toContainText('The same machine as row 1');
  await expect(row(page, 3)).toContainText('Not a port: 99999');
  await expect(row(page, 3).getByRole('checkbox')).toBeDisabled();
  await expect(page.getByText('Passwords and keys are never read from a file: Mot de passe')).toBeVisible();
  await expect(page.getByText('1 can be added, 2 cannot')).toBeVisible();
  await expectAccessible(page);

  // Another meaning for a column, and back: the preview follows.
  await page.getByText('Which column is what').click();
  await page.getByLabel('Notes', { exact: true }).click();
  await page.getByRole('option', { name: /^Étiquettes/ }).click();
  await expect(page.getByLabel('Notes', { exact: true })).toContainText('Étiquettes');
  await expect(row(page, 1)).toContainText('bureau');
  // Nothing is stored before it is confirmed.
  await page
    .getByRole('navigation', { name: 'Main navigation' })
    .getByRole('link', { name: 'Fleet' })
    .click();
  await expect(page.getByTestId('welcome')).toBeVisible();

  await openManage(page, 'import');
  await chooseFile(page, 'fleet.csv', `name,host,user,tags\nbureau,${host.address},${host.user},Paris\n`);
  await expect(row(page, 1)).toContainText('bureau');
  await fillLogin(page, { password: host.password });
  await page.getByRole('button', { name: 'Add 1 machine' }).click();
  await expect(page.getByText('1 machine added')).toBeVisible();
  await approveKey(page, await fingerprintsOf(host));
  await expect(await firstCheck(page)).toContainText('1 update');
  await goToFleet(page);
  await expect(tile(page, 'bureau')).toContainText('Paris');

  await openManage(page, 'import');
  await chooseFile(page, 'again.csv', `host,user\n${host.address},${host.user}\n`);
  await expect(row(page, 1)).toContainText('Already in the fleet as bureau');
});

test('keys of a known_hosts file are shown, and approved only when that is said', async ({
  machine,
  app,
  secrets,
}) => {
  const host = machine('manage');
  const { page } = app;
  await setUpVault(page, secrets.passphrase);
  const { stdout } = await host.run('cat /etc/ssh/ssh_host_*_key.pub');
  const lines = stdout
    .trim()
    .split('\n')
    .map((line) => `${host.address} ${line}`);
  await openManage(page, 'import');
  await chooseFile(page, 'known_hosts', lines.join('\n'));
  await expect(row(page, 1)).toContainText(host.address);
  for (const fingerprint of await fingerprintsOf(host)) await expect(row(page, 1)).toContainText(fingerprint);
  const approve = page.getByRole('checkbox', { name: /^Approve the .*host keys? shown/ });
  await expect(approve).not.toBeChecked();
  await approve.check();
  await fillLogin(page, { password: host.password });
  await page.getByLabel('User where the file names none').fill(host.user);
  await page.getByRole('button', { name: 'Add 1 machine' }).click();
  await expect(await firstCheck(page)).toContainText('1 update');
});

test('a form is tested before it is saved, and the failing step says what to do', async ({
  machine,
  app,
  secrets,
}) => {
  const host = machine('manage');
  const { page } = app;
  await setUpVault(page, secrets.passphrase);
  await openAdd(page);
  await page.getByRole('heading', { name: 'All details' }).click();
  await page.getByLabel(/^Host name or address/).fill(host.address);
  await page.getByLabel(/^User/).last().fill(host.user);
  await fillLogin(page, { password: secrets.wrongPassword });
  await page.getByRole('button', { name: 'Test first' }).click();
  const test_ = page.getByTestId('diagnosis');
  const step = (name: string) => test_.locator(`[data-step=${name}]`);
  // Stops before anything is sent to a machine that nobody has recognised.
  await expect(step('connect')).toHaveAttribute('data-status', 'ok');
  await expect(step('host_key')).toHaveAttribute('data-status', 'failed');
  expect(await fingerprintsOf(host)).toContain(await test_.getByTestId('test-fingerprint').textContent());
  await test_.getByRole('button', { name: 'This is the right key: go on with the test' }).click();
  await expect(step('authenticate')).toHaveAttribute('data-status', 'failed');
  await expect(step('authenticate')).toContainText(`Login as ${host.user} refused by ${host.address}`);
  await expect(step('authenticate')).toContainText('Check the user name and the password or key');
  await expect(step('sudo')).toHaveAttribute('data-status', 'skipped');
  await expectAccessible(page);

  await fillLogin(page, { password: host.password });
  await page.getByRole('button', { name: 'Test first' }).click();
  await expect(step('host_key')).toHaveAttribute('data-status', 'failed');
  await test_.getByRole('button', { name: 'This is the right key: go on with the test' }).click();
  await expect(step('sudo')).toHaveAttribute('data-status', 'ok');
  await expect(test_).toContainText('Everything works');
  // Nothing of it was stored.
  await page
    .getByRole('navigation', { name: 'Main navigation' })
    .getByRole('link', { name: 'Fleet' })
    .click();
  await expect(page.getByTestId('welcome')).toBeVisible();
});

test('a machine is described, tested with other values, copied, and written to files', async ({
  machine,
  app,
  secrets,
}) => {
  const host = machine('manage');
  const { page } = app;
  await setUpVault(page, secrets.passphrase);
  await addMachine(page, host);
  await openMachine(page, host.address);
  await openTab(page, 'Settings');
  const form = page.getByTestId('machine-form');
  await form.getByLabel(/^Group/).fill('Cellar');
  await choose(page, 'Kind', 'Physical machine');
  await form.getByLabel(/^Notes/).fill('=Behind the boiler');
  await form.getByRole('button', { name: 'Save changes' }).click();
  await expect(page.getByText(/^Changes to .* saved$/)).toBeVisible();

  // Stored secrets and the approved key serve the test of what is typed.
  await form.getByLabel(/^Port/).fill('1');
  await page.getByRole('button', { name: 'Test with these values' }).click();
  await expect(page.locator('[data-step=connect]')).toHaveAttribute('data-status', 'failed');
  await form.getByLabel(/^Port/).fill('22');
  await page.getByRole('button', { name: 'Test with these values' }).click();
  await expect(page.locator('[data-step=sudo]')).toHaveAttribute('data-status', 'ok');

  // Another name for the same address, so that the copy can be reached as well.
  await page.getByRole('button', { name: 'Duplicate', exact: true }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel(/^Host name or address/).fill(host.address);
  await dialog.getByRole('button', { name: 'Duplicate' }).click();
  await expect(page.getByText(/already/i).first()).toBeVisible();
  await dialog.getByLabel(/^User/).fill('root');
  await dialog.getByLabel(/^Name/).fill('copy');
  await dialog.getByRole('checkbox', { name: 'Copy passwords and keys too' }).check();
  await dialog.getByRole('button', { name: 'Duplicate' }).click();
  await expect(page.getByRole('heading', { name: 'copy', level: 1 })).toBeVisible();
  await expect(page.getByText('Cellar').first()).toBeVisible();

  await openManage(page, 'export');
  const exported: string[] = [];
  for (const [format, mark] of [
    ['CSV', "'=Behind the boiler"],
    ['JSON', '"=Behind the boiler"'],
    ['SSH configuration', 'Host copy'],
    ['known_hosts', `${host.address} ssh-`],
  ] as const) {
    await page.getByRole('radio', { name: new RegExp(`^${format}`) }).check();
    const download = page.waitForEvent('download');
    await page.getByRole('button', { name: 'Export 2 machines' }).click();
    const text = await readFile(await (await download).path(), 'utf8');
    expect(text).toContain(mark);
    expect(text).toContain(host.address);
    expect(text).not.toContain(host.password);
    exported.push(text);
  }
  await expectAccessible(page);
  // Each is understood when it comes back.
  for (const text of exported) {
    await openManage(page, 'import');
    await chooseFile(page, 'exported', text);
    await expect(row(page, 1)).toContainText('Already in the fleet as');
  }
});

test('tags are renamed, recoloured, merged and deleted', async ({ app, secrets }) => {
  const { page } = app;
  await setUpVault(page, secrets.passphrase);
  await openManage(page, 'import');
  await chooseFile(
    page,
    'fleet.json',
    JSON.stringify([
      { host: 'a.invalid', user: 'ops', tags: [{ name: 'web', color: '#ccbb44' }] },
      { host: 'b.invalid', user: 'ops', tags: ['www'] },
    ]),
  );
  await page.getByRole('radio', { name: 'As the file says' }).check();
  await page.getByRole('button', { name: 'Add 2 machines' }).click();
  await expect(page.getByText('2 machines added')).toBeVisible();
  await openManage(page, 'tags');
  const tag = (name: string) => page.locator(`[data-tag="${name}"]`);
  await expect(tag('web')).toContainText('1 machine');
  await tag('web').getByRole('button', { name: 'Colour #228833' }).click();
  await expect(tag('web').getByRole('button', { name: 'Colour #228833' })).toHaveAttribute(
    'aria-pressed',
    'true',
  );
  await tag('web').getByLabel('Name of the tag web').fill('Sites');
  await tag('web').getByLabel('Name of the tag web').press('Enter');
  await expect(tag('Sites')).toBeVisible();
  await expectAccessible(page);
  await tag('www').getByRole('button', { name: 'Merge www into another tag' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Merge' }).click();
  await expect(tag('www')).toBeHidden();
  await expect(tag('Sites')).toContainText('2 machines');
  await tag('Sites').getByRole('button', { name: 'Delete the tag Sites' }).click();
  await expect(page.getByRole('dialog')).toContainText('2 machines lose this tag');
  await page.getByRole('dialog').getByRole('button', { name: 'Delete the tag' }).click();
  await expect(page.getByText('No tag exists yet')).toBeVisible();
});

test('a removed machine is put back at once, later, or purged by its name', async ({
  machine,
  app,
  secrets,
}) => {
  const host = machine('manage');
  const name = host.address;
  const { page } = app;
  await setUpVault(page, secrets.passphrase);
  await addMachine(page, host);
  const remove = async () => {
    await openMachine(page, name);
    await openTab(page, 'Settings');
    await page.getByRole('button', { name: `Remove ${name}` }).click();
    await expect(page.getByTestId('welcome')).toBeVisible();
  };
  await remove();
  await page.getByRole('button', { name: 'Undo' }).click();
  await expect(tile(page, name)).toBeVisible();

  await remove();
  await openManage(page, 'removed');
  await expectAccessible(page);
  await page.getByRole('button', { name: `Put back ${name}` }).click();
  await expect(page.getByText('No removed machine')).toBeVisible();
  await goToFleet(page);
  // With all that was known of it.
  await expect(tile(page, name)).toContainText('1 update');

  await remove();
  await openManage(page, 'removed');
  await choose(page, 'Purge by itself after', '30 days');
  await expect(page.locator(`[data-removed="${name}"]`)).toContainText('Kept until');
  await page.getByRole('button', { name: `Purge ${name}` }).click();
  const dialog = page.getByRole('dialog');
  const purge = dialog.getByRole('button', { name: 'Purge for good' });
  await expect(purge).toBeDisabled();
  await dialog.getByLabel(`Type ${name} to confirm`).fill(name);
  await purge.click();
  await expect(page.getByText('No removed machine')).toBeVisible();
});
