import { EventEmitter } from 'node:events';
import { note } from './state.ts';

export { app } from './app.ts';
export { BrowserWindow } from './browser-window.ts';
export { MessageChannelMain } from './message-ports.ts';
export { safeStorage } from './safe-storage.ts';
export { protocol, session } from './session.ts';
export { ipcMain } from './web-contents.ts';

interface MenuItem {
  label?: string;
  role?: string;
  type?: string;
  accelerator?: string;
  registerAccelerator?: boolean;
  checked?: boolean;
  submenu?: MenuItem[];
  click?: () => void;
}
type Template = MenuItem[];

let toClick = process.env['HOMEPORT_SIM_CLICK_MENU'];

/** Checked as Electron checks it; noted, shown nowhere. With HOMEPORT_SIM_CLICK_MENU a person chooses the line of that label, once. */
export const Menu = {
  buildFromTemplate(template: Template): { items: Template } {
    for (const { label, role, type, submenu } of template) {
      if (label === undefined && role === undefined && type !== 'separator') {
        throw new Error('Invalid template for MenuItem: must have label, role or type');
      }
      if (submenu) Menu.buildFromTemplate(submenu);
    }
    return { items: template };
  },
  setApplicationMenu(menu: { items: Template } | null): void {
    note(`menu: ${JSON.stringify(menu?.items ?? [])}`);
    const line = menu?.items.flatMap(({ submenu = [] }) => submenu).find(({ label }) => label === toClick);
    if (line === undefined) return;
    toClick = undefined;
    setImmediate(() => line.click?.());
  },
};

export const dialog = {
  showErrorBox(title: string, content: string): void {
    note(`error box: ${title}: ${content}`);
  },
};

export const shell = {
  async openExternal(url: string): Promise<void> {
    note(`opened outside: ${url}`);
  },
};

/** Noted, shown nowhere; with HOMEPORT_SIM_CLICK_NOTICES=1 a person clicks on each at once. */
export class Notification extends EventEmitter {
  static isSupported(): boolean {
    return true;
  }
  readonly #options: { title?: string; body?: string };
  constructor(options: { title?: string; body?: string } = {}) {
    super();
    this.#options = options;
  }
  show(): void {
    note(`notification: ${this.#options.title ?? ''}: ${this.#options.body ?? ''}`);
    if (process.env['HOMEPORT_SIM_CLICK_NOTICES'] === '1') setImmediate(() => this.emit('click', {}));
  }
}

export const nativeTheme = Object.assign(new EventEmitter(), {
  shouldUseDarkColors: false,
  themeSource: 'system',
});
