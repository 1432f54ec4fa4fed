import type { TerminalLayout } from '../../../shared/contract/terminal-windows.ts';
import { toAppError } from '../../../shared/domain/errors.ts';
import { api, watch } from '../../lib/api.ts';
import { t } from '../../lib/i18n/index.ts';
import { perform } from '../../lib/perform.ts';
import { go, href, router } from '../../lib/router.svelte.ts';
import { preferences } from '../../lib/state/preferences.svelte.ts';
import { vault } from '../../lib/state/vault.svelte.ts';
import { toasts } from '../../lib/ui/toasts.svelte.ts';
import type { Pane } from './pane.svelte.ts';
import type { Tab } from './tab.svelte.ts';
import { terminals } from './terminals.svelte.ts';

const idKey = 'homeport.terminals.window';
const layoutGapMs = 300;
const screensEveryMs = 20_000;
/** What is stored of a pane, where the person wants it. */
const stored = { lines: 500, characters: 256 * 1024 };

const ownRoute = router.route.page === 'terminal_window' ? router.route : null;
/** A window that was moved out of another one, with nothing in it but terminals. */
export const isOwnWindow = ownRoute !== null;
let windowId = ownRoute?.id ?? rememberedId();
/** Nothing is kept before it is known what there was. */
let isRestored = $state(false);

/** Only a number that says which window this is; it stays with the browser's tab while that loads again. */
function rememberedId(): string {
  try {
    const id = sessionStorage.getItem(idKey);
    if (id !== null && /^[0-9a-f-]{36}$/.test(id)) return id;
  } catch (error) {
    console.warn('Which window this is could not be read', error);
  }
  return newId();
}

function newId(): string {
  const id = crypto.randomUUID();
  try {
    sessionStorage.setItem(idKey, id);
  } catch (error) {
    console.warn('Which window this is could not be kept', error);
  }
  return id;
}

const layoutNow = (): TerminalLayout => ({
  tabs: terminals.tabs.map((tab) => tab.layout),
  activeTab: Math.max(
    0,
    terminals.tabs.findIndex((tab) => tab === terminals.active),
  ),
});

/** `shows`: the first of them is what a person wants to see. */
async function restore(layouts: readonly TerminalLayout[], shows = false): Promise<void> {
  const before = new Map(
    layouts.flatMap(({ tabs }) =>
      tabs.flatMap((tab) => tab.panes.map((pane) => [pane.key, pane.sessionId] as const)),
    ),
  );
  const panes = layouts.flatMap(({ tabs, activeTab }) => terminals.restore(tabs, activeTab, shows));
  isRestored = true;
  const rest: Pane[] = [];
  await Promise.all(
    panes.map(async (pane) => {
      const sessionId = before.get(pane.key) ?? null;
      if (sessionId === null || !(await pane.resume(sessionId))) rest.push(pane);
    }),
  );
  showKeptOnceOpen(rest);
}

/** What panes showed before a restart, where it was kept: it is encrypted, so the vault has to be open. */
function showKeptOnceOpen(panes: readonly Pane[]): void {
  if (panes.length === 0) return;
  const stop = $effect.root(() => {
    $effect(() => {
      if (!preferences.loaded || vault.status?.state !== 'unlocked') return;
      queueMicrotask(() => {
        stop();
      });
      if (preferences.value.terminal.keepScreens) void showKept(panes);
    });
  });
}

async function showKept(panes: readonly Pane[]): Promise<void> {
  const kept = await perform(() => api['terminals.screens']({ keys: panes.map(({ key }) => key) }));
  for (const { key, screen } of kept?.screens ?? []) {
    const pane = panes.find((one) => one.key === key);
    if (pane?.status === 'kept') await pane.screen.redraw(screen);
  }
}

let keptLayout = '';
function keepLayout(layout: TerminalLayout): void {
  const text = JSON.stringify(layout);
  if (text === keptLayout) return;
  keptLayout = text;
  api['terminals.keepLayout']({ windowId, layout }).catch((error: unknown) => {
    keptLayout = '';
    // Without a wire there is nobody to keep it; it is sent again with the next change.
    if (toAppError(error).code !== 'disconnected') console.error('The layout was not kept', error);
  });
}

