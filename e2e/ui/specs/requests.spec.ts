import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { AxeBuilder } from '@axe-core/playwright';
import type { Page } from '@playwright/test';
import { installedVersion } from '../../support/host-truth.ts';
import { findInFolders, prepareSearch } from '../../support/secret-search.ts';
import { expect, test } from '../fixtures.ts';
import { addTrusted, choose, firstCheck, openMachine, openTab, refresh, setUpVault } from '../screens.ts';

/** Who is told outside: a server of this computer that can be asleep. */
async function receiver() {
  const bodies: string[] = [];
  const state = { isAsleep: false, tokens: new Set<string>() };
  const server: Server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => (body += chunk.toString()));
    request.on('end', () => {
      state.tokens.add(request.headers.authorization ?? '');
      response.statusCode = state.isAsleep ? 503 : 200;
      if (!state.isAsleep) bodies.push(body);
      response.end(state.isAsleep ? 'the server is asleep' : 'ok');
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { bodies, state, server, port: (server.address() as AddressInfo).port };
}

const linkTo = (page: Page, name: string | RegExp) =>
  page.getByRole('navigation', { name: 'Main navigation' }).getByRole('link', { name });

test('one person prepares and another approves: told outside, bound to the plan, not run when it changed', async ({
  machine,
  app,
  secrets,
}) => {
  const host = machine('asked');
  const { page } = app;
  const outside = await receiver();
  const token = 'tk-a-token-of-this-test-alone';
  try {
    await setUpVault(page, secrets.passphrase);

    await test.step('a channel is set up, tested, and says exactly why it fails', async () => {
      await linkTo(page, 'Settings').click();
      const section = page.locator('[data-section="outward"]');
      await section.getByRole('button', { name: 'Add a channel' }).click();
      const dialog = page.getByRole('dialog', { name: 'New channel' });
      await dialog.getByLabel('Address of the topic').fill('http://example.org/machines');
      await dialog.getByRole('button', { name: 'Save' }).click();
      await expect(dialog.getByText('An https address, or http on this computer')).toBeVisible();
      await dialog.getByLabel('Name').fill('My phone');
      await dialog.getByLabel('Address of the topic').fill(`http://127.0.0.1:${outside.port}/machines`);
      await dialog.getByLabel(/^Access token/).fill(token);
      await choose(page, 'Priority', 'High');
      expect((await new AxeBuilder({ page }).include('[role=dialog]').analyze()).violations).toEqual([]);
      await dialog.getByRole('button', { name: 'Save' }).click();
      await expect(dialog).toBeHidden();
      const channel = page.locator('[data-channel="My phone"]');
      outside.state.isAsleep = true;
      await channel.getByRole('button', { name: 'Send a test' }).click();
      await expect(channel.getByRole('status')).toContainText('It answered 503: the server is asleep');
      outside.state.isAsleep = false;
      await channel.getByRole('button', { name: 'Send a test' }).click();
      await expect(channel).toContainText(/Sent/);
      expect([...outside.state.tokens]).toEqual([`Bearer ${token}`]);
      expect(JSON.parse(outside.bodies[0] ?? '{}')).toMatchObject({ topic: 'machines', priority: 4 });
      await channel.getByRole('button', { name: 'Change My phone' }).click();
      const again = page.getByRole('dialog', { name: 'Change My phone' });
      await expect(again.getByLabel(/^Access token/)).toHaveValue('');
      await expect(again).toContainText('Stored. Leave empty to keep it.');
      await page.keyboard.press('Escape');
    });

    await addTrusted(page, host);
    await firstCheck(page);
    await openMachine(page, host.address);
    await openTab(page, 'Updates');

    await test.step('asking does nothing but ask', async () => {
      await page.getByRole('button', { name: /^Apply this plan/ }).click();
      await page.getByRole('dialog').getByRole('button', { name: 'Ask for approval' }).click();
      const dialog = page.getByRole('dialog', { name: `Ask for approval: Upgrade on ${host.address}` });
      await dialog.getByLabel(/^Reason/).fill('Anna: before Friday');
      await dialog.getByRole('button', { name: 'Ask', exact: true }).click();
      await expect(dialog).toBeHidden();
      await expect(linkTo(page, /Requests/)).toContainText('1 request waits');
      await expect
        .poll(() => outside.bodies.some((body) => body.includes('Waits for approval: Upgrade')))
        .toBe(true);
      expect(await installedVersion(host, 'hp-plain')).toBe('1.0');
    });

    await page.keyboard.press('Escape');
    await page.keyboard.press('g');
    await page.keyboard.press('a');
    const card = page.getByRole('article', { name: `Upgrade on ${host.address}` });
    await expect(card).toContainText('Anna: before Friday');
    const plan = card.getByTestId('request-plan');
    await expect(plan.getByRole('listitem')).toHaveCount(2);
    expect((await new AxeBuilder({ page }).include('main').analyze()).violations).toEqual([]);

    await test.step('what has changed since is not run, and the difference is shown', async () => {
      await host.run('apt-get -y install hp-plain');
      await openMachine(page, host.address);
      await refresh(page);
      await linkTo(page, /Requests/).click();
      await expect(plan).toContainText(`The plan of ${host.address} has changed since`);
      await expect(plan.getByRole('heading', { name: '1 no longer' })).toBeVisible();
      await expect(card.getByRole('button', { name: 'Approve' })).toBeHidden();
      await card.getByRole('button', { name: 'Take the plan of now' }).click();
      await expect(plan.getByRole('listitem')).toHaveCount(1);
    });

    await card.getByRole('button', { name: 'Approve' }).click();
    const confirm = page.getByRole('dialog', { name: `Approve “Upgrade on ${host.address}”?` });
    await confirm.getByRole('button', { name: 'Approve' }).click();
    await expect(confirm).toBeHidden();
    await expect(card).toHaveAttribute('data-status', 'executed', { timeout: 60_000 });
    await expect(card.getByRole('link', { name: 'Open the run' })).toBeVisible();
    await expect(linkTo(page, /Requests/)).not.toContainText('waits');
    expect(await installedVersion(host, 'hp-plain2')).toBe('1.1');

    await test.step('what has no plan can be asked for as well: a clean is approved and done, a repair is rejected', async () => {
      const askFor = async (item: string, dialogName: string, isAttached: boolean) => {
        await openMachine(page, host.address);
        await page.getByRole('button', { name: `More actions for ${host.address}` }).click();
        await page.getByRole('menuitem', { name: item }).click();
        const question = page.getByRole('dialog', { name: dialogName });
        if (isAttached) {
          await question.getByText('Advanced').click();
          await question.getByRole('radio', { name: /^Attached to this connection/ }).check();
        }
        await question.getByRole('button', { name: 'Ask for approval' }).click();
        const ask = page.getByRole('dialog', { name: 'Ask for approval: ' });
        await expect(ask).toContainText('Nothing is done until somebody approves it.');
        await expect(ask).not.toContainText('The plan of now');
        await ask.getByRole('button', { name: 'Ask', exact: true }).click();
        await expect(ask).toBeHidden();
      };
      await host.run('touch /var/cache/apt/archives/hp-left_1_all.deb');
      await askFor('Clean package cache', `Clean the package cache of ${host.address}`, true);
      await askFor('Repair packages', `Repair packages of ${host.address}`, false);
      await linkTo(page, /Requests/).click();

      const repair = page.getByRole('article', { name: `Repair packages on ${host.address}` });
      await repair.getByRole('button', { name: 'What would be done' }).click();
      await expect(repair.getByTestId('repair-summary')).toContainText('removes nothing');
      await repair.getByRole('button', { name: 'Reject' }).click();
      await expect(repair).toHaveAttribute('data-status', 'rejected');

      const clean = page.getByRole('article', { name: `Clean package cache on ${host.address}` });
      await clean.getByRole('button', { name: 'What would be done' }).click();
      await expect(clean).toContainText('No installed package changes.');
      await expect(clean).toContainText('Lives in its SSH session.');
      await expect(clean).not.toContainText('Changes packages');
      await clean.getByRole('button', { name: 'Approve' }).click();
      const approve = page.getByRole('dialog', { name: /^Approve “Clean/ });
      await expect(approve).not.toContainText('simulates');
      await approve.getByRole('button', { name: 'Approve' }).click();
      await expect(clean).toHaveAttribute('data-status', 'executed', { timeout: 60_000 });
      expect((await host.run('ls /var/cache/apt/archives')).stdout).not.toContain('hp-left');
    });
    expect(await page.content()).not.toContain(token);
    expect(app.output()).not.toContain(token);
    const { findings, files } = await findInFolders(prepareSearch([{ label: 'the token', text: token }]), [
      app.dataDir,
    ]);
    expect(findings).toEqual([]);
    expect(files).toBeGreaterThan(3);
  } finally {
    outside.server.closeAllConnections();
    outside.server.close();
  }
});
