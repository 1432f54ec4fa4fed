import AxeBuilder from '@axe-core/playwright';
import type { Page } from '@playwright/test';
import { en } from '../../../src/renderer/lib/i18n/en/index.ts';
import { fr } from '../../../src/renderer/lib/i18n/fr/index.ts';
import { leaveAsked, leaveAtWork } from '../at-work.ts';
import { chooseImport, everyOverlay, everyScreen, overlay, show } from '../every-screen.ts';
import { fingerprintsOf } from '../../support/host-truth.ts';
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
  setUpVault,
} from '../screens.ts';

/** Parts that are wider than the window can show, where nothing scrolls sideways by design. */
const tooWide = (page: Page): Promise<number> =>
  page.evaluate(() => {
    const main = document.querySelector('main');
    return Math.max(
      document.documentElement.scrollWidth - innerWidth,
      main ? main.scrollWidth - main.clientWidth : 0,
    );
  });

const idIn = (address: string | null): string => /#\/\w+\/([^/]+)/.exec(address ?? '')?.[1] ?? '';

/** `only`: these rules; what does not depend on the theme need not be asked twice. */
async function violationsOf(
  page: Page,
  options: { floats?: boolean; only?: string[] } = {},
): Promise<string[]> {
  // Without a further page: a window of an application cannot open one.
  const builder = new AxeBuilder({ page }).setLegacyMode(true);
  if (options.only) builder.withRules(options.only);
  else builder.withTags(['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']);
  if (options.floats && !options.only) builder.disableRules(['region']);
  const { violations } = await builder.analyze();
  return violations.flatMap((one) =>
    one.nodes.map((node) => `${one.id}: ${node.html.slice(0, 160)}\n${node.failureSummary ?? ''}`),
  );
}

/** What a reader sees or hears: texts, names, descriptions. Not the machine's own words (log, report, code). */
function wordsOn(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    // The log, reports (written in the language of their time), code, what apt says of a step.
    const own =
      '[data-testid=log] [data-index], [data-testid=report], code, .mono, [data-report] .title, [data-step] .detail, .xterm';
    const texts: string[] = [document.title];
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
      const parent = node.parentElement;
      if (parent && !parent.closest(`${own}, script, style`)) texts.push(node.textContent ?? '');
    }
    for (const element of document.querySelectorAll('[aria-label], [title], [placeholder]')) {
      if (element.closest(own)) continue;
      for (const name of ['aria-label', 'title', 'placeholder']) texts.push(element.getAttribute(name) ?? '');
    }
    return [...new Set(texts.map((text) => text.replaceAll(/\s+/g, ' ').trim()))].filter(Boolean);
  });
}

const variantsOf = (message: unknown): string[] =>
  typeof message === 'string' ? [message] : Object.values(message as Record<string, string>);

/** English messages that say something else in French, as patterns of the whole text. */
const englishPatterns = Object.entries(en).flatMap(([key, message]) => {
  const french = variantsOf((fr as Record<string, unknown>)[key]);
  return variantsOf(message).flatMap((text) => {
    const fixed = text.replaceAll(/\{\w+\}/g, '');
    if (french.includes(text) || !/[A-Za-z]{3}/.test(fixed)) return [];
    // A count is a number: "{count} file" is not what "Suspendre la file" says.
    const parts = text
      .split(/(\{\w+\})/)
      .map((part, at) =>
        at % 2 === 0
          ? part.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&')
          : part === '{count}'
            ? String.raw`[\d\s.,]+`
            : '.+',
      );
    return [new RegExp(`^${parts.join('')}$`)];
  });
});
/** Words of English that are none of French. */
const englishWords =
  /\b(the|and|with|this|that|from|was|were|has|have|been|not|is|are|of|to|updates?|packages?|checked|needed|running|never|added|removed|unlocked|locked)\b/i;

const englishOn = async (page: Page): Promise<string[]> =>
  (await wordsOn(page)).filter(
    (text) => englishPatterns.some((pattern) => pattern.test(text)) || englishWords.test(text),
  );

