import type { HomeportHandlers } from '../../shared/contract/index.ts';
import { drawnScreen } from '../../shared/contract/terminals.ts';
import { AppError } from '../../shared/domain/errors.ts';
import type { TerminalLayout } from '../../shared/contract/terminal-windows.ts';
import type { CoreContext } from '../context.ts';
import { readPreferences } from '../preferences/index.ts';
import type { SecretPlace, Vault } from '../vault/types.ts';
import { pause } from '../watch.ts';
import {
  dropLayout,
  eraseScreens,
  readLayouts,
  readScreens,
  writeLayout,
  writeScreens,
} from './window-store.ts';

/** A window that is loading again is gone for a moment; its tabs are not another's before that. */
const graceMs = 60_000;
/** For how long a window that is here already may turn out to be the same one, loading again. */
const oldWireMs = 3_000;

type WindowHandlers = Pick<
  HomeportHandlers,
  | 'terminals.window'
  | 'terminals.giveBack'
  | 'terminals.keepLayout'
  | 'terminals.keepScreens'
  | 'terminals.screens'
>;

/** A window that listens. */
interface Present {
  readonly kind: 'main' | 'own';
  give(layout: TerminalLayout): void;
}

const placeOf = (key: string): SecretPlace => ({
  table: 'terminal_screens',
  rowId: key,
  column: 'enc_screen',
});

/**
 * Which windows there are, which terminals each has and how they lie, and, where the person wants it, what they showed.
 */
export function createTerminalWindows(
  context: CoreContext,
  vault: Pick<Vault, 'encrypt' | 'decryptAll'>,
): { handlers: WindowHandlers; close(): void } {
  /** In the order in which they came. */
  const present = new Map<string, Present>();
  const leaving = new Map<string, NodeJS.Timeout>();
  let isClosed = false;

  const keepsScreens = (): boolean => readPreferences(context).terminal.keepScreens;
  if (!keepsScreens()) eraseScreens(context);
  const unsubscribe = context.bus.subscribe('preferences.changed', () => {
    if (!keepsScreens()) eraseScreens(context);
  });

  const arrive = (windowId: string, window: Present): void => {
    clearTimeout(leaving.get(windowId));
    leaving.delete(windowId);
    present.set(windowId, window);
  };
  const leave = (windowId: string, kind: 'main' | 'own'): void => {
    present.delete(windowId);
    expect(windowId, kind);
  };
  const expect = (windowId: string, kind: 'main' | 'own'): void => {
    if (isClosed) return;
    clearTimeout(leaving.get(windowId));
    const timer = setTimeout(() => {
      leaving.delete(windowId);
      // A window of its own that was closed is done with; the tabs of a main window wait for the next one.
      if (kind === 'own') writeLayout(context, { windowId, layout: { tabs: [], activeTab: 0 } });
    }, graceMs);
    timer.unref();
    leaving.set(windowId, timer);
  };

  /** What that window shows from now on. */
  const takeUp = (windowId: string, kind: 'main' | 'own'): TerminalLayout[] => {
    const all = readLayouts(context);
    const own = all.filter((one) => one.windowId === windowId);
    const isFree = (id: string): boolean => !present.has(id) && !leaving.has(id) && id !== windowId;
    const free = kind === 'main' ? all.filter((one) => isFree(one.windowId)) : [];
    for (const one of free) dropLayout(context, one.windowId);
    return [...own, ...free].map(({ layout }) => layout);
  };

  const handlers: WindowHandlers = {
    'terminals.window': async function* ({ windowId, kind }, { signal }) {
      // A page that loads again may be here before its old wire is known to be closed.
      for (let waited = 0; present.has(windowId) && waited < oldWireMs && !signal.aborted; waited += 50) {
        await pause(50, signal);
      }
      if (present.has(windowId)) {
        yield { isTaken: true, isGiven: false, layouts: [] };
        return;
      }
      const layouts = takeUp(windowId, kind);
      const given: TerminalLayout[] = [];
      let wake: () => void = () => undefined;
      const onAbort = (): void => {
        wake();
      };
      signal.addEventListener('abort', onAbort, { once: true });
      arrive(windowId, {
        kind,
        give(layout) {
          given.push(layout);
          wake();
        },
      });
      try {
        yield { isTaken: false, isGiven: false, layouts };
        while (!signal.aborted) {
          if (given.length > 0) yield { isTaken: false, isGiven: true, layouts: given.splice(0) };
          else
            await new Promise<void>((resolve) => {
              wake = resolve;
            });
        }
      } finally {
        signal.removeEventListener('abort', onAbort);
        leave(windowId, kind);
      }
    },
    'terminals.giveBack': ({ layout }) => {
      const main = [...present.values()].findLast(({ kind }) => kind === 'main');
      if (!main) throw new AppError('not_found', 'No main window is open', { reason: 'no_main_window' });
      main.give(layout);
      return {};
    },
    'terminals.keepLayout': ({ windowId, layout }) => {
      writeLayout(context, { windowId, layout });
      // For a window that is about to open.
      if (!present.has(windowId) && layout.tabs.length > 0) expect(windowId, 'own');
      return {};
    },
    'terminals.keepScreens': ({ windowId, screens }) => {
      if (!keepsScreens()) {
        throw new AppError('not_allowed', 'What terminals show is not kept', { reason: 'screens_off' });
      }
      writeScreens(
        context,
        windowId,
        screens.map(({ key, machineId, screen }) => ({
          key,
          machineId,
          encScreen: vault.encrypt(placeOf(key), JSON.stringify(screen)),
        })),
      );
      return {};
    },
    'terminals.screens': ({ keys }) => {
      const kept = readScreens(context, keys);
      if (kept.length === 0) return { screens: [] };
      const texts = vault.decryptAll(
        kept.map(({ id, encScreen }) => ({ place: placeOf(id), ciphertext: encScreen })),
        { machineId: null, reason: 'Screens of terminals', fields: ['screen'] },
      );
      return {
        screens: kept.map(({ id }, at) => ({
          key: id,
          screen: drawnScreen.parse(JSON.parse(texts[at] ?? '')),
        })),
      };
    },
  };

  return {
    handlers,
    close() {
      isClosed = true;
      unsubscribe();
      for (const timer of leaving.values()) clearTimeout(timer);
    },
  };
}
