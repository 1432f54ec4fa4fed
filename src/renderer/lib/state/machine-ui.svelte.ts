import type { MachineUi } from '../../../shared/contract/machine-ui.ts';
import type { TileMode } from '../../../shared/domain/unions.ts';
import { api, watch } from '../api.ts';
import { perform } from '../perform.ts';
import { machineTabs, type MachineTab } from '../router.svelte.ts';

let states = $state.raw<ReadonlyMap<string, MachineUi>>(new Map());

/** The tiles that are shown otherwise than the density says; the same map for as long as none changes. */
let modes = $state.raw<ReadonlyMap<string, TileMode>>(new Map());

let loaded = $state(false);

function take(changed: readonly MachineUi[]): void {
  const next = new Map([...states, ...changed.map((one) => [one.machineId, one] as const)]);
  states = next;
  if (changed.some(({ machineId, tileMode }) => tileMode !== (modes.get(machineId) ?? null))) {
    modes = new Map([...next].flatMap(([id, { tileMode }]) => (tileMode === null ? [] : [[id, tileMode]])));
  }
}

const blank = (machineId: string): MachineUi => ({ machineId, tileMode: null, lastTab: null, sections: {} });

/** Shows it at once; what the database says comes back and stands. */
function set(machineId: string, change: Partial<Omit<MachineUi, 'machineId'>>): void {
  const before = states.get(machineId) ?? blank(machineId);
  take([{ ...before, ...change, sections: { ...before.sections, ...change.sections } }]);
  const { lastTab, ...rest } = change;
  const stored = typeof lastTab === 'string' ? { ...rest, lastTab } : rest;
  void perform(() => api['machineUi.set']({ machineId, ...stored })).then((done) => {
    if (done === undefined) take([before]);
  });
}

/** How each machine was left in the interface: of the database, the same in every window. */
export const machineUi = {
  /** False until the database has said what it holds. */
  get loaded(): boolean {
    return loaded;
  },
  get tileModes(): ReadonlyMap<string, TileMode> {
    return modes;
  },
  setTileMode: (id: string, tileMode: TileMode | null): void => set(id, { tileMode }),
  lastTab(id: string): MachineTab | undefined {
    const name = states.get(id)?.lastTab;
    return machineTabs.find((tab) => tab === name);
  },
  rememberTab(id: string, tab: MachineTab): void {
    if ((states.get(id)?.lastTab ?? 'overview') !== tab) set(id, { lastTab: tab });
  },
  isOpen: (id: string, section: string, usually: boolean): boolean =>
    states.get(id)?.sections[section] ?? usually,
  setOpen(id: string, section: string, open: boolean): void {
    if (states.get(id)?.sections[section] !== open) set(id, { sections: { [section]: open } });
  },
};

export function followMachineUi(): void {
  watch('machineUi.watch', {}, ({ machines }) => {
    take(machines);
    loaded = true;
  });
}
