import { expect, type Page } from '@playwright/test';
import type { TestbedHost } from '../testbed/index.ts';
import { said } from './every-screen.ts';
import { applyPlan, goToFleet, openMachine, openTab, tile } from './screens.ts';

/**
 * On a checked machine of its own: starts an upgrade whose download never goes on, and a run in waves that waits behind it.
 * Both can be cancelled for as long as anybody looks.
 */
export async function leaveAtWork(
  page: Page,
  host: TestbedHost,
  name: string,
): Promise<{ readonly run: string; readonly bulk: string }> {
  const idInAddress = async (): Promise<string> =>
    /#\/\w+\/([^/]+)/.exec(await page.evaluate(() => location.hash))?.[1] ?? '';
  await host.repositoryBehaviour({ silent: true });
  await openMachine(page, name);
  await openTab(page, 'Updates');
  await applyPlan(page, name);
  await expect(page.getByTestId('run-status')).toBeVisible();
  const run = await idInAddress();
  await expect(page.getByRole('button', { name: said('run.cancel') })).toBeEnabled();
  // Held where it waits for its packages, so that it does not give up after its time either.
  await expect.poll(async () => (await host.run('pkill -STOP -x apt-get')).code, { timeout: 20_000 }).toBe(0);

  await goToFleet(page);
  await tile(page, name).getByRole('checkbox').check();
  await page.getByRole('button', { name: said('bulk.inWaves') }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByRole('button', { name: said('bulk.go') }).click();
  await expect(dialog).toBeHidden();
  await page.waitForURL(/#\/bulk\/./);
  return { run, bulk: await idInAddress() };
}

/** A request that waits, and a channel that nobody answers on. */
export async function leaveAsked(page: Page, name: string): Promise<void> {
  await page.evaluate(() => {
    location.hash = '#/settings';
  });
  await page.getByRole('button', { name: said('outward.add') }).click();
  const channel = page.getByRole('dialog');
  await channel.getByLabel('Name').fill('Pager');
  await channel.getByLabel('Address of the topic').fill('http://127.0.0.1:9/machines');
  await channel.getByRole('button', { name: 'Save' }).click();
  await expect(channel).toBeHidden();

  await openMachine(page, name);
  await page.getByRole('button', { name: said('maintain.menu') }).click();
  await page.getByRole('menuitem', { name: said('maintain.clean') }).click();
  await page
    .getByRole('dialog')
    .getByRole('button', { name: said('requests.ask') })
    .click();
  const ask = page.getByRole('dialog', { name: said('requests.ask.title') });
  await ask.getByLabel(/^Reason/).fill('Anna: /var 97 %, OPS-4711');
  await ask.getByRole('button', { name: said('requests.ask.send') }).click();
  await expect(ask).toBeHidden();
}
