import { FitAddon } from '@xterm/addon-fit';
import { SearchAddon } from '@xterm/addon-search';
import { SerializeAddon } from '@xterm/addon-serialize';
import { Unicode11Addon } from '@xterm/addon-unicode11';
import { WebLinksAddon } from '@xterm/addon-web-links';
import { WebglAddon } from '@xterm/addon-webgl';
import { Terminal } from '@xterm/xterm';
import '@xterm/xterm/css/xterm.css';
import type { TerminalLook } from '../../../shared/contract/terminal-look.ts';
import type { DrawnScreen } from '../../../shared/contract/terminals.ts';
import { blinkCursor } from './blink.ts';
import { clipboardText } from './osc52.ts';
import { drawn, trackModes } from './drawn.ts';
import { onPersonInput } from './person-input.ts';
import { optionsOf, scrollbackLines, type Dress } from './screen-options.ts';
import { pacedFrames, paceStyle, windowWithFrames } from './paced-frames.ts';
import { openInPage, xtermDocument } from './xterm-document.ts';

export interface ScreenEvents {
  /** `isKeys`: a person typed it; else it answers the host, or tells of the mouse, and is for this host alone. */
  typed(bytes: Uint8Array, isKeys: boolean): void;
  resized(columns: number, rows: number): void;
  title(text: string): void;
  bell(): void;
  /** A link was clicked with Ctrl or ⌘. */
  link(url: string): void;
  /** A program wants this in the clipboard; only asked while the preference allows it. */
  clipboard(text: string): void;
  selected(text: string): void;
  /** True: the key is the application's, the terminal does not get it. */
  key(event: KeyboardEvent): boolean;
}

/** xterm in an element of its own, which can move from page to page; it lives as long as its pane. */
export interface Screen {
  readonly terminal: Terminal;
  readonly search: SearchAddon;
  /** Put it where it shall be seen, then call `fit`. */
  readonly element: HTMLElement;
  readonly usesWebgl: boolean;
  /** Shows what a session sent; `taken` is called when it was. */
  write(bytes: Uint8Array, taken: () => void): void;
  /** As many columns and rows as there is room for. */
  fit(): void;
  /** It is not seen for now: gives up its part of the graphics processor, of which browsers allow few. */
  rest(): void;
  apply(look: TerminalLook, dress: Dress): void;
  /** What it shows and up to so many lines above, in no more than so many characters. */
  draw(lines: number, mostCharacters: number): DrawnScreen;
  /** Shows what was drawn elsewhere. Whatever it asks for is not answered: that was done long ago. */
  redraw(screen: DrawnScreen): Promise<void>;
  /** Shows bytes that another page may have shown before: nothing is answered, rung or copied. */
  replay(bytes: Uint8Array): Promise<void>;
  dispose(): void;
}

const encoder = new TextEncoder();
/** How mouse reports begin, in the form that is text and in the older one. */
const mouseReports = ['\u001b[<', '\u001b[M'];

