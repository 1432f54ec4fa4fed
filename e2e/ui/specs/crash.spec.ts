import { fingerprintsOf, installedVersion } from '../../support/host-truth.ts';
import { fileWith, keepOutput, keptOutput, sha256 } from '../../support/kept-output.ts';
import { expect, test } from '../fixtures.ts';
import {
  addByAddress,
  applyPlan,
  approveKey,
  firstCheck,
  openAdd,
  openMachine,
  openTab,
  runEnds,
  runStatus,
  setUpVault,
  unlockVault,
} from '../screens.ts';

test('kill -9 in the middle of an upgrade: the next start follows it to its end, to the byte', async ({
  machine,
  app,
  secrets,
}) => {
  const host = machine('kill');
  const name = host.address;
  await setUpVault(app.page, secrets.passphrase);
  await openAdd(app.page);
  await addByAddress(app.page, `${host.user}@${host.address}`, {
    privateKey: { text: secrets.privateKey, passphrase: secrets.keyPassphrase },
    sudo: 'sudo with another password',
    sudoPassword: host.rootPassword,
  });
  await approveKey(app.page, await fingerprintsOf(host));
  await expect(await firstCheck(app.page)).toContainText('3 updates');

  await openMachine(app.page, name);
  await openTab(app.page, 'Updates');
  await applyPlan(app.page, name);
  const log = () => app.page.getByTestId('log');
  await expect(log().getByText('hp-slow: step 3 of 12')).toBeVisible({ timeout: 60_000 });
  await keepOutput(host);
  await app.kill9();

  await test.step('dpkg goes on without us', async () => {
    expect(await installedVersion(host, 'hp-slow')).toBeNull();
    expect((await host.run('pgrep -f "[h]p-slow.postinst"')).code).toBe(0);
  });

  await app.start();
  await unlockVault(app.page, secrets.passphrase);
  await openMachine(app.page, name);
  await openTab(app.page, 'History');
  await app.page.getByTestId('runs').getByRole('link').filter({ hasText: 'Upgrade' }).click();
  await expect(runStatus(app.page)).toHaveText('Running');
  await runEnds(app.page, 'Succeeded');

  await test.step('dpkg has finished, and the run says exactly that', async () => {
    expect(await installedVersion(host, 'hp-slow')).toBe('1.1');
    expect((await host.run('dpkg --audit')).stdout).toBe('');
    await app.page.getByRole('radio', { name: 'Planned and applied' }).check();
    await expect(app.page.getByTestId('verdict')).toContainText('Exactly the plan was applied');
  });

  await test.step('the log on disk has the bytes of the host, each once', async () => {
    const bytes = await keptOutput(host);
    // hp-chatty writes 2 MiB, hp-slow bytes that are no UTF-8.
    expect(bytes.length).toBeGreaterThan(2 * 1024 * 1024);
    expect(bytes.includes(Buffer.from([0xe9]))).toBe(true);
    await expect(app.page.getByText(`SHA-256 ${sha256(bytes)}`)).toBeVisible();
    await expect(app.page.getByText('Complete, checked against the machine')).toBeVisible();
    expect(await fileWith(app.dataDir, bytes)).not.toBeNull();
  });

  await test.step('nothing is left on the host', async () => {
    expect((await host.run('ls -A /var/lib/homeport/runs 2>/dev/null')).stdout).toBe('');
    expect((await host.run('pgrep -f "[/]var/lib/homeport"')).code).toBe(1);
  });
});
