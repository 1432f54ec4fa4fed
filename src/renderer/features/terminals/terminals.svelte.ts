import type { FleetRow } from '../../../shared/contract/models.ts';
import type { TerminalState } from '../../../shared/contract/terminals.ts';
import { t } from '../../lib/i18n/index.ts';
import { watch } from '../../lib/api.ts';
import { go } from '../../lib/router.svelte.ts';
import { toasts } from '../../lib/ui/toasts.svelte.ts';
import { isContactable } from '../fleet/status.ts';
import { TerminalTab } from './session.svelte.ts';

let tabs = $state.raw<readonly TerminalTab[]>([]);
let activeKey = $state<string | null>(null);
let state = $state.raw<TerminalState | null>(null);
/** Set by the page while it is there: puts the keyboard on the tab. */
let onLeave: () => void = () => undefined;

const indexOf = (key: string | null): number => tabs.findIndex((tab) => tab.key === key);

/** The terminals of this window; they live on while other pages are looked at. */
export const terminals = {
  get tabs(): readonly TerminalTab[] {
    return tabs;
  },
  get active(): TerminalTab | null {
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
    return tabs.filter((tab) => tab.isLive).length;
  },
  show(key: string): void {
    activeKey = key;
  },
  step(by: 1 | -1): void {
    if (tabs.length === 0) return;
    activeKey = tabs[(indexOf(activeKey) + by + tabs.length) % tabs.length]?.key ?? null;
  },
  close(key: string): void {
    const at = indexOf(key);
    const tab = tabs[at];
    if (!tab) return;
    tabs = tabs.filter((one) => one !== tab);
    if (activeKey === key) activeKey = (tabs[at] ?? tabs[at - 1])?.key ?? null;
    tab.close();
  },
  onLeave(act: () => void): () => void {
    onLeave = act;
    return () => {
      if (onLeave === act) onLeave = () => undefined;
    };
  },
};

/** A new tab on that machine, shown at once. */
export function openTerminal(row: FleetRow): void {
  if (!isContactable(row)) {
    toasts.show({ tone: 'warning', text: () => t('fleet.nothingToDo') });
    return;
  }
  const tab = new TerminalTab(row, {
    leave: () => {
      onLeave();
    },
    step: (by) => {
      terminals.step(by);
    },
  });
  tabs = [...tabs, tab];
  activeKey = tab.key;
  go({ page: 'terminals' });
}

export function followTerminals(): void {
  watch('terminals.watch', {}, (next) => (state = next));
  // Electron would refuse to close its window without a word.
  if (window.homeportHost !== undefined) return;
  addEventListener('beforeunload', (event) => {
    if (terminals.liveCount > 0) event.preventDefault();
  });
}
