import AxeBuilder from '@axe-core/playwright';
import type { Page } from '@playwright/test';
import { installedVersion } from '../../support/host-truth.ts';
import { expect, test } from '../fixtures.ts';
import { addTrusted, choose, firstCheck, setUpVault, unlockVault } from '../screens.ts';

const runs = (page: Page) => page.getByTestId('schedule-runs').locator('[data-run]');
const dialog = (page: Page) => page.getByRole('dialog');

async function expectAccessible(page: Page): Promise<void> {
  const { violations } = await new AxeBuilder({ page })
    .setLegacyMode(true)
    .withTags(['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'])
    .analyze();
  expect(violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`)).toEqual([]);
}

test('a schedule is made, looked at, run on a real host, switched off, removed and brought back', async ({
  machine,
  app,
  secrets,
}) => {
  const host = machine('schedule');
  const { page } = app;
  await setUpVault(page, secrets.passphrase);
  await addTrusted(page, host);
  await firstCheck(page);

  // The keyboard opens page and editor.
  await page.keyboard.press('g');
  await page.keyboard.press('c');
  await expect(page.getByText('No schedules yet')).toBeVisible();
  await page.keyboard.press('c');
  await dialog(page).getByRole('button', { name: 'Save' }).click();
  await expect(dialog(page).getByText('Give it a name.')).toBeVisible();
  await dialog(page).getByLabel('Name', { exact: true }).fill('Nightly');

  // In words (the hour as the window's language writes it) and as dates, in the zone of the schedule; what cannot be used is said.
  await choose(page, 'How often', 'Every month');
  await expect(page.getByTestId('timing-preview')).toContainText(
    /On the first Sunday of every month at 0?3:00/,
  );
  await expect(page.getByTestId('timing-preview').getByRole('listitem')).toHaveCount(5);
  await choose(page, 'How often', 'By a pattern');
  await dialog(page).getByLabel('Pattern').fill('0 0 31 2 *');
  await expect(dialog(page).getByText('This pattern names no day that exists.')).toBeVisible();
  await dialog(page).getByLabel('Pattern').fill('30 2 * * 1,4');
  await expect(page.getByTestId('timing-preview')).toContainText(/Every Monday and Thursday at 0?2:30/);
  await dialog(page).getByLabel('Time zone').fill('Europe/Atlantis');
  await expect(dialog(page).getByText('No such time zone.')).toBeVisible();
  await dialog(page).getByLabel('Time zone').fill('America/New_York');

  // What it matches is said at once; an empty filter is never all machines.
  await expect(page.getByTestId('scope-preview')).toContainText('Matches 1 machine now');
  await dialog(page).getByRole('radio', { name: 'By tag, group or kind' }).check();
  await dialog(page).getByRole('button', { name: 'Save' }).click();
  await expect(dialog(page).getByText('Say at least one of these')).toBeVisible();
  await dialog(page).getByLabel('Name or address contains').fill(host.address);
  await expect(page.getByTestId('scope-preview')).toContainText('Matches 1 machine now');
  await choose(page, 'Maintenance window', '1 hour');
  await expectAccessible(page);
  await dialog(page).getByRole('button', { name: 'Save' }).click();
  await expect(page.getByRole('heading', { name: 'Nightly' })).toBeVisible();
  await expect(page.getByTestId('schedule-dates').getByRole('listitem')).toHaveCount(5);
  await expect(page.getByText('Times of America/New_York')).toBeVisible();
  await expect(page.getByTestId('schedule-upcoming')).toContainText('Nightly');
  await expectAccessible(page);

  // A host without systemd cannot be armed, and is told.
  await page.getByRole('button', { name: 'Arm the next run' }).click();
  await dialog(page).getByRole('button', { name: 'Arm the next run' }).click();
  await expect(dialog(page).getByText('has no systemd that could keep a timer')).toBeVisible();
  await dialog(page).getByRole('button', { name: 'Close' }).last().click();

  // By the search of the fleet, security updates alone, and nothing before somebody has approved it.
  await page.getByRole('button', { name: 'Edit', exact: true }).click();
  await dialog(page).getByRole('radio', { name: 'By search' }).check();
  await dialog(page).getByLabel('What the search of the fleet finds').fill(`"${host.address}" -elsewhere`);
  await expect(dialog(page).getByTestId('scope-preview')).toContainText('Matches 1 machine now');
  await choose(page, 'Step 1: Full upgrade', 'Full upgrade: security updates only');
  await dialog(page).getByLabel('Ask for approval before anything is changed').check();
  await choose(page, 'A request waits for', '8 hours');
  await expectAccessible(page);
  await dialog(page).getByRole('button', { name: 'Save' }).click();
  await expect(page.getByText('a request waits for 8 hours')).toBeVisible();
  await expect(page.getByText('It asks for approval, which a machine by itself cannot.')).toBeVisible();
  await page.getByRole('button', { name: 'Run now' }).click();
  await expect(dialog(page)).toContainText('You are asked to approve before anything is changed.');
  await dialog(page).getByRole('button', { name: 'Run now' }).click();
  await expect(runs(page).first()).toContainText('1 waits for approval', { timeout: 60_000 });
  await runs(page).first().getByRole('button', { expanded: false }).click();
  await page
    .locator('[data-member]')
    .getByRole('link', { name: /security updates only/ })
    .click();
  const card = page.getByRole('article').filter({ hasText: 'By the schedule Nightly' });
  await expect(card).toContainText(
    'Then, approved with it: Reboot, with proof of return, if a reboot is needed',
  );
  await expect(card.getByTestId('request-plan').getByRole('listitem')).toHaveCount(1);
  await expectAccessible(page);
  await card.getByRole('button', { name: 'Approve' }).click();
  await dialog(page)
    .getByRole('button', { name: /^Approve/ })
    .click({ delay: 1_200 });
  await expect(card).toHaveAttribute('data-status', 'executed', { timeout: 60_000 });
  await card.getByRole('link', { name: 'Nightly' }).click();
  await expect(runs(page).first()).toHaveAttribute('data-run-status', 'ok', { timeout: 60_000 });
  expect(await installedVersion(host, 'hp-secure')).toBe('2.4-1+deb12u1');
  expect(await installedVersion(host, 'hp-plain')).toBe('1.0');
  await runs(page).first().getByRole('link', { name: 'Report' }).click();
  await expect(page.getByRole('heading', { name: 'What changed' })).toBeVisible();
  await expect(page.getByText(/approved, succeeded/)).toBeVisible();
  await page.goBack();

  // Run now: refreshed, upgraded to exactly what was found; no reboot was needed.
  await page.getByRole('button', { name: 'Edit', exact: true }).click();
  await choose(page, 'Step 1: Full upgrade: security updates only', 'Full upgrade');
  await dialog(page).getByLabel('Ask for approval before anything is changed').uncheck();
  await dialog(page).getByRole('button', { name: 'Save' }).click();
  await page.getByRole('button', { name: 'Run now' }).click();
  await dialog(page).getByRole('button', { name: 'Run now' }).click();
  await expect(runs(page)).toHaveCount(2);
  await expect(runs(page).first()).toHaveAttribute('data-run-status', 'ok', { timeout: 60_000 });
  await runs(page).first().getByRole('button', { expanded: false }).click();
  const member = page.locator('[data-member]');
  await expect(member).toContainText('Refresh: Done');
  await expect(member).toContainText('Full upgrade: Done');
  await expect(member).toContainText('Reboot, with proof of return: not needed');
  expect(await installedVersion(host, 'hp-plain')).toBe('1.1');
  await member.getByRole('link', { name: 'Full upgrade' }).click();
  await expect(page.getByTestId('run-status')).toBeVisible();
  await page.keyboard.press('g');
  await page.keyboard.press('j');
  await page.getByRole('link', { name: 'Schedule Nightly' }).first().click();

  // By a saved view; once that is deleted the schedule does not run and says so, until the view is put back.
  const views = page.getByRole('button', { name: /^View: / });
  await page.keyboard.press('g');
  await page.keyboard.press('f');
  await views.click();
  await page.getByRole('menuitem', { name: 'Save as a new view…' }).click();
  await dialog(page).getByLabel('Name').fill('The rack');
  await dialog(page).getByRole('button', { name: 'Save' }).click();
  await expect(views).toHaveAccessibleName('View: The rack');
  await expect(dialog(page)).toBeHidden();
  await page.keyboard.press('g');
  await page.keyboard.press('c');
  await page
    .getByRole('link', { name: /Nightly/ })
    .first()
    .click();
  await page.getByRole('button', { name: 'Edit', exact: true }).click();
  await dialog(page).getByRole('radio', { name: 'By saved view' }).check();
  await dialog(page).getByRole('button', { name: 'Save' }).click();
  await expect(dialog(page).getByText('Choose a view.')).toBeVisible();
  await choose(page, 'View', 'The rack');
  await expect(dialog(page).getByTestId('scope-preview')).toContainText('Matches 1 machine now');
  await dialog(page).getByRole('button', { name: 'Save' }).click();
  await expect(page.getByText('the saved view The rack')).toBeVisible();
  await expect(dialog(page)).toBeHidden();
  await page.keyboard.press('g');
  await page.keyboard.press('f');
  await views.click();
  await page.getByRole('menuitem', { name: 'Delete this view' }).click();
  await page.goBack();
  const gone = page.getByText('The saved view The rack is not there any more');
  await expect(gone.first()).toBeVisible();
  await expectAccessible(page);
  await page.getByRole('button', { name: 'Undo' }).click();
  await expect(page.getByTestId('scope-preview')).toContainText('Matches 1 machine now');
  await expect(gone).toBeHidden();

  // Off, a copy, away and back.
  const toggle = page.getByRole('switch', { name: 'Switch Nightly on or off' }).first();
  await toggle.click();
  await expect(toggle).toHaveAttribute('aria-checked', 'false');
  await expect(page.getByText('Switched off: no dates.')).toBeVisible();
  await page.getByRole('button', { name: 'More for Nightly' }).click();
  await page.getByRole('menuitem', { name: 'Duplicate' }).click();
  await expect(dialog(page).getByLabel('Name', { exact: true })).toHaveValue('Nightly (copy)');
  await page.keyboard.press('Escape');
  await page.getByRole('button', { name: 'More for Nightly' }).click();
  await page.getByRole('menuitem', { name: 'Remove' }).click();
  await expect(page.getByText('No schedules yet')).toBeVisible();
  await page.getByRole('button', { name: 'Undo' }).click();
  await expect(page.getByRole('heading', { name: 'Nightly' })).toBeVisible();
  await expect(runs(page)).toHaveCount(2);

  // It is there after a restart.
  await app.close();
  await app.start();
  await unlockVault(app.page, secrets.passphrase);
  await app.page.evaluate(() => (location.hash = '#/schedules'));
  await expect(app.page.getByRole('link', { name: /Nightly/ }).first()).toBeVisible();
});

test('what one run asks about several machines is one matter, and is approved at once', async ({
  machine,
  app,
  secrets,
}) => {
  const hosts = [machine('one'), machine('other')];
  const { page } = app;
  const bell = page.getByRole('button', { name: /^Notifications/ });
  const notice = page.locator('[data-notification=request]');
  const group = page.locator('[data-request-group]');
  await setUpVault(page, secrets.passphrase);
  for (const host of hosts) {
    await addTrusted(page, host);
  }
  await firstCheck(page);

  await page.keyboard.press('g');
  await page.keyboard.press('c');
  await expect(page.getByText('No schedules yet')).toBeVisible();
  await page.keyboard.press('c');
  await dialog(page).getByLabel('Name', { exact: true }).fill('Both');
  await choose(page, 'Waves', 'All at once');
  await dialog(page).getByLabel('Ask for approval before anything is changed').check();
  await dialog(page).getByRole('button', { name: 'Save' }).click();
  await page.getByRole('button', { name: 'Run now' }).click();
  await dialog(page).getByRole('button', { name: 'Run now' }).click();
  await expect(runs(page).first()).toContainText('2 wait for approval', { timeout: 60_000 });

  await bell.click();
  await expect(notice).toHaveCount(1);
  await expect(notice).toContainText('Both');
  await expect(notice).toContainText('Waits for approval on 2 machines: Upgrade');
  await notice.getByRole('link').click();

  await expect(group).toContainText('Both: Upgrade on 2 machines');
  await expect(group.getByRole('article')).toHaveCount(2);
  await expectAccessible(page);
  await group.getByRole('button', { name: 'Approve all 2' }).click();
  for (const { address } of hosts) await expect(dialog(page)).toContainText(address);
  await expect(dialog(page)).toContainText('2 upgrades');
  for (const colorScheme of ['dark', 'light'] as const) {
    await page.emulateMedia({ colorScheme });
    await expect(page.locator('html')).toHaveAttribute('data-theme', colorScheme);
    await expectAccessible(page);
  }
  await dialog(page).getByRole('button', { name: 'Approve all 2' }).click({ delay: 1_200 });
  await expect(page.getByText('2 approved and queued')).toBeVisible();
  await expect(group).toBeHidden();
  await expect(page.locator('[data-request][data-status=executed]')).toHaveCount(2, { timeout: 60_000 });
  for (const host of hosts) expect(await installedVersion(host, 'hp-plain')).toBe('1.1');
  await bell.click();
  await expect(notice).toContainText('Settled');
});
