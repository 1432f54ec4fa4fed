import { Menu, type MenuItemConstructorOptions } from 'electron';

const labels = {
  en: { file: 'File', edit: 'Edit', view: 'View', window: 'Window' },
  fr: { file: 'Fichier', edit: 'Édition', view: 'Affichage', window: 'Fenêtre' },
} as const;

/** The keys that an application is expected to have. What the product does is in its own interface. */
export function setMenu(options: { locale: string; isPackaged: boolean; isMac: boolean }): void {
  const words = options.locale.toLowerCase().startsWith('fr') ? labels.fr : labels.en;
  const zoom: MenuItemConstructorOptions[] = [
    { role: 'resetZoom' },
    { role: 'zoomIn' },
    { role: 'zoomOut' },
    { type: 'separator' },
    { role: 'togglefullscreen' },
  ];
  const development: MenuItemConstructorOptions[] = options.isPackaged
    ? []
    : [{ type: 'separator' }, { role: 'reload' }, { role: 'toggleDevTools' }];
  const edit: MenuItemConstructorOptions[] = [
    { role: 'undo' },
    { role: 'redo' },
    { type: 'separator' },
    { role: 'cut' },
    { role: 'copy' },
    { role: 'paste' },
    { role: 'selectAll' },
  ];
  Menu.setApplicationMenu(
    Menu.buildFromTemplate([
      ...(options.isMac ? [{ role: 'appMenu' } as const] : []),
      { label: words.file, submenu: [{ role: options.isMac ? 'close' : 'quit' }] },
      { label: words.edit, submenu: edit },
      { label: words.view, submenu: [...zoom, ...development] },
      { label: words.window, submenu: [{ role: 'minimize' }, { role: 'close' }] },
    ]),
  );
}
