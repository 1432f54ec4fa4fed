import { expect, test } from '../fixtures.ts';
import {
  active,
  answersTo,
  drawWithElements,
  drawWithGraphics,
  expectShown,
  goTo,
  lines,
  openTerminal,
  paste,
  prompt,
  run,
  setSwitch,
  shown,
  trustMachine,
} from '../terminal.ts';

test('programs of a real host in a terminal: screens, keys, mouse, pastes, sizes, and nothing for a hostile one', async ({
  machine,
  app,
  secrets,
}, testInfo) => {
  const host = machine('terminal');
  const { page } = app;
  const refused: string[] = [];
  await page.exposeFunction('refusedByPolicy', (text: string) => refused.push(text));
  await page.evaluate(() => {
    document.addEventListener('securitypolicyviolation', (event) => {
      const tell = (window as unknown as { refusedByPolicy: (text: string) => void }).refusedByPolicy;
      if (event.violatedDirective.startsWith('style')) tell(`${event.violatedDirective} ${event.sample}`);
    });
  });
  await trustMachine(page, host, secrets.passphrase);
  await drawWithElements(page);
  await setSwitch(page, 'Copy what is selected', true);
  await openTerminal(page, host);
  const pane = active(page);

  await test.step('wide and combining characters have their width', async () => {
    await run(
      page,
      "clear; printf '\\r漢字e\\u0301👍|'; IFS='[;' read -sdR -p $'\\e[6n' _ row col; echo \"column=$col\"",
    );
    await expectShown(pane, /漢字e\u0301👍\|column=9/);
  });

  await test.step('bash, with lines that wrap and a history', async () => {
    await run(
      page,
      "clear; printf 'x%.0s' $(seq 1 300); echo; echo 'true colour' $'\\e[38;2;1;200;3mgreen\\e[0m'",
    );
    await expectShown(pane, /x{50,}\n[^$]*true colour green/);
    const colour = await pane
      .locator('.xterm-rows span', { hasText: /^green$/ })
      .evaluate((e) => getComputedStyle(e).color);
    expect(colour).not.toBe('rgb(0, 0, 0)');
    await prompt(page);
    await page.keyboard.press('ArrowUp');
    await expectShown(pane, /echo 'true colour'[^\n]*$/);
    await page.keyboard.press('Control+c');
    await prompt(page);
  });

  await test.step('vim on the alternate screen, which goes again', async () => {
    await run(page, 'clear; echo before; vi /tmp/written');
    await expectShown(pane, /~\n~/);
    expect(await shown(pane)).not.toContain('before');
    await page.keyboard.type('iline of vim: é 漢');
    await page.keyboard.press('Escape');
    await run(page, ':wq');
    await expectShown(pane, /before\n[^\n]*\$$/);
    expect((await host.readFile('/tmp/written')).toString()).toBe('line of vim: é 漢\n');
  });

  await test.step('less, htop, mc and tmux', async () => {
    await run(page, 'clear; seq 1 500 | less');
    await expectShown(pane, /^1\n2\n3/);
    await page.keyboard.type('G');
    await expectShown(pane, /499\n500/);
    await page.keyboard.type('q');
    await prompt(page);
    await run(page, 'htop');
    await expectShown(pane, /Load average[\s\S]*F10Quit/);
    await page.keyboard.press('F10');
    await prompt(page);
    await run(page, 'mc -u /etc /tmp');
    await expectShown(pane, /Left[\s\S]*10Quit/);
    await page.keyboard.press('F10');
    await prompt(page);
    await run(page, 'clear; tmux new -s one');
    await expectShown(pane, /\[one\] 0:bash/);
    await page.keyboard.press('Control+b');
    await page.keyboard.type('%');
    await expectShown(pane, /│/);
    await run(page, 'echo in""side; stty size');
    await expectShown(pane, /inside/);
    await page.keyboard.press('Control+b');
    await page.keyboard.type('d');
    await expectShown(pane, /\[detached \(from session one\)\][\s\S]*\$$/);
    await run(page, 'tmux kill-server');
    await prompt(page);
  });

  await test.step('mouse reports where a program asks for them', async () => {
    await run(page, "clear; printf '\\e[?1000h\\e[?1006h'; cat -v");
    await expect(pane.locator('.xterm')).toHaveClass(/enable-mouse-events/);
    await pane.locator('.xterm-screen').click({ position: { x: 100, y: 100 } });
    await page.keyboard.press('Enter');
    await expectShown(pane, /\^\[\[<0;\d+;\d+M\^\[\[<0;\d+;\d+m/);
    await page.keyboard.press('Control+c');
    await run(page, "printf '\\e[?1000l\\e[?1006l'; clear");
    await prompt(page);
  });

  await test.step('pastes: as text where the shell takes them so, else only after a look', async () => {
    await paste(page, 'echo one\necho two');
    await expectShown(pane, /echo one\n[^\n]*echo two$/);
    expect(await shown(pane)).not.toMatch(/^one$/m);
    await page.keyboard.press('Control+c');
    await run(page, 'clear; cat >/tmp/pasted');
    await expect.poll(async () => (await host.run('test -f /tmp/pasted')).code).toBe(0);
    await paste(page, 'first\u001b[201~\nsecond\n');
    const dialog = page.getByRole('dialog', { name: /Paste 2 lines/ });
    await expect(dialog).toContainText('1 hidden control character was taken out.');
    expect((await host.readFile('/tmp/pasted')).toString()).toBe('');
    await dialog.getByRole('button', { name: 'Paste' }).click();
    await expectShown(pane, /second/);
    await page.keyboard.press('Control+d');
    await prompt(page);
    expect((await host.readFile('/tmp/pasted')).toString()).toBe('first[201~\nsecond\n');
  });

  await test.step('what is selected is in the clipboard', async () => {
    await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
    await run(page, 'clear; echo one-of-many; echo other');
    await expectShown(pane, /^one-of-many\nother\n/);
    const copied = (): Promise<string> => page.evaluate(() => navigator.clipboard.readText());
    await page.evaluate(() => navigator.clipboard.writeText('before'));
    await pane.locator('.xterm-screen').dblclick({ position: { x: 30, y: 8 } });
    await expect.poll(copied).toBe('one-of-many');
  });

  await test.step('a bell flashes, and marks the tab until it is looked at', async () => {
    const mark = page.getByLabel('rang the bell', { exact: true });
    await page.evaluate(() => {
      const terminal = document.querySelector('[data-active=true]');
      const flashed = new Promise<void>((resolve) => {
        if (!terminal) throw new Error('There is no terminal');
        new MutationObserver(() => {
          if (terminal.classList.contains('flash')) resolve();
        }).observe(terminal, { attributeFilter: ['class'] });
      });
      Object.assign(window, { flashed });
    });
    await run(page, "clear; read -t 1 -p 'soon '; printf '\\a'");
    await expectShown(pane, /soon/);
    await page.keyboard.press('Control+Shift+ArrowUp');
    await expect(mark).toBeVisible();
    await page.evaluate(() => (window as unknown as { flashed: Promise<void> }).flashed);
    await page.keyboard.press('ArrowDown');
    await expect(mark).toHaveCount(0);
    await prompt(page);
    // Looked at, it is not marked.
    await run(page, "clear; printf '\\a'; echo ra''ng");
    await expectShown(pane, /^rang$/m);
    await expect(mark).toHaveCount(0);
  });

  await test.step('a storm of sizes ends with the right one', async () => {
    await run(page, 'clear; vi /etc/passwd');
    await expectShown(pane, /root:x:0:0/);
    for (let turn = 0; turn < 60; turn += 1) {
      await page.setViewportSize({ width: 700 + ((turn * 97) % 1200), height: 500 + ((turn * 61) % 700) });
    }
    await page.setViewportSize({ width: 1880, height: 1340 });
    await run(page, ':q');
    await prompt(page);
    let said: [rows: number, columns: number] = [0, 0];
    await expect
      .poll(async () => {
        await run(page, 'clear; stty size');
        await prompt(page);
        const [, rows, columns] = /^(\d+) (\d+)$/m.exec(await shown(pane)) ?? [];
        said = [Number(rows), Number(columns)];
        return said[0] > 55 && said[0] === (await lines(pane)).length;
      })
      .toBe(true);
    expect(said[1]).toBeGreaterThan(190);
    await page.setViewportSize({ width: 1280, height: 800 });
    await expect.poll(async () => (await lines(pane)).length).toBeLessThan(45);
  });

  await test.step('hostile output gets nothing', async () => {
    const hostile = [
      '\u001b]0;<img src=x onerror=alert(1)>\u202etxt.exe\u0007',
      '\u001b[21t\u001b[20t\u001b[14t\u001b[18t\u001b[19t\u001b[11t\u001b[13t',
      '\u001b[8;3;3t\u001b[2t\u001b[3;0;0t',
      `\u001b]52;c;${Buffer.from('rm -rf /').toString('base64')}\u0007`,
      '\u001b]52;c;?\u0007',
      '\u001b]8;;javascript:alert(1)\u001b\\click\u001b]8;;\u001b\\',
      '\u001b]8;;file:///etc/passwd\u001b\\click\u001b]8;;\u001b\\',
      `\u001b]0;${'A'.repeat(3_000_000)}\u0007`,
      `\u001b[${'1;'.repeat(500_000)}m`,
      `\u001bP${'q'.repeat(1_000_000)}\u001b\\`,
      '\u001b[999999999C\u001b[999999999b\u001b[2147483647@',
      '\u001b[0m\u001b[H\u001b[2J',
    ].join('');
    await page.evaluate(() => navigator.clipboard.writeText('mine')).catch(() => undefined);
    const size = (await lines(pane)).length;
    expect(await answersTo(page, host, Buffer.from(hostile))).toBe('');
    expect((await lines(pane)).length).toBe(size);
    await expect(page.getByText('put text into the clipboard')).toHaveCount(0);
    await expect(page.locator('img[src=x]')).toHaveCount(0);
    // The title is text, without what turns the writing round.
    await expect(page.getByRole('button', { name: /^.*onerror=alert\(1\)> txt\.exe/ })).toHaveCount(0);
    const follow = async (address: string): Promise<void> => {
      await run(page, `clear; printf '\\e]8;;${address}\\e\\\\click\\e]8;;\\e\\\\\\n'`);
      await expectShown(pane, /^click\n/);
      const place = { x: 10, y: 8 };
      await pane.locator('.xterm-screen').hover({ position: { x: 200, y: 200 } });
      await pane.locator('.xterm-screen').hover({ position: place });
      const isLink = address.startsWith('https:');
      await expect(pane.locator('.xterm.xterm-cursor-pointer, .xterm-cursor-pointer')).toHaveCount(
        isLink ? 1 : 0,
      );
      await pane.locator('.xterm-screen').click({ modifiers: ['Control'], position: place });
    };
    await follow('javascript:alert(1)');
    await expect(page.getByRole('dialog')).toHaveCount(0);
    await follow('https://www.debian.org/');
    await expect(page.getByTestId('terminal-link')).toHaveText('https://www.debian.org/');
    await page.keyboard.press('Escape');
    await pane.locator('.xterm-screen').click();
    expect(await answersTo(page, host, Buffer.from('\u001b[c'))).toContain('\u001b[?');
  });

  await test.step('the cursor blinks', async () => {
    // Programs that were used above have switched it off.
    await run(page, "clear; printf '\\e[?12h'");
    await expect(pane.locator('.xterm-cursor-blink')).toBeVisible();
    const colour = () =>
      pane.locator('.xterm-cursor').evaluate((cursor) => getComputedStyle(cursor).backgroundColor);
    // Looked at out of step with it: once a second would always see the same half.
    const intervals = [130];
    const shownColour = await colour();
    await expect.poll(colour, { intervals }).not.toBe(shownColour);
    await expect.poll(colour, { intervals }).toBe(shownColour);
  });

  await test.step('Ctrl-C ends a flood at once', async () => {
    await run(page, 'clear; yes "a line of the flood"');
    await expectShown(pane, /(a line of the flood\n){10}/);
    const drawn = await page.evaluate(async () => {
      let times = 0;
      const rows = document.querySelector('[data-active=true] .xterm-rows');
      const watch = new MutationObserver(() => (times += 1));
      if (rows) watch.observe(rows, { subtree: true, childList: true });
      await new Promise((resolve) => setTimeout(resolve, 1_500));
      watch.disconnect();
      return times;
    });
    expect(drawn, 'a flood is drawn now and then').toBeGreaterThan(3);
    await page.evaluate(() => {
      const stopped = new Promise<number>((resolve) => {
        const onKey = (event: KeyboardEvent): void => {
          if (event.code !== 'KeyC') return;
          removeEventListener('keydown', onKey, true);
          const pressed = performance.now();
          const look = (): void => {
            const rows = document.querySelector('[data-active=true] .xterm-rows')?.textContent ?? '';
            if (/\^C/.test(rows) && /\$[\s\u00a0]*$/.test(rows)) resolve(performance.now() - pressed);
            else requestAnimationFrame(look);
          };
          look();
        };
        addEventListener('keydown', onKey, true);
      });
      Object.assign(window, { floodStopped: stopped });
    });
    await page.keyboard.press('Control+c');
    const milliseconds = Math.round(
      await page.evaluate(() => (window as unknown as { floodStopped: Promise<number> }).floodStopped),
    );
    testInfo.annotations.push({ type: 'Ctrl-C during yes', description: `${milliseconds} ms` });
    process.stdout.write(`Ctrl-C during yes: ${milliseconds} ms from the key to the prompt\n`);
    expect(milliseconds).toBeLessThan(2_000);
  });

  await test.step('a graphics context that is lost: the same is drawn with elements', async () => {
    await run(page, 'clear; seq 1 200; echo still here');
    await expectShown(pane, /200\nstill here\n/);
    await drawWithGraphics(page);
    await goTo(page, 'Terminals');
    await expect(pane.locator('.xterm-screen canvas').first()).toBeVisible();
    await expect(pane.locator('.xterm-rows')).toHaveCount(0);
    const lost = await pane.locator('.xterm-screen canvas').evaluateAll(
      (canvases) =>
        canvases.filter((canvas) => {
          const context = (canvas as HTMLCanvasElement).getContext('webgl2');
          context?.getExtension('WEBGL_lose_context')?.loseContext();
          return context !== null;
        }).length,
    );
    expect(lost).toBe(1);
    await expectShown(pane, /200\nstill here\n/);
    await expect(pane.locator('.xterm-screen canvas')).toHaveCount(0);
    await pane.locator('.xterm-screen').click();
    await run(page, 'echo go""es on');
    await expectShown(pane, /200\nstill here\n[^\n]*\ngoes on\n/);
  });

  expect(refused).toEqual([]);
});