test('every view and all that opens over one, light and dark, is accessible; in French no English is left', async ({
  machine,
  app,
  secrets,
  hostName,
}) => {
  test.slow();
  const host = machine('looks');
  const busy = machine('busy');
  const name = host.address;
  const { page } = app;

  await test.step('the first screens', async () => {
    await expect(page.getByRole('dialog', { name: 'Protect your secrets' })).toBeVisible();
    expect.soft(await violationsOf(page)).toEqual([]);
    await setUpVault(page, secrets.passphrase);
    await expect(page.getByTestId('welcome')).toBeVisible();
    expect.soft(await violationsOf(page)).toEqual([]);
  });

  await openAdd(page);
  await addByAddress(page, `${host.user}@${name}`, { password: host.password });
  await expect(page.getByTestId('fingerprint')).toBeVisible();
  expect.soft(await violationsOf(page)).toEqual([]);
  await approveKey(page, await fingerprintsOf(host));
  await firstCheck(page);
  await openMachine(page, name);
  const machineId = idIn(await page.evaluate(() => location.hash));
  await openTab(page, 'Updates');
  await expect(page.getByTestId('plan-table')).toBeVisible();
  expect.soft(await violationsOf(page)).toEqual([]);
  await applyPlan(page, name);
  await runEnds(page, 'Succeeded');
  const runId = idIn(await page.evaluate(() => location.hash));
  const atWork = await test.step('a request, a channel, and work that does not end', async () => {
    await leaveAsked(page, name);
    await openAdd(page);
    await addByAddress(page, `${busy.user}@${busy.address}`, { password: busy.password });
    await approveKey(page, await fingerprintsOf(busy));
    await firstCheck(page);
    return leaveAtWork(page, busy, busy.address);
  });
  const known = { machine: machineId, run: runId, atWork, login: { host: name, user: host.user } };
  const screens = everyScreen(known);
  const overlays = everyOverlay(known);
  await test.step('tags, and a machine that was removed', async () => {
    await show(page, { hash: '#/manage/import', shows: '[data-testid=import-file]' });
    const machines = ['archive', 'kiosk'].map((one) => ({
      host: `${one}.invalid`,
      user: 'ops',
      tags: [one],
    }));
    await chooseImport(page, 'fleet.json', JSON.stringify(machines));
    await page.getByRole('radio', { name: 'As the file says' }).check();
    await page.getByRole('button', { name: 'Add 2 machines' }).click();
    await expect(page.getByText('2 machines added')).toBeVisible();
    await openMachine(page, 'kiosk.invalid');
    await openTab(page, 'Settings');
    await page.getByRole('button', { name: 'Remove kiosk.invalid' }).click();
    await expect(page.getByText(/^kiosk.invalid removed/)).toBeVisible();
  });

  for (const theme of ['Light', 'Dark'] as const) {
    // The rest of the rules does not know of themes, nor of what the page runs in.
    const only = theme === 'Dark' || hostName !== 'browser' ? ['color-contrast'] : undefined;
    await test.step(`${theme}: no violation`, async () => {
      await page.evaluate(() => {
        location.hash = '#/settings';
      });
      await page.getByRole('radiogroup', { name: 'Theme' }).getByRole('radio', { name: theme }).check();
      await expect(page.locator('html')).toHaveAttribute('data-theme', theme.toLowerCase());
      const found: Record<string, string[]> = {};
      const look = async (of: string, floats = false): Promise<void> => {
        const violations = await violationsOf(page, { floats, ...(only && { only }) });
        if (violations.length > 0) found[of] = violations;
      };
      for (const screen of screens) {
        await show(page, screen);
        await look(screen.name);
      }
      for (const one of overlays) await overlay(page, one, () => look(one.name, one.floats));
      expect.soft(found).toEqual({});
    });
  }

  await test.step('from 80 to 200 percent nothing is cut off at the side', async () => {
    const found: Record<string, number> = {};
    for (const label of ['Zoom out', 'Zoom in']) {
      await page.evaluate(() => {
        location.hash = '#/settings';
      });
      const button = page.getByRole('button', { name: label });
      // A press counts from what is stored: one that comes before the last was stored changes nothing.
      await expect
        .poll(
          async () => {
            if (await button.isEnabled()) await button.dispatchEvent('click');
            return button.isDisabled();
          },
          { intervals: [50] },
        )
        .toBe(true);
      for (const screen of screens) {
        await show(page, screen);
        const width = await tooWide(page);
        if (width > 0) found[`${screen.name} after ${label}`] = width;
      }
    }
    await page.evaluate(() => {
      location.hash = '#/settings';
    });
    await page.getByRole('button', { name: 'Reset to 100 %' }).click();
    expect.soft(found).toEqual({});
  });

  await test.step('who wants less motion gets none', async () => {
    await page.emulateMedia({ reducedMotion: 'reduce' });
    const moving = await page.evaluate(
      () =>
        [...document.querySelectorAll('*')].filter((element) => {
          const { transitionDuration, animationName, animationDuration } = getComputedStyle(element);
          const lasts = (text: string): boolean =>
            text.split(',').some((one) => Number.parseFloat(one) > 0.02);
          return lasts(transitionDuration) || (animationName !== 'none' && lasts(animationDuration));
        }).length,
    );
    expect.soft(moving).toBe(0);
    await page.emulateMedia({ reducedMotion: null });
  });

  await test.step('French', async () => {
    await page.evaluate(() => {
      location.hash = '#/settings';
    });
    await page.getByLabel(/^Language/).click();
    await page.getByRole('option', { name: 'Français' }).click();
    await expect(page.locator('html')).toHaveAttribute('lang', 'fr');
    const found: Record<string, string[]> = {};
    for (const screen of screens) {
      await show(page, screen);
      const english = await englishOn(page);
      if (english.length > 0) found[screen.name] = english;
    }
    for (const one of overlays) {
      await overlay(page, one, async () => {
        const english = await englishOn(page);
        if (english.length > 0) found[one.name] = english;
      });
    }
    expect.soft(found).toEqual({});
  });
});
