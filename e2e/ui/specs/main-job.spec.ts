import { distUpgradePlan, fingerprintsOf, installedVersion } from '../../support/host-truth.ts';
import { expect, test } from '../fixtures.ts';
import {
  addByAddress,
  applyPlan,
  approveKey,
  firstCheck,
  goToFleet,
  openMachine,
  openTab,
  runEnds,
  runStatus,
  setUpVault,
  tile,
  unlockVault,
} from '../screens.ts';

test('add, approve, refresh, upgrade, read the report, restart: all as the host itself says', async ({
  machine,
  app,
  secrets,
}) => {
  const host = machine('job');
  const name = host.address;
  const plan = await distUpgradePlan(host);
  let reportTitle = '';
  let hash = '';

  await test.step('first run: a passphrase, then an address', async () => {
    const { page } = app;
    await setUpVault(page, secrets.passphrase);
    await page.getByLabel('User and host').fill(`${host.user}@${host.address}`);
    await page.getByRole('button', { name: 'Continue' }).click();
    await expect(page.getByLabel('Address', { exact: true })).toHaveValue(`${host.user}@${host.address}`);
    await addByAddress(page, `${host.user}@${host.address}`, { password: host.password });
  });

  await test.step('the fingerprint shown is the one of the machine', async () => {
    await approveKey(app.page, await fingerprintsOf(host));
    await expect(app.page.getByTestId('host-keys').getByRole('listitem')).toContainText('Approved');
  });

  await test.step('refresh: the numbers are those of apt-get -s dist-upgrade on the host', async () => {
    const { page } = app;
    const line = await firstCheck(page);
    await expect(line).toContainText(`${plan.installed.length} updates`);
    await page.getByRole('link', { name: 'Go to the fleet' }).click();
    const card = tile(page, name);
    await expect(card).toContainText(`${plan.installed.length} updates`);
    await expect(card).toContainText(`${plan.security.length} security`);
    expect(plan.security).toEqual(['hp-secure']);
  });

  await test.step('the plan lists exactly those packages and versions', async () => {
    const { page } = app;
    await openMachine(page, name);
    await openTab(page, 'Updates');
    const table = page.getByRole('table', { name: 'Packages of the plan' });
    const rows = table.locator('[data-package]');
    await expect(rows).toHaveCount(plan.installed.length + plan.removed.length);
    const shown = await rows.evaluateAll((all) => all.map((row) => row.getAttribute('data-package') ?? ''));
    expect(shown.sort()).toEqual([...plan.installed, ...plan.removed].sort());
    for (const one of plan.installed) {
      const row = table.locator(`[data-package="${one}"]`);
      await expect(row).toContainText(plan.to[one] ?? '?');
      await expect(row).toContainText(plan.from[one] ?? 'not installed');
      await expect(row.getByText('Security', { exact: true })).toHaveCount(
        plan.security.includes(one) ? 1 : 0,
      );
    }
    for (const one of plan.removed)
      await expect(table.locator(`[data-package="${one}"]`)).toContainText('Removed');
  });

  await test.step('the confirmation says what is removed; the log is live; the percentage is true', async () => {
    const { page } = app;
    await applyPlan(page, name);
    await expect(runStatus(page)).toHaveText('Running', { timeout: 30_000 });
    const log = page.getByTestId('log');
    await expect(log.getByText('hp-slow: step 2 of 6')).toBeVisible({ timeout: 60_000 });
    // dpkg is still at it: what was seen is the log of a run that goes on.
    await expect(runStatus(page)).toHaveText('Running');
    const bar = page.getByRole('progressbar', { name: 'Progress of the run' });
    // The log and the steps come on ways of their own, and before the first step it has no value.
    await expect(bar).toHaveAttribute('aria-valuenow', /^[1-9]\d?(\.\d+)?$/);
    await expect(page.getByRole('button', { name: 'Cancel run' })).toBeDisabled();
  });

  await test.step('the run ends: exactly the plan, and the log is the host’s to the byte', async () => {
    const { page } = app;
    await runEnds(page, 'Succeeded');
    await expect(page.getByText('Complete, checked against the machine')).toBeVisible();
    hash = (await page.getByText(/^SHA-256 [0-9a-f]{64}$/).textContent()) ?? '';
    await expect(page.getByText('A reboot is needed to finish these changes.')).toBeVisible();
    await page.getByRole('radio', { name: 'Planned and applied' }).check();
    await expect(page.getByTestId('verdict')).toContainText('Exactly the plan was applied');
    expect(await installedVersion(host, 'hp-slow')).toBe('1.1');
    expect(await distUpgradePlan(host)).toMatchObject({ installed: [], removed: [] });
  });

  await test.step('the report can be read', async () => {
    const { page } = app;
    await page.getByRole('link', { name: 'Open the report' }).click();
    const report = page.getByTestId('report');
    await expect(report).toContainText('hp-secure');
    await expect(report).toContainText('2.4-1+deb12u1');
    await expect(report.getByRole('heading').first()).toBeVisible();
    reportTitle =
      (await page.getByRole('navigation', { name: 'All reports' }).getByRole('link').first().textContent()) ??
      '';
    expect(reportTitle).toContain(name);
  });

  const checkAll = async () => {
    const { page } = app;
    await goToFleet(page);
    const card = tile(page, name);
    await expect(card).toContainText('0 updates');
    await expect(card.getByTestId('reboot')).toBeVisible();
    await openMachine(page, name);
    await expect(page.getByRole('link', { name: /^Upgrade/ })).toHaveCount(0);
    await openTab(page, 'Updates');
    await expect(page.getByText('Everything is up to date')).toBeVisible();
    await openTab(page, 'History');
    const run = page.getByTestId('runs').getByRole('link').filter({ hasText: 'Upgrade' });
    await expect(run).toContainText('Succeeded');
    await run.click();
    await expect(page.getByText(hash)).toBeVisible();
    await expect(page.getByTestId('log')).toContainText(/[1-9]\d* lines/);
    const search = page.getByTestId('log').getByLabel('Search in the log');
    await search.fill('hp-slow: step 6 of 6');
    await search.press('Enter');
    await expect(page.getByTestId('log')).toContainText('1 of 1');
  };
  await test.step('the tile is clean, the machine up to date', checkAll);

  await test.step('after a restart everything is still there', async () => {
    await app.close();
    await app.start();
    const { page } = app;
    await unlockVault(page, secrets.passphrase);
    await checkAll();
    await page
      .getByRole('navigation', { name: 'Main navigation' })
      .getByRole('link', { name: 'Reports' })
      .click();
    await page.getByRole('navigation', { name: 'All reports' }).getByRole('link').first().click();
    await expect(page.getByTestId('report')).toContainText('hp-secure');
  });
});
