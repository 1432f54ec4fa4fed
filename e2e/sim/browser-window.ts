import { EventEmitter } from 'node:events';
import { app } from './app.ts';
import { chromium, note, preventable, state } from './state.ts';
import { WebContents } from './web-contents.ts';
import { windows } from './windows.ts';

interface WindowOptions {
  width?: number;
  height?: number;
  title?: string;
  show?: boolean;
  webPreferences?: {
    preload?: string;
    contextIsolation?: boolean;
    sandbox?: boolean;
    nodeIntegration?: boolean;
    javascript?: boolean;
  };
}

/** A window is a page; what only a window system can do (place, focus, minimise) is accepted and forgotten. */
export class BrowserWindow extends EventEmitter {
  static readonly #all = new Set<BrowserWindow>();
  static getAllWindows(): BrowserWindow[] {
    return [...BrowserWindow.#all];
  }
  /** No window system: none has the keyboard. */
  static getFocusedWindow(): BrowserWindow | null {
    return null;
  }
  static fromWebContents(contents: WebContents): BrowserWindow | null {
    return [...BrowserWindow.#all].find((window) => window.webContents === contents) ?? null;
  }

  readonly webContents = new WebContents();
  readonly #opened: Promise<void>;
  #isVisible: boolean;
  #isDestroyed = false;

  constructor(options: WindowOptions = {}) {
    super();
    if (!state.isReady) throw new Error('Cannot create BrowserWindow before app is ready');
    const {
      contextIsolation = true,
      sandbox = true,
      nodeIntegration = false,
      javascript = true,
      preload,
    } = options.webPreferences ?? {};
    if (!contextIsolation || !sandbox || nodeIntegration) {
      throw new Error('Only isolated, sandboxed pages without Node are simulated');
    }
    this.#isVisible = options.show ?? true;
    windows.add(this);
    BrowserWindow.#all.add(this);
    app.emit('web-contents-created', {}, this.webContents);
    this.webContents.once('did-finish-load', () => this.emit('ready-to-show'));
    this.webContents.once('destroyed', () => {
      this.#gone();
    });
    const size = { width: options.width ?? 800, height: options.height ?? 600 };
    this.#opened = this.webContents
      .simOpen(preload, size)
      .then(() => (javascript ? undefined : this.webContents.simWithoutScript()));
    this.#opened.catch((error: unknown) => {
      note(`a window could not be opened: ${String(error)}`);
    });
  }

  async loadURL(url: string): Promise<void> {
    await this.#opened;
    await this.webContents.simLoad(url);
  }
  show(): void {
    this.#isVisible = true;
  }
  isVisible(): boolean {
    return this.#isVisible;
  }
  focus(): void {
    note('a window was focused');
  }
  isMinimized(): boolean {
    return false;
  }
  restore(): void {}
  isDestroyed(): boolean {
    return this.#isDestroyed;
  }
  close(): void {
    void this.simClose();
  }
  destroy(): void {
    void this.simDestroy();
  }

  /** For the simulation, see OpenWindow. */
  async simClose(): Promise<void> {
    const event = preventable({});
    this.emit('close', event);
    if (event.defaultPrevented) return;
    await this.simDestroy();
  }
  async simDestroy(): Promise<void> {
    if (this.#isDestroyed) return;
    await this.#opened.catch(() => undefined);
    await this.webContents.simCloseTarget();
    this.webContents.simDestroyed();
  }
  #gone(): void {
    this.#isDestroyed = true;
    windows.delete(this);
    BrowserWindow.#all.delete(this);
    this.emit('closed');
    app.simWindowGone();
  }
}

/** Follows Chromium's list of pages: ours that went away, and popups, which are closed at once. */
export async function watchPages(): Promise<void> {
  const { cdp } = chromium();
  cdp.listen(undefined, (method, params) => {
    if (method === 'Target.targetDestroyed') {
      for (const { webContents } of BrowserWindow.getAllWindows()) {
        if (webContents.simIsTarget(params['targetId'])) webContents.simDestroyed();
      }
    } else if (method === 'Target.targetCreated') {
      const { targetId, openerId, type } = params['targetInfo'] as Record<string, string | undefined>;
      if (type === 'page' && openerId !== undefined) void cdp.send('Target.closeTarget', { targetId });
    }
  });
  await cdp.send('Target.setDiscoverTargets', { discover: true });
}
