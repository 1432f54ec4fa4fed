import { stageHardware, staged, unstageHardware } from '../../support/staged-hardware.ts';
import { expect, test } from '../fixtures.ts';
import { addTrusted, firstCheck, goToFleet, openMachine, openTab, setUpVault } from '../screens.ts';

test('hardware is read on demand: warnings with their remedies, disks with their health, curves', async ({
  machine,
  app,
  secrets,
}) => {
  const host = machine('hardware');
  const { page } = app;
  await setUpVault(page, secrets.passphrase);
  await addTrusted(page, host);
  await firstCheck(page);
  await openMachine(page, host.address);
  await openTab(page, 'Hardware');
  // The refresh has told load, memory and disk already; the rest waits to be asked for.
  await expect(page.getByTestId('hardware-metrics')).toContainText('1 reading');
  await expect(page.getByRole('heading', { name: 'The hardware has not been read yet' })).toBeVisible();

  await stageHardware(host);
  try {
    await page.getByRole('button', { name: 'Read hardware' }).click();
    await expect(page.getByTestId('hardware-computer')).toBeVisible({ timeout: 60_000 });
  } finally {
    await unstageHardware(host);
  }

  const warnings = page.getByTestId('hardware-warnings');
  const failing = warnings.locator('[data-warning=smart_failing]');
  await expect(failing).toContainText('Disk sda (ST4000VN008-2DR166) says that it is failing');
  await expect(failing).toContainText('Save its data and replace it.');
  await expect(warnings.locator('[data-warning=temperature_high]')).toContainText(
    '86 °C, its limit is 84 °C',
  );
  await expect(warnings.locator('[data-warning=raid_degraded]')).toContainText('Array md0 lacks 1 disk');

  const { stdout } = await host.run(
    'df --output=size -B1 / | tail -n 1; awk "/^MemTotal/ { print \\$2 * 1024 }" /proc/meminfo',
  );
  const [, memory = 0] = stdout.trim().split('\n').map(Number);
  const gigabytes = new Intl.NumberFormat('en', { maximumFractionDigits: 1 }).format(memory / 1e9);
  await expect(page.getByTestId('hardware-computer')).toContainText(`${gigabytes} GB`);
  await expect(page.getByTestId('hardware-computer')).toContainText(`Dell Inc. ${staged.product}`);
  await expect(page.getByTestId('hardware-computer')).toContainText(staged.serial);
  await expect(page.getByTestId('hardware-clock')).toContainText('Right');
  const disks = page.getByTestId('hardware-disks');
  await expect(disks.locator('[data-disk=sda]')).toContainText('SMART failing');
  await expect(disks.locator('[data-disk=nvme0n1]')).toContainText('93% of its life used');
  await expect(page.getByTestId('hardware-filesystems').locator('[data-mount="/"]')).toBeVisible();
  await expect(page.getByTestId('hardware-network')).toContainText(host.address);
  const load = page.getByTestId('hardware-metrics').locator('[data-metric=load]');
  await expect(load.getByRole('img')).toHaveAccessibleName(/^Load: [12] reading/);
  await page.getByRole('radio', { name: 'Year' }).check();
  await expect(load.getByRole('img')).toHaveAccessibleName(/^Load: [12] reading/);

  await page
    .getByRole('navigation', { name: 'Main navigation' })
    .getByRole('link', { name: 'Timeline' })
    .click();
  await expect(page.getByTestId('timeline')).toContainText(
    'Disk sda (ST4000VN008-2DR166) says that it is failing',
  );
  await goToFleet(page);
});
