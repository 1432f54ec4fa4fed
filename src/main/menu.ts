import { Menu, type MenuItemConstructorOptions } from 'electron';
import type { ShowHostMenu } from '../core/host-menu/index.ts';
import type { ParsedHostMenu } from '../shared/contract/host-menu.ts';

type Line = ParsedHostMenu['lines'][number];

interface MenuOptions {
  readonly isPackaged: boolean;
  readonly isMac: boolean;
}

export interface ApplicationMenu {
  /** As long as no page has said what there is to do: the keys that every application is expected to have. */
  showBare(): void;
  /** What the page that has the focus offers. */
  readonly show: ShowHostMenu;
}

/** The menu of the application. Its words and commands are the page's, so that menu, palette and keys say the same. */
export function createMenu({ isPackaged, isMac }: MenuOptions): ApplicationMenu {
  const appMenu: MenuItemConstructorOptions[] = isMac ? [{ role: 'appMenu' }] : [];
  const development: MenuItemConstructorOptions[] = isPackaged
    ? []
    : [{ label: 'Development', submenu: [{ role: 'reload' }, { role: 'toggleDevTools' }] }];
  const set = (template: MenuItemConstructorOptions[]): void => {
    Menu.setApplicationMenu(Menu.buildFromTemplate([...appMenu, ...template, ...development]));
  };

  function lineOf(line: Line, choose: (command: string) => void): MenuItemConstructorOptions {
    if ('separator' in line) return { type: 'separator' };
    if ('role' in line) return { role: line.role, label: line.label };
    const { command, label, accelerator, ownsKey, checked } = line;
    // macOS takes every key that a menu shows, also from a text that is being typed: there a plain letter is not shown.
    const isShown = accelerator !== undefined && (!isMac || ownsKey || accelerator.startsWith('CmdOrCtrl+'));
    return {
      label,
      ...(checked === undefined ? {} : { type: 'checkbox' as const, checked }),
      ...(isShown ? { accelerator, registerAccelerator: ownsKey } : {}),
      click: () => {
        choose(command);
      },
    };
  }

  return {
    showBare: () => {
      set([{ role: 'fileMenu' }, { role: 'editMenu' }, { role: 'windowMenu' }]);
    },
    show: (menus, choose) => {
      set(menus.map(({ label, lines }) => ({ label, submenu: lines.map((line) => lineOf(line, choose)) })));
    },
  };
}
