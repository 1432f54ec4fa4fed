import { expect, type Locator, type Page } from '@playwright/test';
import type { TestbedHost } from '../testbed/index.ts';
import { addTrusted, setUpVault } from './screens.ts';

/** Terminals as a person has them: what stands in them, and keys. */

/** The machine, trusted; no refresh is needed to open a terminal. */
export async function trustMachine(page: Page, host: TestbedHost, passphrase: string): Promise<void> {
  await setUpVault(page, passphrase);
  await addTrusted(page, host);
}

export const goTo = (page: Page, name: 'Settings' | 'Terminals'): Promise<void> =>
  page.getByRole('navigation', { name: 'Main navigation' }).getByRole('link', { name }).click();

const graphics = 'Draw with the graphics processor';
/** Sets a switch of the page of settings, which is shown. */
export async function setSwitch(page: Page, name: string, on: boolean): Promise<void> {
  const found = page.getByRole('switch', { name });
  await expect(found).toBeChecked({ checked: !on });
  await found.press('Space');
  await expect(found).toBeChecked({ checked: on });
}

/** What is drawn with elements can be read; the other renderer has a step of its own. Shows the page of settings. */
export async function drawWithElements(page: Page): Promise<void> {
  await goTo(page, 'Settings');
  await setSwitch(page, graphics, false);
}
export async function drawWithGraphics(page: Page): Promise<void> {
  await goTo(page, 'Settings');
  await setSwitch(page, graphics, true);
}

export async function openTerminal(page: Page, host: TestbedHost): Promise<void> {
  await goTo(page, 'Terminals');
  await page.getByRole('list', { name: 'Machines' }).getByRole('button', { name: host.address }).click();
  await prompt(page);
}

export const panes = (page: Page): Locator => page.getByTestId('terminal');
/** The pane that has the keyboard. */
export const active = (page: Page): Locator => page.locator('[data-testid=terminal][data-active=true]');

/** The lines of a pane, without blanks at their ends. */
export async function lines(pane: Locator): Promise<string[]> {
  const rows = await pane.locator('.xterm-rows > div').allTextContents();
  return rows.map((row) => row.replaceAll('\u00a0', ' ').trimEnd());
}
export const shown = async (pane: Locator): Promise<string> => (await lines(pane)).join('\n').trimEnd();

export async function expectShown(pane: Locator, wanted: RegExp, timeout = 15_000): Promise<void> {
  await expect.poll(() => shown(pane), { timeout }).toMatch(wanted);
}
/** Waits until the shell asks for the next command. */
export const prompt = (page: Page): Promise<void> => expectShown(active(page), /\$$/);

/** Types a command and Enter. */
export async function run(page: Page, command: string): Promise<void> {
  await page.keyboard.type(command);
  await page.keyboard.press('Enter');
}

/** A paste as the browser's own key brings it. */
export async function paste(page: Page, text: string): Promise<void> {
  await active(page)
    .locator('textarea')
    .evaluate((area, value) => {
      const data = new DataTransfer();
      data.setData('text/plain', value);
      area.dispatchEvent(
        new ClipboardEvent('paste', { clipboardData: data, bubbles: true, cancelable: true }),
      );
    }, text);
}

/** What a program on the host reads from the terminal while these bytes are shown in it. */
export async function answersTo(page: Page, host: TestbedHost, bytes: Buffer): Promise<string> {
  await host.writeFile('/tmp/show', bytes);
  await run(
    page,
    'clear; stty raw -echo; cat /tmp/show; timeout --foreground 1 cat >/tmp/got; stty sane; echo do""ne',
  );
  await expectShown(active(page), /done\n[^\n]*\$$/, 30_000);
  return (await host.readFile('/tmp/got')).toString('latin1');
}
