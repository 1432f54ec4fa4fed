import { installedVersion } from '../../support/host-truth.ts';
import { keepOutput, keptOutput, sha256 } from '../../support/kept-output.ts';
import { expect, test } from '../fixtures.ts';
import type { App } from '../apps.ts';
import type { TestbedHost } from '../../testbed/index.ts';
import {
  addTrusted,
  applyPlan,
  firstCheck,
  openMachine,
  openTab,
  runEnds,
  runStatus,
  setUpVault,
} from '../screens.ts';

/** Adds the host and starts its upgrade; returns while hp-slow is being configured. */
async function startUpgrade(app: App, host: TestbedHost, passphrase: string): Promise<void> {
  const { page } = app;
  await setUpVault(page, passphrase);
  await addTrusted(page, host);
  await firstCheck(page);
  await openMachine(page, host.address);
  await openTab(page, 'Updates');
  await applyPlan(page, host.address);
  await expect(page.getByTestId('log').getByText(/hp-slow: step 2 of/)).toBeVisible({ timeout: 60_000 });
}

test('the network fails in the middle of an upgrade: said at once, followed to the end when it is back', async ({
  machine,
  app,
  secrets,
}) => {
  const host = machine('link');
  const { page } = app;
  await startUpgrade(app, host, secrets.passphrase);
  await keepOutput(host);
  await host.pauseNetwork();
  const banner = page.getByTestId('link-down');
  await expect(banner).toContainText('The run goes on on the machine', { timeout: 30_000 });
  await expect(runStatus(page)).toHaveText('Running');
  // The machine goes on meanwhile: what it writes now has to be fetched later.
  await expect
    .poll(async () => (await keptOutput(host)).includes('hp-slow: step 20 of 30'), { timeout: 40_000 })
    .toBe(true);
  await host.resumeNetwork();
  await expect(banner).toBeHidden({ timeout: 60_000 });
  await runEnds(page, 'Succeeded');
  expect(await installedVersion(host, 'hp-slow')).toBe('1.1');
  await expect(page.getByText(`SHA-256 ${sha256(await keptOutput(host))}`)).toBeVisible();
});

test('the power fails in the middle of an upgrade: the run is interrupted, the machine can be used again', async ({
  machine,
  app,
  secrets,
}) => {
  const host = machine('power');
  const { page } = app;
  await startUpgrade(app, host, secrets.passphrase);
  await host.stop();
  await expect(page.getByTestId('link-down')).toBeVisible({ timeout: 60_000 });
  await host.start();
  await runEnds(page, 'Interrupted');
  await expect(page.getByText('What went wrong')).toBeVisible();
  await page.getByRole('link', { name: host.address }).first().click();
  await expect(page.getByRole('button', { name: 'Refresh', exact: true })).toBeEnabled();
});