export function createScreen(look: TerminalLook, dress: Dress, label: string, on: ScreenEvents): Screen {
  /** Above zero while old output is shown again. */
  let silence = 0;
  const activate = (event: MouseEvent, url: string): void => {
    if (event.ctrlKey || event.metaKey) on.link(url);
  };
  const terminal = new Terminal({
    ...optionsOf(look, dress),
    scrollback: scrollbackLines(look, 80),
    documentOverride: xtermDocument,
    allowProposedApi: true,
    convertEol: false,
    minimumContrastRatio: 4.5,
    macOptionIsMeta: true,
    rightClickSelectsWord: false,
    scrollOnUserInput: true,
    // Every report about the window stays off: a host learns nothing of it and cannot move it.
    windowOptions: {},
    linkHandler: { activate, allowNonHttpProtocols: false },
  });
  const fitter = new FitAddon();
  const search = new SearchAddon();
  const serializer = new SerializeAddon();
  terminal.loadAddon(fitter);
  terminal.loadAddon(search);
  terminal.loadAddon(serializer);
  terminal.loadAddon(new WebLinksAddon(activate));
  terminal.loadAddon(new Unicode11Addon());
  terminal.unicode.activeVersion = '11';
  const modes = trackModes(terminal);
  const frames = pacedFrames();

  const element = document.createElement('div');
  element.className = 'terminal-screen';
  let isOpen = false;
  let webgl: WebglAddon | null = null;
  let wantsWebgl = look.renderer === 'auto';

  let isPerson = false;
  onPersonInput(terminal, () => {
    isPerson = true;
    frames.hurry();
  });
  terminal.onData((text) => {
    const isKeys = isPerson && !mouseReports.some((start) => text.startsWith(start));
    isPerson = false;
    if (silence === 0 || isKeys) on.typed(encoder.encode(text), isKeys);
  });
  // Mouse reports of the oldest kind are bytes, not text.
  terminal.onBinary((text) => {
    isPerson = false;
    on.typed(
      Uint8Array.from(text, (character) => character.charCodeAt(0)),
      false,
    );
  });
  terminal.onResize(({ cols, rows }) => {
    terminal.options.scrollback = scrollbackLines(look, cols);
    on.resized(cols, rows);
  });
  terminal.onTitleChange((title) => {
    on.title(title);
  });
  terminal.onBell(() => {
    if (silence === 0) on.bell();
  });
  terminal.onSelectionChange(() => {
    if (terminal.hasSelection()) on.selected(terminal.getSelection());
  });
  terminal.attachCustomKeyEventHandler((event) => !on.key(event));
  terminal.parser.registerOscHandler(52, (data) => {
    const text = look.allowClipboardWrite && silence === 0 ? clipboardText(data) : null;
    if (text !== null) on.clipboard(text);
    return true;
  });

  const useWebgl = (): void => {
    if (!wantsWebgl || webgl !== null || !isOpen) return;
    try {
      const addon = new WebglAddon();
      addon.onContextLoss(() => {
        // xterm draws with elements again; a context that was lost once may be lost again.
        wantsWebgl = false;
        if (webgl === addon) webgl = null;
        addon.dispose();
      });
      terminal.loadAddon(addon);
      webgl = addon;
    } catch (error) {
      wantsWebgl = false;
      console.warn('Terminals are drawn without WebGL', error);
    }
  };
  const dropWebgl = (): void => {
    webgl?.dispose();
    webgl = null;
  };
  const silently = async (data: string | Uint8Array): Promise<void> => {
    silence += 1;
    try {
      await new Promise<void>((resolve) => {
        terminal.write(data, resolve);
      });
    } finally {
      silence -= 1;
    }
  };

  return {
    terminal,
    search,
    element,
    get usesWebgl() {
      return webgl !== null;
    },
    write(bytes, taken) {
      terminal.write(bytes, () => {
        frames.took(bytes.byteLength);
        taken();
      });
    },
    fit() {
      if (!element.isConnected || element.clientWidth === 0) return;
      if (!isOpen) {
        isOpen = true;
        openInPage(windowWithFrames(frames), () => {
          terminal.open(element);
        });
        if (terminal.textarea) {
          terminal.textarea.setAttribute('aria-label', label);
          paceStyle(terminal.textarea, frames);
        }
        blinkCursor(element, terminal);
      }
      useWebgl();
      fitter.fit();
    },
    rest() {
      dropWebgl();
      element.remove();
    },
    apply(next, nextDress) {
      wantsWebgl = next.renderer === 'auto' && (wantsWebgl || look.renderer !== 'auto');
      look = next;
      Object.assign(terminal.options, optionsOf(look, nextDress));
      terminal.options.scrollback = scrollbackLines(look, terminal.cols);
      if (!wantsWebgl) dropWebgl();
      this.fit();
    },
    draw: (lines, mostCharacters) => drawn(terminal, serializer, modes, lines, mostCharacters),
    async redraw({ text, columns, rows }) {
      terminal.resize(columns, rows);
      await silently(text);
    },
    replay: silently,
    dispose() {
      dropWebgl();
      terminal.dispose();
      element.remove();
    },
  };
}
