import type { FleetRow } from '../../../shared/contract/models.ts';
import type { TabLayout } from '../../../shared/contract/terminal-windows.ts';
import type { TerminalState } from '../../../shared/contract/terminals.ts';
import { overlays } from '../../lib/frame/overlays.svelte.ts';
import { t } from '../../lib/i18n/index.ts';
import { watch } from '../../lib/api.ts';
import { go, router } from '../../lib/router.svelte.ts';
import { preferences } from '../../lib/state/preferences.svelte.ts';
import { toasts } from '../../lib/ui/toasts.svelte.ts';
import { isContactable } from '../fleet/status.ts';
import { gridOf, neighbourOf, panesOf, type Direction } from './layout.ts';
import { Pane, type PaneHost, type PaneOrigin } from './pane.svelte.ts';
import { watchSleep } from './sleep.ts';
import { Tab } from './tab.svelte.ts';
import type { TerminalKey } from './terminal-keys.ts';

/** More beside each other cannot be read. */
const mostPanes = 16;

let tabs = $state.raw<readonly Tab[]>([]);
let activeKey = $state<string | null>(null);
let state = $state.raw<TerminalState | null>(null);
let snippetsFor = $state.raw<Pane | null>(null);
/** Set by the page while it is there: puts the keyboard on the tab. */
let onLeave: () => void = () => undefined;

const indexOf = (key: string | null): number => tabs.findIndex((tab) => tab.key === key);
const tabOf = (pane: Pane): Tab | undefined => tabs.find((tab) => tab.panes.includes(pane));

/** The terminals of this window; they live on while other pages are looked at. */
export const terminals = {
  get tabs(): readonly Tab[] {
    return tabs;
  },
  get panes(): readonly Pane[] {
    return tabs.flatMap((tab) => tab.panes);
  },
  get active(): Tab | null {
    return tabs[indexOf(activeKey)] ?? null;
  },
  /** What the core says; null until it has. */
  get state(): TerminalState | null {
    return state;
  },
  get areOff(): boolean {
    return state?.enabled === false;
  },
  get liveCount(): number {
    return terminals.panes.filter((pane) => pane.isLive).length;
  },
  /** The pane for which a snippet is chosen. */
  get snippetsFor(): Pane | null {
    return snippetsFor;
  },
  set snippetsFor(pane: Pane | null) {
    snippetsFor = pane;
  },
  show(key: string): void {
    activeKey = key;
  },
  step(by: 1 | -1): void {
    if (tabs.length === 0) return;
    activeKey = tabs[(indexOf(activeKey) + by + tabs.length) % tabs.length]?.key ?? null;
  },
  focus(tab: Tab, pane: Pane): void {
    tab.activePaneKey = pane.key;
    pane.focus();
  },
  /** Takes the tab away; sessions that were not handed over end. */
  closeTab(key: string): void {
    const at = indexOf(key);
    const tab = tabs[at];
    if (!tab) return;
    tabs = tabs.filter((one) => one !== tab);
    if (activeKey === key) activeKey = (tabs[at] ?? tabs[at - 1])?.key ?? null;
    for (const pane of tab.panes) pane.close();
  },
  closePane(pane: Pane): void {
    const tab = tabOf(pane);
    if (!tab) return;
    if (tab.panes.length === 1) {
      terminals.closeTab(tab.key);
      return;
    }
    tab.remove(pane);
    pane.close();
    tab.active?.focus();
  },
  /** Another terminal beside that one: on the same machine, or on the one given. */
  split(pane: Pane, direction: Direction, row?: FleetRow): void {
    const tab = tabOf(pane);
    if (!tab) return;
    if (tab.panes.length >= mostPanes) {
      toasts.show({ tone: 'warning', text: () => t('terminals.panes.most', { count: mostPanes }) });
      return;
    }
    endBroadcast(tab);
    const origin = row ? originOf(row) : { machineId: pane.machineId, machineName: pane.machineName };
    tab.add(new Pane(origin, host), pane, direction);
  },
  /** What is typed goes to all panes of the tab, or no longer. */
  toggleBroadcast(tab: Tab): void {
    if (tab.isBroadcasting) tab.isBroadcasting = false;
    else if (tab.canBroadcast) tab.isBroadcasting = true;
    else toasts.show({ tone: 'info', text: () => t('terminals.broadcast.needs') });
  },
  onLeave(act: () => void): () => void {
    onLeave = act;
    return () => {
      if (onLeave === act) onLeave = () => undefined;
    };
  },
  /** Tabs that were kept, or come from another window; what their shells still are is found out. Returns the panes. */
  restore(layouts: readonly TabLayout[], activeTab: number, shows = false): readonly Pane[] {
    const restored = layouts.flatMap(({ root, activeKey: active, panes: kept }) => {
      const panes = kept.map((origin) => new Pane(origin, host));
      const keys = panesOf(root);
      const fits = keys.length === panes.length && panes.every(({ key }) => keys.includes(key));
      return panes.length === 0
        ? []
        : [new Tab(panes, fits ? root : gridOf(panes.map(({ key }) => key)), active)];
    });
    tabs = [...tabs, ...restored];
    const key = (restored[activeTab] ?? restored[0])?.key ?? null;
    activeKey = shows ? (key ?? activeKey) : (activeKey ?? key);
    return restored.flatMap(({ panes }) => panes);
  },
};

