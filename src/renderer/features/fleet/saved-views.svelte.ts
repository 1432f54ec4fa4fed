import { untrack } from 'svelte';
import type { FleetView, FleetViewDefinition } from '../../../shared/contract/models.ts';
import { api, watch } from '../../lib/api.ts';
import { t } from '../../lib/i18n/index.ts';
import { perform } from '../../lib/perform.ts';
import { preferences } from '../../lib/state/preferences.svelte.ts';
import { toasts } from '../../lib/ui/toasts.svelte.ts';
import { view } from './view.svelte.ts';

let list = $state.raw<readonly FleetView[]>([]);
let loaded = $state(false);
const current = $derived(list.find(({ id }) => id === preferences.value.fleetViewId) ?? null);

const textOf = ({ filter, query, layout, sort, group, columns }: FleetViewDefinition): string =>
  JSON.stringify([filter, query, layout, sort.by, sort.direction, group, columns]);

/** The fleet as it is without a view: every machine by name. Layout and columns stay as they are. */
async function showAll(): Promise<void> {
  view.look({ filter: 'machines', query: '' });
  await preferences.set({
    fleetViewId: null,
    fleetGroup: 'none',
    fleetSort: { by: 'name', direction: 'asc' },
    fleetShown: { filter: 'machines', query: '' },
  });
}

async function show({ id, definition }: FleetView): Promise<void> {
  const { filter, query, layout, sort, group, columns } = definition;
  view.look({ filter, query });
  await preferences.set({
    fleetViewId: id,
    fleetView: layout,
    fleetSort: sort,
    fleetGroup: group,
    fleetColumns: columns,
    fleetShown: { filter, query },
  });
}

/** Views of the fleet that have a name; the database holds them, this is what it last said. */
export const savedViews = {
  get list(): readonly FleetView[] {
    return list;
  },
  /** The view that was chosen last, if it still exists. */
  get current(): FleetView | null {
    return current;
  },
  /** Whether what is shown differs from what the current view keeps. */
  get isModified(): boolean {
    return current !== null && textOf(current.definition) !== textOf(view.definition);
  },
  show,
  showAll,
  /** Whether another view has this name already; the core refuses it as well. */
  isTaken(name: string, exceptId?: string): boolean {
    const wanted = name.trim().toLocaleLowerCase();
    return list.some((one) => one.id !== exceptId && one.name.toLocaleLowerCase() === wanted);
  },
  /** Keeps what is shown now under a new name. False when the core refused (and the reader was told why). */
  async saveNew(name: string): Promise<boolean> {
    const saved = await perform(() => api['fleetViews.save']({ name, definition: view.definition }));
    if (saved) await preferences.set({ fleetViewId: saved.id });
    return saved !== undefined;
  },
  async update({ id, name }: FleetView): Promise<void> {
    const saved = await perform(() => api['fleetViews.save']({ id, name, definition: view.definition }));
    if (saved) toasts.show({ tone: 'ok', text: () => t('fleet.views.updated', { name }) });
  },
  async rename({ id, definition }: FleetView, name: string): Promise<boolean> {
    return (await perform(() => api['fleetViews.save']({ id, name, definition }))) !== undefined;
  },
  async remove(one: FleetView): Promise<void> {
    const done = await perform(() => api['fleetViews.remove']({ id: one.id }));
    if (!done) return;
    toasts.show({
      tone: 'info',
      text: () => t('fleet.views.removed', { name: one.name }),
      action: { label: () => t('common.undo'), run: () => void perform(() => api['fleetViews.save'](one)) },
    });
  },
};

/** Follows the saved views, and the choice of one that is made in another window. */
export function followSavedViews(): void {
  watch('fleetViews.watch', {}, (next) => {
    list = next;
    loaded = true;
  });
  let followed: string | null | undefined;
  $effect.root(() => {
    $effect(() => {
      if (!preferences.loaded || !loaded) return;
      const id = preferences.value.fleetViewId;
      // The first is what was chosen before this window opened: filter and search come with the last look.
      if (followed === undefined) followed = id;
      if (followed === id) return;
      // A view that was just saved elsewhere may be heard of after its choice.
      const found = list.find((one) => one.id === id);
      if (id !== null && !found) return;
      followed = id;
      untrack(() => view.look(found?.definition ?? { filter: 'machines', query: '' }));
    });
  });
}
