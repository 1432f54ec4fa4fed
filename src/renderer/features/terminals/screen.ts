import { FitAddon } from '@xterm/addon-fit';
import { SearchAddon } from '@xterm/addon-search';
import { Unicode11Addon } from '@xterm/addon-unicode11';
import { WebLinksAddon } from '@xterm/addon-web-links';
import { WebglAddon } from '@xterm/addon-webgl';
import { Terminal, type ITerminalOptions } from '@xterm/xterm';
import '@xterm/xterm/css/xterm.css';
import type { Preferences } from '../../../shared/contract/models.ts';
import { clipboardText } from './osc52.ts';
import { terminalThemes } from './terminal-theme.ts';
import { withSafeElements, xtermDocument } from './xterm-document.ts';

export interface ScreenEvents {
  typed(bytes: Uint8Array): void;
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

/** xterm in an element of its own, which can move from page to page; it lives as long as its tab. */
export interface Screen {
  readonly terminal: Terminal;
  readonly search: SearchAddon;
  /** Put it where it shall be seen, then call `fit`. */
  readonly element: HTMLElement;
  readonly usesWebgl: boolean;
  /** As many columns and rows as there is room for. */
  fit(): void;
  apply(look: Preferences['terminal'], theme: 'light' | 'dark', zoomPercent: number): void;
  dispose(): void;
}

const bundledFont = "'JetBrains Mono Variable', ui-monospace, 'Cascadia Mono', 'DejaVu Sans Mono', monospace";

function optionsOf(
  look: Preferences['terminal'],
  theme: 'light' | 'dark',
  zoomPercent: number,
): ITerminalOptions {
  return {
    fontFamily: look.fontFamily.trim() === '' ? bundledFont : `${look.fontFamily}, ${bundledFont}`,
    fontSize: Math.round((look.fontSizePx * zoomPercent) / 100),
    scrollback: look.scrollbackLines,
    cursorBlink: look.cursorBlink,
    screenReaderMode: look.screenReader,
    theme: terminalThemes[theme],
  };
}

const encoder = new TextEncoder();

export function createScreen(
  look: Preferences['terminal'],
  theme: 'light' | 'dark',
  zoomPercent: number,
  label: string,
  on: ScreenEvents,
): Screen {
  let allowsClipboard = look.allowClipboardWrite;
  const activate = (event: MouseEvent, url: string): void => {
    if (event.ctrlKey || event.metaKey) on.link(url);
  };
  const terminal = new Terminal({
    ...optionsOf(look, theme, zoomPercent),
    documentOverride: xtermDocument,
    allowProposedApi: true,
    convertEol: false,
    lineHeight: 1.15,
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
  terminal.loadAddon(fitter);
  terminal.loadAddon(search);
  terminal.loadAddon(new WebLinksAddon(activate));
  terminal.loadAddon(new Unicode11Addon());
  terminal.unicode.activeVersion = '11';

  const element = document.createElement('div');
  element.className = 'terminal-screen';
  let isOpen = false;
  let webgl: WebglAddon | null = null;
  let wantsWebgl = look.renderer === 'auto';

  terminal.onData((text) => {
    on.typed(encoder.encode(text));
  });
  // Mouse reports of the oldest kind are bytes, not text.
  terminal.onBinary((text) => {
    on.typed(Uint8Array.from(text, (character) => character.charCodeAt(0)));
  });
  terminal.onResize(({ cols, rows }) => {
    on.resized(cols, rows);
  });
  terminal.onTitleChange((title) => {
    on.title(title);
  });
  terminal.onBell(() => {
    on.bell();
  });
  terminal.onSelectionChange(() => {
    if (terminal.hasSelection()) on.selected(terminal.getSelection());
  });
  terminal.attachCustomKeyEventHandler((event) => {
    if (!on.key(event)) return true;
    return false;
  });
  terminal.parser.registerOscHandler(52, (data) => {
    const text = allowsClipboard ? clipboardText(data) : null;
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
        webgl = null;
        addon.dispose();
      });
      terminal.loadAddon(addon);
      webgl = addon;
    } catch (error) {
      wantsWebgl = false;
      console.warn('Terminals are drawn without WebGL', error);
    }
  };

  return {
    terminal,
    search,
    element,
    get usesWebgl() {
      return webgl !== null;
    },
    fit() {
      if (!element.isConnected || element.clientWidth === 0) return;
      if (!isOpen) {
        isOpen = true;
        withSafeElements(() => {
          terminal.open(element);
        });
        terminal.textarea?.setAttribute('aria-label', label);
        useWebgl();
      }
      fitter.fit();
    },
    apply(next, nextTheme, nextZoom) {
      allowsClipboard = next.allowClipboardWrite;
      Object.assign(terminal.options, optionsOf(next, nextTheme, nextZoom));
      wantsWebgl = next.renderer === 'auto' && (wantsWebgl || look.renderer !== 'auto');
      look = next;
      if (wantsWebgl) useWebgl();
      else if (webgl !== null) {
        webgl.dispose();
        webgl = null;
      }
      this.fit();
    },
    dispose() {
      terminal.dispose();
      element.remove();
    },
  };
}