/** Which panes get what a person types into this one; itself first. */
export function receiversOf(pane: Pane): readonly Pane[] {
  const tab = tabOf(pane);
  return tab?.isBroadcasting ? [pane, ...tab.openPanes.filter((one) => one !== pane)] : [pane];
}

function endBroadcast(tab: Tab): void {
  if (!tab.isBroadcasting) return;
  tab.isBroadcasting = false;
  toasts.show({ tone: 'info', text: () => t('terminals.broadcast.ended') });
}

const host: PaneHost = {
  act(key, pane) {
    const tab = tabOf(pane);
    if (tab) act(key, pane, tab);
  },
  receivers: receiversOf,
  changed(pane) {
    const tab = tabOf(pane);
    if (tab) endBroadcast(tab);
  },
};

function act(key: Exclude<TerminalKey, 'paste'>, pane: Pane, tab: Tab): void {
  const { fontSizePx } = preferences.value.terminal;
  switch (key) {
    case 'copy':
      pane.copy();
      break;
    case 'search':
      pane.isSearching = true;
      break;
    case 'leave':
      onLeave();
      break;
    case 'next':
    case 'previous':
      terminals.step(key === 'next' ? 1 : -1);
      break;
    case 'palette':
      overlays.palette = true;
      break;
    case 'larger':
    case 'smaller':
      setFontSize(fontSizePx + (key === 'larger' ? 1 : -1));
      break;
    case 'split_row':
    case 'split_column':
      terminals.split(pane, key === 'split_row' ? 'row' : 'column');
      break;
    case 'close':
      terminals.closePane(pane);
      break;
    case 'broadcast':
      terminals.toggleBroadcast(tab);
      break;
    case 'snippets':
      snippetsFor = pane;
      break;
    default: {
      const next = neighbourOf(tab.root, pane.key, key);
      const found = tab.panes.find((one) => one.key === next);
      if (found) terminals.focus(tab, found);
    }
  }
}

export function setFontSize(fontSizePx: number): void {
  const bounded = Math.min(32, Math.max(8, fontSizePx));
  void preferences.set({ terminal: { fontSizePx: bounded } });
}

const originOf = ({ id, name }: Pick<FleetRow, 'id' | 'name'>): PaneOrigin => ({
  machineId: id,
  machineName: name,
});

/** A window of its own has no other page. */
function goToTerminals(): void {
  if (router.route.page !== 'terminal_window') go({ page: 'terminals' });
}

/** A new tab on that machine, shown at once. */
export function openTerminal(row: FleetRow): void {
  openTerminals([row]);
}

/** One new tab with a pane for each machine that can be reached. */
export function openTerminals(rows: readonly FleetRow[]): void {
  const reachable = rows.filter(isContactable);
  if (reachable.length === 0) {
    toasts.show({ tone: 'warning', text: () => t('fleet.nothingToDo') });
    return;
  }
  if (reachable.length > mostPanes) {
    toasts.show({ tone: 'warning', text: () => t('terminals.panes.most', { count: mostPanes }) });
  }
  const panes = reachable.slice(0, mostPanes).map((row) => new Pane(originOf(row), host));
  const tab = new Tab(panes, gridOf(panes.map(({ key }) => key)));
  tabs = [...tabs, tab];
  activeKey = tab.key;
  goToTerminals();
}

export function followTerminals(): void {
  watch('terminals.watch', {}, (next) => (state = next));
  watchSleep(() => {
    for (const pane of terminals.panes) pane.afterSleep();
  });
  // Electron would refuse to close its window without a word.
  if (window.homeportHost !== undefined) return;
  addEventListener('beforeunload', (event) => {
    if (terminals.liveCount > 0) event.preventDefault();
  });
}