async function keepScreens(): Promise<void> {
  if (!preferences.value.terminal.keepScreens || vault.status?.state !== 'unlocked') return;
  const panes = terminals.panes.filter((pane) => pane.needsKeeping);
  if (panes.length === 0) return;
  try {
    for (const pane of panes) {
      const screen = pane.drawToKeep(stored.lines, stored.characters);
      const screens = [{ key: pane.key, machineId: pane.machineId, screen }];
      await api['terminals.keepScreens']({ windowId, screens });
    }
  } catch (error) {
    const { code } = toAppError(error);
    if (code !== 'disconnected' && code !== 'vault_locked') console.error('Screens were not kept', error);
  }
}

/** Says which window this is, takes up the tabs that are its own, and keeps them. */
export function followTerminalWindow(): void {
  subscribe();
  $effect.root(() => {
    $effect(() => {
      const layout = layoutNow();
      if (!isRestored) return;
      const timer = setTimeout(() => {
        keepLayout(layout);
      }, layoutGapMs);
      return () => {
        clearTimeout(timer);
      };
    });
    $effect(() => {
      if (isOwnWindow && isRestored && terminals.tabs.length === 0) leaveEmptyWindow();
    });
  });
  setInterval(() => void keepScreens(), screensEveryMs);
  addEventListener('pagehide', () => {
    // A shell that was opened a moment ago is known to the next page as well.
    if (isRestored) keepLayout(layoutNow());
    for (const pane of terminals.panes) pane.leaveBehind();
  });
}

let isFirst = true;
function subscribe(): void {
  const stop = watch('terminals.window', { windowId, kind: isOwnWindow ? 'own' : 'main' }, (news) => {
    if (news.isTaken && !isOwnWindow) {
      // A copied browser tab has the memory of the one that it was copied from.
      stop();
      windowId = newId();
      subscribe();
      return;
    }
    if (news.isGiven) takeBack(news.layouts);
    // After a break of the wire the window has its tabs already.
    else if (isFirst) void restore(news.layouts);
    isFirst = false;
  });
}

/** Tabs that another window gives back. A person may be in the middle of something else here. */
function takeBack(layouts: readonly TerminalLayout[]): void {
  void restore(layouts, true);
  if (router.route.page === 'terminals') return;
  toasts.show({
    tone: 'info',
    text: () => t('terminals.returned'),
    action: {
      label: () => t('terminals.returned.show'),
      run: () => {
        go({ page: 'terminals' });
      },
    },
  });
}

/** The last terminal of a window of its own was closed, so the window is done. */
function leaveEmptyWindow(): void {
  keepLayout({ tabs: [], activeTab: 0 });
  // Windows that a page opened may close themselves; one that was not stays, and shows where to go on.
  setTimeout(() => {
    window.close();
  }, 100);
}

/** Moves the tab into a window of its own; its shells go on. */
export async function popOut(tab: Tab): Promise<void> {
  const id = crypto.randomUUID();
  const layout = { tabs: [tab.layout], activeTab: 0 };
  await perform(async () => {
    await api['terminals.keepLayout']({ windowId: id, layout });
    const address = href({ page: 'terminal_window', id });
    const opened = window.open(`${location.pathname}${address}`, '_blank', 'popup,width=1000,height=700');
    // Electron opens the window by itself and always says null.
    if (opened === null && window.homeportHost === undefined) {
      await api['terminals.keepLayout']({ windowId: id, layout: { tabs: [], activeTab: 0 } });
      toasts.show({ tone: 'warning', text: () => t('terminals.popupBlocked') });
      return;
    }
    await Promise.all(tab.panes.map((pane) => pane.handOver()));
    terminals.closeTab(tab.key);
    toasts.show({ tone: 'info', text: () => t('terminals.moved') });
  });
}

/** Moves a tab of a window of its own back into the main window; its shells go on. */
export async function bringBack(tab: Tab): Promise<void> {
  await perform(async () => {
    try {
      await api['terminals.giveBack']({ layout: { tabs: [tab.layout], activeTab: 0 } });
    } catch (error) {
      if (toAppError(error).code !== 'not_found') throw error;
      toasts.show({ tone: 'warning', text: () => t('terminals.noMainWindow') });
      return;
    }
    await Promise.all(tab.panes.map((pane) => pane.handOver()));
    terminals.closeTab(tab.key);
  });
}
