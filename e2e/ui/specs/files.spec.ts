import { execFileSync } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { AxeBuilder } from '@axe-core/playwright';
import type { Page } from '@playwright/test';
import { readAsciicast } from '../../support/asciicast.ts';
import { downloaded } from '../apps.ts';
import { expect, test } from '../fixtures.ts';
import { addTrusted, firstCheck, openMachine, openTab, setUpVault } from '../screens.ts';

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');
const home = '/home/ops';

/** No fault that a machine can find: names, roles, contrast. */
async function isAccessible(page: Page): Promise<void> {
  const { violations } = await new AxeBuilder({ page }).include('main').analyze();
  expect(violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html ?? ''}`)).toEqual([]);
}

test('files are browsed, sent, fetched and edited; ports are forwarded; a terminal is recorded and played', async ({
  machine,
  app,
  secrets,
  hostName,
}) => {
  test.setTimeout(180_000);
  const host = machine('files');
  const { page } = app;
  await host.run(
    `cd ${home} && mkdir -p deep/inner && printf 'listen=80\\n' > app.conf && touch "$(printf 'odd\\033[31m\\nname')" .hidden && ` +
      `ln -sf /etc/hostname link && mkdir -p many && cd many && seq -f 'entry-%05g' 1 10000 | xargs touch && chown -hR ops:ops ${home}`,
  );
  await setUpVault(page, secrets.passphrase);
  await addTrusted(page, host);
  await firstCheck(page);
  await openMachine(page, host.address);
  await openTab(page, 'Files');
  const list = page.getByTestId('file-list');
  const row = (name: string) => list.locator(`[data-name=${JSON.stringify(name)}]`);
  const answer = page.getByRole('dialog');

  await test.step('the list, by mouse and by keyboard', async () => {
    await expect(row('app.conf')).toBeVisible();
    await expect(row('.hidden')).toBeHidden();
    await expect(list.getByText('odd\\x1b[31m\\x0aname')).toBeVisible();
    await expect(row('link')).toContainText('/etc/hostname');
    await isAccessible(page);
    await list.focus();
    await page.keyboard.press('Control+h');
    await expect(row('.hidden')).toBeVisible();
    await page.keyboard.type('many');
    await expect(row('many')).toHaveAttribute('aria-selected', 'true');
    await page.keyboard.press('Enter');
    await expect(page.getByTestId('file-count')).toHaveText('10,000 entries', { timeout: 20_000 });
    await page.keyboard.press('End');
    await expect(row('entry-10000')).toBeVisible();
    // A row that the edge cuts does not move away under the second click.
    const rows = list.getByRole('rowgroup').locator('..');
    const place = await rows.boundingBox();
    await rows.evaluate((element) => element.scrollTo({ top: 100.5 * 28 }));
    await expect(row('entry-00101')).toBeVisible();
    await page.mouse.dblclick((place?.x ?? 0) + 60, (place?.y ?? 0) + 6);
    await expect(page.getByRole('textbox', { name: /entry-00101/ })).toBeVisible();
    await page.getByRole('button', { name: 'Close the editor' }).click();
    await page.getByLabel('Filter by name').fill('09999');
    await expect(page.getByTestId('file-count')).toHaveText('1 entry');
    await page.keyboard.press('Enter');
    await page.keyboard.press('Backspace');
    await expect(row('many')).toBeVisible();
    await page.keyboard.press('Control+l');
    await page.getByLabel('Path', { exact: true }).fill(`${home}/deep/inner`);
    await page.keyboard.press('Enter');
    await expect(page.getByRole('heading', { name: 'Nothing is in here' })).toBeVisible();
    await page.getByRole('button', { name: 'Home directory of the login' }).click();
    await expect(row('app.conf')).toBeVisible();
  });

  await test.step('files go there, by choice and by drop, and come back', async () => {
    const bytes = randomBytes(3_000_000);
    await page.getByLabel('Upload files', { exact: true }).setInputFiles({
      name: 'sent.bin',
      mimeType: 'application/octet-stream',
      buffer: bytes,
    });
    await expect(page.getByTestId('transfers').locator('[data-state=done]')).toContainText('sent.bin');
    await expect(row('sent.bin')).toContainText('3 MB');
    expect((await host.run(`sha256sum < ${home}/sent.bin`)).stdout).toContain(sha256(bytes));
    const dropped = await page.evaluateHandle(() => {
      const data = new DataTransfer();
      data.items.add(new File(['dropped text\n'], 'dropped.txt', { type: 'text/plain' }));
      return data;
    });
    await page.getByTestId('files').dispatchEvent('drop', { dataTransfer: dropped });
    await expect(row('dropped.txt')).toBeVisible();
    expect((await host.readFile(`${home}/dropped.txt`)).toString()).toBe('dropped text\n');
    // The name is taken: a person is asked.
    await page.getByLabel('Upload files', { exact: true }).setInputFiles({
      name: 'dropped.txt',
      mimeType: 'text/plain',
      buffer: Buffer.from('second'),
    });
    await expect(answer).toContainText('1 name is taken');
    await answer.getByRole('button', { name: 'Keep both' }).click();
    await expect(row('dropped (2).txt')).toBeVisible();
    if (hostName === 'electron') return;
    const fetched = async (name: string, label: string) => {
      await row(name).click({ button: 'right' });
      return app.saved(() => page.getByRole('menuitem', { name: label }).click());
    };
    const file = await fetched('sent.bin', 'Download');
    expect([file.name, sha256(file.bytes)]).toEqual(['sent.bin', sha256(bytes)]);
    await host.run(`echo secret > ${home}/deep/closed; chmod 600 ${home}/deep/closed`);
    const archive = await fetched('deep', 'Download as .tar');
    expect(archive.name).toBe('deep.tar');
    const listed = execFileSync('tar', ['-t'], { input: archive.bytes }).toString();
    expect(listed.split('\n').sort()).toEqual(['', 'deep/', 'deep/inner/']);
    const done = page.getByTestId('transfers').locator('[data-file=deep]');
    await expect(done).toContainText('Done, not all of it');
    await expect(done).toContainText('deep/closed');
    await expect(page.getByText('Not all of /home/ops/deep is in the archive').first()).toBeVisible();
    await host.run(`rm ${home}/deep/closed`);
  });

  await test.step('names, permissions, removal', async () => {
    await page.getByRole('button', { name: 'New directory' }).click();
    await answer.getByLabel('Name').fill('a/b');
    await answer.getByRole('button', { name: 'Create' }).click();
    await expect(answer).toContainText('A name has no slash');
    await answer.getByLabel('Name').fill('made here');
    await answer.getByRole('button', { name: 'Create' }).click();
    await expect(row('made here')).toBeVisible();
    await row('dropped (2).txt').click();
    await page.keyboard.press('F2');
    await answer.getByLabel('Name').fill('renamed.txt');
    await answer.getByRole('button', { name: 'Rename' }).click();
    await expect(row('renamed.txt')).toBeVisible();
    await row('renamed.txt').click({ button: 'right' });
    await page.getByRole('menuitem', { name: 'Permissions' }).click();
    await answer.getByLabel('Write: Group').check();
    await expect(answer.getByLabel('Octal')).toHaveValue('664');
    await answer.getByRole('button', { name: 'Set' }).click();
    await expect(row('renamed.txt')).toContainText('-rw-rw-r--');
    await row('deep').click();
    await row('renamed.txt').click({ modifiers: ['Control'] });
    await page.keyboard.press('Delete');
    await expect(answer).toContainText('Delete 2 entries for good');
    await expect(answer).toContainText('In all 1 file, 2 directories');
    await answer.getByRole('button', { name: 'Delete' }).click();
    await expect(row('deep')).toBeHidden();
    expect((await host.run(`ls ${home}`)).stdout).not.toContain('renamed.txt');
  });

  await test.step('a text is edited, and not overwritten when it changed meanwhile', async () => {
    await row('app.conf').dblclick();
    const editor = page.getByTestId('editor');
    const text = editor.getByRole('textbox', { name: /app\.conf/ });
    await expect(text).toBeFocused();
    await page.keyboard.type('name=new\n');
    await expect(page.getByText('Not saved')).toBeVisible();
    await isAccessible(page);
    await page.keyboard.press('Control+s');
    await expect(page.getByText('Not saved')).toBeHidden();
    expect((await host.readFile(`${home}/app.conf`)).toString()).toBe('name=new\nlisten=80\n');
    await host.run(`printf 'theirs\\n' > ${home}/app.conf`);
    await page.keyboard.type('more');
    await page.keyboard.press('Control+s');
    await expect(editor.getByRole('alert')).toContainText('has changed on the machine');
    await editor.getByRole('button', { name: 'Show the one on the machine' }).click();
    await expect(editor.getByRole('textbox', { name: 'On the machine now' })).toContainText('theirs');
    await editor.getByRole('button', { name: 'Take the one on the machine' }).click();
    await expect(text).toContainText('theirs');
    await editor.getByRole('button', { name: 'Close the editor' }).click();
    await expect(row('app.conf')).toBeVisible();
  });

  await test.step('a terminal is recorded after a notice, with its files beside it', async () => {
    await page.getByRole('button', { name: 'Open a terminal' }).click();
    await expect(page.getByTestId('terminal')).toHaveAttribute('data-status', 'open');
    await page.getByRole('button', { name: 'Record this terminal' }).click();
    await expect(answer).toContainText('passwords and keys that Homeport keeps');
    await answer.getByRole('button', { name: 'Record', exact: true }).click();
    await expect(page.getByTestId('recording-sign')).toBeVisible();
    await page.getByRole('button', { name: 'Files beside the terminal' }).click();
    await expect(row('app.conf')).toBeVisible();
    await page.getByTestId('terminal').locator('.xterm').click();
    await page.keyboard.type('echo played-back; exit\n');
    await expect(page.getByTestId('terminal')).toHaveAttribute('data-status', 'ended');
    await page.getByRole('button', { name: /^Close the terminal/ }).click();
    const recorded = page.getByTestId('recordings').locator('[data-end=session]');
    await expect(recorded).toHaveCount(1);
    await recorded.getByRole('button', { name: /^Play/ }).click();
    const player = page.getByTestId('player');
    await expect(player).toBeVisible();
    await player.getByRole('img').focus();
    await page.keyboard.press('End');
    await expect(player.getByRole('button', { name: 'Play' })).toBeVisible();
    await page.keyboard.press('Escape');
    if (hostName !== 'electron') {
      await page.getByRole('button', { name: /^More for the recording/ }).click();
      const cast = await downloaded(page, () => page.getByRole('menuitem', { name: 'Export' }).click());
      expect(cast.name).toMatch(/^[\d.]+-\d{4}-\d\d-\d\dT.*\.cast$/);
      const { header, output } = readAsciicast(cast.bytes);
      expect(header).toMatchObject({ version: 2, title: host.address });
      expect(output).toContain('played-back\r\n');
    }
    await page.getByRole('button', { name: /^More for the recording/ }).click();
    await page.getByRole('menuitem', { name: 'Delete' }).click();
    await answer.getByRole('button', { name: 'Delete' }).click();
    await expect(recorded).toHaveCount(0);
  });

  await test.step('a port is forwarded, shown and stopped', async () => {
    await openMachine(page, host.address);
    await openTab(page, 'Forwards');
    await page.getByRole('button', { name: 'Add a forward' }).click();
    await answer.getByRole('button', { name: 'Start' }).click();
    await expect(answer.getByText('A number from 1 to 65535.')).toHaveCount(2);
    await answer.getByLabel('Port of this computer').fill(hostName === 'browser' ? '28321' : '28322');
    await answer.getByLabel('Port (required)', { exact: true }).fill('22');
    await answer.getByLabel(/^Name/).fill('its own SSH');
    await answer.getByRole('button', { name: 'Start' }).click();
    await expect(answer).toBeHidden();
    const forward = page.getByTestId('forwards').getByRole('listitem');
    await expect(forward).toHaveAttribute('data-state', 'running');
    await page
      .getByRole('navigation', { name: 'Main navigation' })
      .getByRole('link', { name: 'Forwards' })
      .click();
    await expect(forward).toContainText('localhost:22');
    await isAccessible(page);
    await forward.getByRole('button', { name: 'Stop its own SSH' }).click();
    await expect(forward).toHaveAttribute('data-state', 'stopped');
    await forward.getByRole('button', { name: 'More for its own SSH' }).click();
    await page.getByRole('menuitem', { name: 'Remove' }).click();
    await answer.getByRole('button', { name: 'Remove' }).click();
    await expect(page.getByRole('heading', { name: 'No port is forwarded' })).toBeVisible();
  });

  await test.step('the timeline says what was done, not what was in it', async () => {
    await page
      .getByRole('navigation', { name: 'Main navigation' })
      .getByRole('link', { name: 'Timeline' })
      .click();
    const timeline = page.getByTestId('timeline');
    await expect(timeline).toContainText('Port forward stopped');
    await expect(timeline).toContainText('localhost:22');
    await expect(timeline).toContainText('File edited');
    await expect(timeline).toContainText('app.conf');
    await expect(timeline).not.toContainText('name=new');
  });
});
