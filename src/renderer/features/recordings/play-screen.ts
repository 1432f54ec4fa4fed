import { Unicode11Addon } from '@xterm/addon-unicode11';
import { WebglAddon } from '@xterm/addon-webgl';
import { Terminal } from '@xterm/xterm';
import '@xterm/xterm/css/xterm.css';
import { preferences } from '../../lib/state/preferences.svelte.ts';
import { themeOf } from '../terminals/terminal-theme.ts';
import { openInPage, xtermDocument } from '../terminals/xterm-document.ts';
import type { PlayScreen } from './playback.svelte.ts';

export interface ShownScreen extends PlayScreen {
  apply(theme: 'light' | 'dark'): void;
  dispose(): void;
}

const largestPx = 13;
const leastPx = 6;
const font = "'JetBrains Mono Variable', ui-monospace, monospace";
/** Characters that turn the direction of writing: drawn with elements, they would move what a hostile name looks like. */
const turning = /[\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;

/** As the terminals do; where it fails, or its context is lost, xterm draws with elements. */
function useWebgl(terminal: Terminal): void {
  try {
    const addon = new WebglAddon();
    addon.onContextLoss(() => {
      addon.dispose();
    });
    terminal.loadAddon(addon);
  } catch (error) {
    console.warn('The recording is drawn without WebGL', error);
  }
}

/** A terminal that only shows: nothing is typed into it, and what a recorded machine asks of it leads nowhere. */
export function createPlayScreen(
  place: HTMLElement,
  theme: 'light' | 'dark',
  renderer: 'auto' | 'dom',
): ShownScreen {
  const terminal = new Terminal({
    documentOverride: xtermDocument,
    allowProposedApi: true,
    disableStdin: true,
    cursorBlink: false,
    fontFamily: font,
    fontSize: largestPx,
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
  openInPage(window, () => {
    terminal.open(place);
  });
  if (renderer === 'auto') useWebgl(terminal);
  terminal.textarea?.setAttribute('tabindex', '-1');
  const pen = document.createElement('canvas').getContext('2d');
  /** Width of a cell, in sizes of the font. */
  const cellRatio = (): number => {
    if (!pen) return 0.6;
    pen.font = `${largestPx}px ${font}`;
    return pen.measureText('W').width / largestPx;
  };
  /** As large as goes so that the whole width of the recording is seen. */
  const fit = (columns: number): void => {
    const { paddingLeft, paddingRight } = getComputedStyle(place);
    const room = place.clientWidth - Number.parseFloat(paddingLeft) - Number.parseFloat(paddingRight);
    // Cells are rounded to whole pixels of the screen: a little less than the width.
    const wanted = Math.floor((room * 9.7) / (columns * cellRatio())) / 10;
    terminal.options.fontSize = Math.min(largestPx, Math.max(leastPx, wanted));
  };
  return {
    write: (text, taken) => {
      terminal.write(text.replace(turning, ''), taken);
    },
    resize: (columns, rows) => {
      terminal.resize(columns, rows);
      fit(columns);
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
