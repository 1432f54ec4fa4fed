import { Unicode11Addon } from '@xterm/addon-unicode11';
import { Terminal } from '@xterm/xterm';
import '@xterm/xterm/css/xterm.css';
import { preferences } from '../../lib/state/preferences.svelte.ts';
import { themeOf } from '../terminals/terminal-theme.ts';
import { withSafeElements, xtermDocument } from '../terminals/xterm-document.ts';
import type { PlayScreen } from './playback.svelte.ts';

export interface ShownScreen extends PlayScreen {
  apply(theme: 'light' | 'dark'): void;
  dispose(): void;
}

/** A terminal that only shows: nothing is typed into it, and what a recorded machine asks of it leads nowhere. */
export function createPlayScreen(place: HTMLElement, theme: 'light' | 'dark'): ShownScreen {
  const terminal = new Terminal({
    documentOverride: xtermDocument,
    allowProposedApi: true,
    disableStdin: true,
    cursorBlink: false,
    fontFamily: "'JetBrains Mono Variable', ui-monospace, monospace",
    fontSize: 13,
    scrollback: 1000,
    minimumContrastRatio: 4.5,
    windowOptions: {},
    linkHandler: { activate: () => undefined },
    theme: themeOf(preferences.value.terminal, theme),
  });
  terminal.loadAddon(new Unicode11Addon());
  terminal.unicode.activeVersion = '11';
  terminal.parser.registerOscHandler(52, () => true);
  // The keys are the player's.
  terminal.attachCustomKeyEventHandler(() => false);
  withSafeElements(() => {
    terminal.open(place);
  });
  terminal.textarea?.setAttribute('tabindex', '-1');
  return {
    write: (text, taken) => {
      terminal.write(text, taken);
    },
    resize: (columns, rows) => {
      terminal.resize(columns, rows);
    },
    reset: () => {
      terminal.reset();
    },
    apply(next) {
      terminal.options.theme = themeOf(preferences.value.terminal, next);
    },
    dispose() {
      terminal.dispose();
    },
  };
}
