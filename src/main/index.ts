import path from 'node:path';
import { parseArgs } from 'node:util';
import { app, dialog, safeStorage, session } from 'electron';
import { createCore, type Core } from '../core/index.ts';
import type { Log } from '../core/context.ts';
import type { PrintPdf } from '../core/reports/index.ts';
import { defaultDataDir, prepareDataDir } from '../gateway/data-dir.ts';
import { startAdvice } from '../gateway/failures.ts';
import { hostLanguage, speak } from '../gateway/language.ts';
import { serveLocalSocket, type LocalSocket } from '../gateway/local-socket.ts';
import { openLogFile } from '../gateway/log-file.ts';
import { version } from '../gateway/version.ts';
import { say } from '../gateway/words/index.ts';
import { createNoticeShower } from './desktop-notices.ts';
import { askWhereToSave } from './downloads.ts';
import { createMenu, type ApplicationMenu } from './menu.ts';
import { registerScheme, servePage } from './page-protocol.ts';
import { createPdfPrinter } from './print-pdf.ts';
import { createSafeStorageWrapper } from './safe-storage.ts';
import { refusePermissions, restrictPages } from './web-security.ts';
import { serveWindows } from './window-wires.ts';
import { loadPage, openHiddenWindow, openWindow, shownWindows } from './window.ts';

// The bundle is out/main/index.js; what it needs lies beside out/.
const root = path.resolve(import.meta.dirname, '../..');

interface Running {
  readonly core: Core;
  readonly windows: { close(): void };
  readonly socket: LocalSocket | null;
}

/** Electron's own switches are mixed in, so what is not ours is passed over. */
function chosenDataDir(): string {
  const { values } = parseArgs({
    args: process.argv.slice(1),
    options: { 'data-dir': { type: 'string' } },
    strict: false,
  });
  const given = values['data-dir'];
  return path.resolve(typeof given === 'string' ? given : defaultDataDir());
}

async function startCore(
  dataDir: string,
  log: Log,
  printPdf: PrintPdf,
  menu: ApplicationMenu,
): Promise<Running> {
  const core = await createCore({
    dataDir,
    resourcesDir: path.join(root, 'resources'),
    migrationsDir: path.join(root, 'migrations'),
    host: 'electron',
    version,
    wrappers: [createSafeStorageWrapper(safeStorage)],
    log,
    showDesktopNotice: createNoticeShower({ open: (target) => showTarget(target, log) }),
    printPdf,
    showMenu: menu.show,
  });
  const windows = serveWindows(core.dispatch, log);
  const socket = await serveLocalSocket({ dataDir, dispatch: core.dispatch, log });
  return { core, windows, socket };
}

function showWindow(log: Log, target?: string): void {
  const preload = path.join(root, 'out/preload/index.cjs');
  const window = openWindow({ preload, isPackaged: app.isPackaged });
  loadPage(window, target).catch((error: unknown) => {
    log.error('The page could not be loaded', { error });
  });
}

/** Shows an address of the page in a window that is there, else in a new one. */
function showTarget(target: string, log: Log): void {
  const [window] = shownWindows();
  if (!window) {
    showWindow(log, target);
    return;
  }
  if (window.isMinimized()) window.restore();
  window.show();
  window.focus();
  // Only what follows the # differs: the page stays as it is and goes there.
  loadPage(window, target).catch((error: unknown) => {
    log.error('What a notification is about could not be shown', { target, error });
  });
}

async function closeCore({ socket, core }: Running): Promise<void> {
  await socket?.close();
  await core.close();
}

/** Ends in order: wires, jobs, database. Only then may the process exit. */
function closeBeforeExit(running: Running, log: Log): void {
  let isClosing = false;
  app.on('will-quit', (event) => {
    event.preventDefault();
    if (isClosing) return;
    isClosing = true;
    running.windows.close();
    closeCore(running).then(
      () => {
        app.exit(0);
      },
      (error: unknown) => {
        log.error('The core did not close cleanly', { error });
        app.exit(1);
      },
    );
  });
}

async function run(dataDir: string): Promise<void> {
  const log = openLogFile(dataDir);
  const printer = createPdfPrinter(openHiddenWindow);
  const menu = createMenu({ isPackaged: app.isPackaged, isMac: process.platform === 'darwin' });
  menu.showBare();
  const running = await startCore(dataDir, log, printer.printPdf, menu);
  closeBeforeExit(running, log);
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => {
      app.quit();
    });
  }
  refusePermissions(session.defaultSession);
  servePage(session.defaultSession, path.join(root, 'out/renderer'), printer.documents, (ticket) =>
    running.core.findDownload(ticket),
  );
  askWhereToSave(session.defaultSession, () => app.getPath('downloads'));
  app.on('second-instance', () => {
    const window = shownWindows()[0];
    if (window?.isMinimized()) window.restore();
    if (window) window.focus();
    else showWindow(log);
  });
  app.on('activate', () => {
    if (shownWindows().length === 0) showWindow(log);
  });
  app.on('window-all-closed', () => {
    if (process.platform !== 'darwin') app.quit();
    // Nobody would answer to what the last window offered.
    else menu.showBare();
  });
  showWindow(log);
}

function failStart(dataDir: string, error: unknown): void {
  speak(hostLanguage(dataDir));
  const text = startAdvice(error, { dataDir, port: 0 }) ?? (error instanceof Error ? error.message : '');
  console.error('Homeport could not start.', error);
  dialog.showErrorBox(say('host.failed'), text);
  app.exit(1);
}

function start(): void {
  const dataDir = chosenDataDir();
  app.setName('Homeport');
  try {
    prepareDataDir(dataDir);
  } catch (error) {
    failStart(dataDir, error);
    return;
  }
  // Chromium's own files, and with them the single-instance lock, belong to the data directory.
  app.setPath('userData', path.join(dataDir, 'electron'));
  if (!app.requestSingleInstanceLock()) {
    app.quit();
    return;
  }
  registerScheme();
  app.enableSandbox();
  restrictPages(app, {
    openWindow: (target) => {
      showWindow(console, target);
    },
    onFailure: (error) => {
      console.error('A link could not be opened', error);
    },
  });
  // Not awaited: Electron is ready only after this module has finished (electron#40719).
  app
    .whenReady()
    .then(() => run(dataDir))
    .catch((error: unknown) => {
      failStart(dataDir, error);
    });
}

start();
