import { BrowserWindow, nativeTheme } from 'electron';
import { pageUrl } from './origin.ts';

/** The page's own background, so that a window does not flash before it has painted (tokens.css). */
const background = { dark: '#101418', light: '#f6f7f9' };

export function openWindow(options: { preload: string; isPackaged: boolean }): BrowserWindow {
  const window = new BrowserWindow({
    width: 1280,
    height: 820,
    minWidth: 720,
    minHeight: 480,
    show: false,
    title: 'Homeport',
    autoHideMenuBar: true,
    backgroundColor: nativeTheme.shouldUseDarkColors ? background.dark : background.light,
    webPreferences: {
      preload: options.preload,
      contextIsolation: true,
      sandbox: true,
      nodeIntegration: false,
      nodeIntegrationInWorker: false,
      nodeIntegrationInSubFrames: false,
      webviewTag: false,
      // The speller downloads its dictionaries.
      spellcheck: false,
      devTools: !options.isPackaged,
    },
  });
  window.once('ready-to-show', () => {
    window.show();
  });
  return window;
}

/** A window that is never shown, for printing: no preload, no script, nothing kept. */
export function openHiddenWindow(): BrowserWindow {
  const window = new BrowserWindow({
    show: false,
    webPreferences: {
      contextIsolation: true,
      sandbox: true,
      nodeIntegration: false,
      javascript: false,
      webviewTag: false,
      spellcheck: false,
      devTools: false,
    },
  });
  hidden.add(window);
  return window;
}

const hidden = new WeakSet<BrowserWindow>();

/** The windows that are there for a person. */
export const shownWindows = (): BrowserWindow[] =>
  BrowserWindow.getAllWindows().filter((window) => !hidden.has(window));

/** Shows the page, at an address in it such as `#/runs/<id>`. @throws when it cannot be loaded */
export const loadPage = (window: BrowserWindow, target = ''): Promise<void> =>
  window.loadURL(`${pageUrl}${target}`);
