import type { PaneNode, TabLayout } from '../../../shared/contract/terminal-windows.ts';
import { removePane, splitPane, withRatio, type Direction } from './layout.ts';
import type { Pane } from './pane.svelte.ts';

/** A tab: panes, how they lie, and which of them has the keyboard. */
export class Tab {
  readonly key = crypto.randomUUID();
  root = $state.raw<PaneNode>('');
  panes = $state.raw<readonly Pane[]>([]);
  activePaneKey = $state('');
  /** What is typed into one of its panes goes to all that are open. */
  isBroadcasting = $state(false);

  constructor(panes: readonly Pane[], root: PaneNode, activeKey = panes[0]?.key ?? '') {
    this.panes = panes;
    this.root = root;
    this.activePaneKey = activeKey;
  }

  get active(): Pane | null {
    return this.panes.find(({ key }) => key === this.activePaneKey) ?? this.panes[0] ?? null;
  }
  get openPanes(): readonly Pane[] {
    return this.panes.filter(({ status }) => status === 'open');
  }
  /** Whether there is anything to broadcast to. */
  get canBroadcast(): boolean {
    return this.openPanes.length > 1;
  }

  add(pane: Pane, beside: Pane, direction: Direction): void {
    this.isBroadcasting = false;
    this.root = splitPane(this.root, beside.key, direction, pane.key);
    this.panes = [...this.panes, pane];
    this.activePaneKey = pane.key;
  }
  remove(pane: Pane): void {
    this.isBroadcasting = false;
    const index = this.panes.indexOf(pane);
    this.panes = this.panes.filter((one) => one !== pane);
    this.root = removePane(this.root, pane.key) ?? '';
    if (this.activePaneKey === pane.key) {
      this.activePaneKey = (this.panes[index] ?? this.panes[index - 1])?.key ?? '';
    }
  }
  setRatio(path: string, ratio: number): void {
    this.root = withRatio(this.root, path, ratio);
  }

  /** What is kept of it. */
  get layout(): TabLayout {
    return {
      root: this.root,
      activeKey: this.active?.key ?? '',
      panes: this.panes.map(({ key, machineId, machineName, sessionId }) => ({
        key,
        machineId,
        machineName,
        sessionId,
      })),
    };
  }
}
