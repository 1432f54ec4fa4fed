import { readFile } from 'node:fs/promises';
import type { Page } from '@playwright/test';
import { expect, test } from '../fixtures.ts';
import {
  addTrusted,
  applyPlan,
  firstCheck,
  jobEnds,
  openMachine,
  openTab,
  runEnds,
  setUpVault,
} from '../screens.ts';

const main = (page: Page) => page.getByRole('navigation', { name: 'Main navigation' });
const search = (page: Page) => page.getByRole('searchbox', { name: 'Search in all reports' });
const rows = (page: Page) => page.locator('[data-report]');

/** Exports the open report and returns the file's name and content. */
async function exported(page: Page, format: string): Promise<{ name: string; bytes: Buffer }> {
  await page.getByRole('button', { name: 'Export', exact: true }).click();
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('menuitem', { name: format, exact: true }).click(),
  ]);
  return { name: download.suggestedFilename(), bytes: await readFile(await download.path()) };
}

test('reports of real runs: found by their words, pinned, exported, and their runs compared', async ({
  machine,
  app,
  secrets,
  hostName,
}) => {
  const host = machine('reports');
  const { page } = app;
  await setUpVault(page, secrets.passphrase);
  await addTrusted(page, host);
  await firstCheck(page);

  // Two runs: one package, then the rest.
  await openMachine(page, host.address);
  await openTab(page, 'Updates');
  await page.getByRole('checkbox', { name: 'Choose hp-plain2', exact: true }).check();
  await page.getByRole('button', { name: 'Plan the chosen' }).click();
  await page
    .getByRole('dialog')
    .getByRole('button', { name: /^Change \d+ package/ })
    .click();
  await runEnds(page, 'Succeeded');
  await openMachine(page, host.address);
  await jobEnds(page);
  await openTab(page, 'Updates');
  await applyPlan(page, host.address);
  await runEnds(page, 'Succeeded');

  // From the run to the comparison: the earlier run stands first by itself.
  await page.getByRole('link', { name: 'Compare', exact: true }).click();
  const packages = page.getByTestId('compare-packages');
  await expect(packages.locator('[data-package=hp-plain2]')).toHaveAttribute('data-relation', 'onlyFirst');
  await expect(packages.locator('[data-package=hp-plain]')).toHaveAttribute('data-relation', 'onlySecond');
  await expect(page.getByTestId('compare-facts')).toContainText('Duration');
  // What the machine told while either run was at work: the same release, the same end of its support.
  await expect(page.getByTestId('compare-messages').locator('[data-part=both]')).toContainText(/support/);
  await page.getByRole('button', { name: 'Exchange the two runs' }).click();
  await expect(packages.locator('[data-package=hp-plain2]')).toHaveAttribute('data-relation', 'onlySecond');
  // And from the history.
  await openMachine(page, host.address);
  await openTab(page, 'History');
  await page.getByRole('link', { name: 'Compare with another run' }).first().click();
  await expect(packages.locator('[data-package=hp-plain2]')).toHaveAttribute('data-relation', 'onlyFirst');

  await main(page).getByRole('link', { name: 'Reports' }).click();
  await expect(page.getByTestId('report-count')).toHaveText('2 reports');
  await search(page).fill('hp-plain2');
  await expect(page.getByTestId('report-count')).toHaveText('1 report');
  await expect(rows(page).locator('mark').first()).toHaveText('hp-plain2');
  for (const odd of ['"', 'AND (', 'hp-plain2 NOT', '*']) {
    await search(page).fill(odd);
    await expect(page.getByTestId('report-count')).toHaveText(/^\d report/);
    await expect(page.getByRole('alert')).toHaveCount(0);
  }
  await search(page).fill('no such words');
  await expect(page.getByText('No report found')).toBeVisible();
  await page.getByRole('button', { name: 'Clear filters' }).first().click();
  await expect(rows(page)).toHaveCount(2);

  // The older one is pinned from the keyboard: it goes to the top and stays there.
  const older = await rows(page).nth(1).getAttribute('data-report');
  await search(page).press('ArrowDown');
  await expect(rows(page).first()).toBeFocused();
  await page.keyboard.press('j');
  await expect(rows(page).nth(1)).toBeFocused();
  await page.keyboard.press('p');
  await expect(rows(page).first()).toHaveAttribute('data-report', older ?? '');
  await expect(rows(page).first().getByRole('img', { name: 'Pinned' })).toBeVisible();

  const markdown = await exported(page, 'Markdown');
  expect(markdown.name).toMatch(/^[\w.-]+-\d{6}\.md$/);
  expect(markdown.bytes.toString()).toContain('`hp-plain2`');
  const html = await exported(page, 'Web page (HTML)');
  expect(html.name).toBe(markdown.name.replace(/\.md$/, '.html'));
  expect(html.bytes.toString()).toContain('<code>hp-plain2</code>');
  expect(html.bytes.toString()).not.toContain('<script');
  const json = await exported(page, 'Data (JSON)');
  const data = JSON.parse(json.bytes.toString()) as { result: { apt: { applied: { name: string }[] } } };
  expect(data.result.apt.applied.map(({ name }) => name)).toContain('hp-plain2');
  for (const { bytes } of [markdown, html, json]) {
    for (const secret of [host.password, secrets.passphrase]) expect(bytes.includes(secret)).toBe(false);
  }
  if (hostName === 'browser') {
    // The browser prints: what it is given to print is the report and nothing of the window around it.
    await page.evaluate(() => {
      Object.assign(globalThis, {
        printed: 0,
        print: () => ((globalThis as { printed?: number }).printed = 1),
      });
    });
    await page.getByRole('button', { name: 'Export', exact: true }).click();
    await page.getByRole('menuitem', { name: 'PDF, by printing' }).click();
    expect(await page.evaluate(() => (globalThis as { printed?: number }).printed)).toBe(1);
    await page.emulateMedia({ media: 'print' });
    await expect(page.getByTestId('report')).toBeVisible();
    await expect(main(page)).toBeHidden();
    await expect(search(page)).toBeHidden();
    await page.emulateMedia({ media: 'screen' });
  } else {
    const pdf = await exported(page, 'PDF');
    expect(pdf.name).toBe(markdown.name.replace(/\.md$/, '.pdf'));
    expect(pdf.bytes.subarray(0, 5).toString()).toBe('%PDF-');
    expect(pdf.bytes.length).toBeGreaterThan(5_000);
  }
});
