import type { BrowserWindow } from './browser-window.ts';

/** Every window that is open. */
export const windows = new Set<BrowserWindow>();
