import type { Page } from '@playwright/test';
import { expect, test } from '../fixtures.ts';
import { unlockVault } from '../screens.ts';
import {
  active,
  panes,
  drawWithElements,
  expectShown,
  goTo,
  openTerminal,
  paste,
  prompt,
  run,
  setSwitch,
  shown,
  trustMachine,
} from '../terminal.ts';

test('terminals beside each other, in windows of their own, after a reload, a lost link and a restart', async ({
  machine,
  app,
  secrets,
}) => {
  const host = machine('windows');
  let { page } = app;
  page.on('dialog', (dialog) => void dialog.accept());
  await trustMachine(page, host, secrets.passphrase);
  await drawWithElements(page);
  // A dead link is noticed sooner than it is by default.
  for (const name of ['Ask for a sign of life', 'Lost without an answer to']) {
    await page.getByLabel(name).fill('1');
    await page.getByLabel(name).press('Enter');
  }
  await expect(page.getByText('A silent connection counts as lost after about 2 seconds.')).toBeVisible();
  await openTerminal(page, host);

  await test.step('split by keys, move between panes, resize by keys', async () => {
    await run(page, 'me=left');
    await page.keyboard.press('Control+Shift+D');
    await expect(panes(page)).toHaveCount(2);
    await prompt(page);
    await run(page, 'me=right; tty');
    await page.keyboard.press('Alt+Shift+ArrowLeft');
    await run(page, 'clear; echo "this is $me"');
    await expectShown(panes(page).first(), /this is left/);
    const divider = page.getByRole('separator', { name: 'Border between panes' });
    await divider.focus();
    for (let turn = 0; turn < 5; turn += 1) await page.keyboard.press('ArrowRight');
    await expect(divider).toHaveAttribute('aria-valuenow', '60');
    const [left, right] = await Promise.all(
      [0, 1].map(async (at) => (await panes(page).nth(at).boundingBox())?.width ?? 0),
    );
    expect(left! / right!).toBeCloseTo(1.5, 1);
    await page.keyboard.press('Enter');
  });

  await test.step('broadcast: only when asked for, with a sign on each pane, answers of hosts excepted', async () => {
    await run(page, 'clear; echo alone-$me');
    await expectShown(panes(page).first(), /^alone-left$/m);
    expect(await shown(panes(page).nth(1))).not.toContain('alone');
    await page.keyboard.press('Control+Shift+B');
    await expect(page.getByTestId('broadcast')).toHaveCount(2);
    await expect(page.getByTestId('broadcast').first()).toContainText('What is typed goes to 2 terminals');
    await run(page, 'clear; echo all-$me');
    await expectShown(panes(page).first(), /^all-left$/m);
    await expectShown(panes(page).nth(1), /^all-right$/m);
    // Each host asks for the position; one answer each, and none of them is typed into the other.
    await run(
      page,
      'clear; IFS=\'[;\' read -t 2 -sdR -p $\'\\e[6n\' _ row col; echo "at=$col"; read -t 1 -n 1 more; echo "more=$more."',
    );
    for (const at of [0, 1]) await expectShown(panes(page).nth(at), /at=1\nmore=\.\n/);
    await paste(page, 'echo pasted\necho twice');
    const dialog = page.getByRole('dialog', { name: 'Paste 2 lines into 2 terminals' });
    await dialog.getByRole('button', { name: 'Paste' }).click();
    for (const at of [0, 1]) await expectShown(panes(page).nth(at), /echo pasted\n[^\n]*echo twice$/);
    await page.keyboard.press('Control+c');
    await page.keyboard.press('Control+Shift+E');
    await expect(panes(page)).toHaveCount(3);
    await expect(page.getByTestId('broadcast')).toHaveCount(0);
    await prompt(page);
    await page.keyboard.press('Control+Shift+X');
    await expect(panes(page)).toHaveCount(2);
  });

  await test.step('a snippet asks for its variable and quotes it', async () => {
    await page.keyboard.press('Control+Shift+S');
    await page.getByRole('button', { name: 'New snippet' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel(/^Name/).fill('Say');
    await dialog.getByLabel(/^Command/).fill("printf '<%s>' '{{what}}'");
    await expect(dialog.getByText('A variable inside quotes would not be protected.')).toBeVisible();
    await expect(dialog.getByRole('button', { name: 'Save' })).toBeDisabled();
    await dialog.getByLabel(/^Command/).fill("clear; printf '<%s>\\n' {{what}}");
    await dialog.getByRole('button', { name: 'Save' }).click();
    await dialog.getByLabel('what').fill("$(id); it's");
    await dialog.getByRole('button', { name: 'Run' }).click();
    await expectShown(active(page), /^<\$\(id\); it's>$/m);
    await page.keyboard.press('Control+Shift+K');
    await page.getByLabel('Search machines, pages and actions').fill('Snippet Say');
    await page.keyboard.press('Enter');
    await expect(page.getByRole('dialog', { name: 'Say' })).toBeVisible();
    await page.keyboard.press('Escape');
  });

  await test.step('a window of its own has the same shells, with what they show', async () => {
    await panes(page).first().locator('.xterm-screen').click();
    await run(page, 'clear; echo before-$me; trap "" HUP');
    await page.getByRole('button', { name: 'Move the tab into its own window' }).click();
    await expect
      .poll(
        () =>
          page
            .context()
            .pages()
            .filter((one) => one.url().includes('terminal-window')).length,
      )
      .toBeGreaterThan(0);
    await expect(panes(page)).toHaveCount(0);
    const own = await expectOwnWindow(page);
    await expectShown(panes(own).first(), /before-left/);
    await panes(own).first().locator('.xterm-screen').click();
    await run(own, 'echo after-$me');
    await expectShown(panes(own).first(), /before-left[\s\S]*after-left/);
    await expect(panes(own)).toHaveCount(2);
    // Back again, with all of it; without a tab the window is done.
    await own.getByRole('button', { name: 'Move the tab back into the main window' }).click();
    await expectShown(panes(page).first(), /before-left[\s\S]*after-left/);
    await panes(page).first().locator('.xterm-screen').click();
    await run(page, 'echo home-$me');
    await expectShown(panes(page).first(), /before-left[\s\S]*after-left[\s\S]*home-left/);
    for (const left of [1, 0]) {
      await page.keyboard.press('Control+Shift+X');
      await expect(panes(page)).toHaveCount(left);
    }
    if (app.host === 'electron-sim') {
      // Chromium lets no page close a window that it did not open; Electron does. Until then it shows where to go on.
      await expect(own.getByLabel('Find a machine')).toBeVisible();
      await own.close();
    } else await expect.poll(() => own.isClosed()).toBe(true);
  });

  await test.step('a reload keeps shells, a full screen too', async () => {
    await openTerminal(page, host);
    await run(page, 'clear; me=kept; vi -c "set paste" /tmp/text');
    await expectShown(active(page), /~\n~/);
    await page.keyboard.type('itext that is not saved');
    await expectShown(active(page), /text that is not saved/);
    await page.reload();
    await expectShown(active(page), /text that is not saved[\s\S]*~/, 30_000);
    await page.keyboard.type(', and more');
    await expectShown(active(page), /text that is not saved, and more/);
    await page.keyboard.press('Escape');
    await run(page, ':q!');
    await prompt(page);
    await run(page, 'clear; echo "$me"');
    await expectShown(active(page), /^kept$/m);
  });

  await test.step('a cut link keeps the screen; a new shell goes on below, after a sleep by itself', async () => {
    const isOpenAgain = async (): Promise<void> => {
      await expect(active(page)).toHaveAttribute('data-status', 'open', { timeout: 30_000 });
      await expectShown(active(page), /^seen before$[\s\S]*\$$/m);
    };
    await run(page, 'clear; echo seen before');
    await expectShown(active(page), /^seen before$/m);
    for (const slept of [false, true]) {
      await host.pauseNetwork();
      await expect(active(page)).toHaveAttribute('data-status', 'lost', { timeout: 40_000 });
      await expectShown(active(page), /^seen before$/m);
      await host.resumeNetwork();
      if (slept) {
        // The clock of the computer has gone on and no timer with it, as over a sleep.
        await page.evaluate(() => {
          const now = Date.now.bind(Date);
          Date.now = () => now() + 60_000;
        });
      } else await active(page).getByRole('button', { name: 'Connect again' }).click();
      await isOpenAgain();
    }
    // At once: the window that loads again knows the new shell. The simulation takes no last word of a page.
    if (app.host === 'electron-sim') return;
    await page.reload();
    await isOpenAgain();
  });

  await test.step('a restart brings tabs back, and what they showed only if that was wanted', async () => {
    await goTo(page, 'Settings');
    await setSwitch(page, 'Keep what terminals showed', true);
    await goTo(page, 'Terminals');
    await active(page).locator('.xterm-screen').click();
    await page.keyboard.press('Control+Shift+D');
    await expect(panes(page)).toHaveCount(2);
    await prompt(page);
    await run(page, 'clear; echo kept over a restart');
    await expectShown(active(page), /^kept over a restart$/m);
    await expect
      .poll(
        () => page.evaluate(() => document.querySelector('[data-active=true]')?.getAttribute('data-kept')),
        { timeout: 40_000 },
      )
      .toBe('true');
    await app.close();
    await app.start();
    ({ page } = app);
    await unlockVault(page, secrets.passphrase);
    await goTo(page, 'Terminals');
    await expect(panes(page)).toHaveCount(2);
    await expectShown(active(page), /^kept over a restart$/m);
    await expect(active(page)).toContainText('This terminal is from before.');
    await active(page).getByRole('button', { name: 'Connect again' }).click();
    await expectShown(active(page), /^kept over a restart$[\s\S]*\$$/m);
  });
});

/** The window that was made for the tab; one that a host of the application refused is gone again at once. */
async function expectOwnWindow(page: Page): Promise<Page> {
  let found: Page | undefined;
  await expect
    .poll(async () => {
      for (const one of page.context().pages()) {
        if (one === page || one.isClosed() || !one.url().includes('terminal-window')) continue;
        if (
          (await panes(one)
            .count()
            .catch(() => 0)) > 0
        )
          found = one;
      }
      return found !== undefined;
    })
    .toBe(true);
  if (!found) throw new Error('There is no window of its own');
  return found;
}
