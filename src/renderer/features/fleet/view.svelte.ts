import { SvelteSet } from 'svelte/reactivity';
import type { FleetRow } from '../../../shared/contract/models.ts';
import { fleet } from '../../lib/state/fleet.svelte.ts';
import { preferences } from '../../lib/state/preferences.svelte.ts';
import { isCounted, type FigureId } from './figures.ts';
import { holdOrder, isSortKey, matchesQuery, sortRows, type Sort } from './order.ts';

const selection = new SvelteSet<string>();
let filter = $state<FigureId>('machines');
let query = $state('');
let activeId = $state<string | null>(null);
let held = $state(false);

const sort = $derived.by((): Sort => {
  const { by, direction } = preferences.value.fleetSort;
  return { by: isSortKey(by) ? by : 'name', direction };
});
const wantedIds = $derived.by(() => {
  const rows = [...fleet.rows.values()].filter((row) => isCounted(filter, row) && matchesQuery(row, query));
  return sortRows(rows, sort).map((row) => row.id);
});

let lastAsked = '';
let lastShown: readonly string[] = [];
/** Updates never move a row from under the pointer; a new sort, filter or search does at once. */
const shownIds = $derived.by(() => {
  const asked = JSON.stringify([filter, query, sort]);
  lastShown =
    held && asked === lastAsked ? holdOrder(lastShown, wantedIds, (id) => fleet.rows.has(id)) : wantedIds;
  lastAsked = asked;
  return lastShown;
});
const selected = $derived(
  [...selection].map((id) => fleet.rows.get(id)).filter((row): row is FleetRow => row !== undefined),
);

/** What the fleet page shows of the fleet; kept while other pages are open. */
export const view = {
  get filter(): FigureId {
    return filter;
  },
  set filter(next: FigureId) {
    filter = next;
  },
  get query(): string {
    return query;
  },
  set query(next: string) {
    query = next;
  },
  get sort(): Sort {
    return sort;
  },
  get shownIds(): readonly string[] {
    return shownIds;
  },
  /** The machine that the keyboard stands on. */
  get activeId(): string | null {
    return activeId !== null && fleet.rows.has(activeId) ? activeId : (shownIds[0] ?? null);
  },
  set activeId(id: string | null) {
    activeId = id;
  },
  get selected(): readonly FleetRow[] {
    return selected;
  },
  isSelected: (id: string): boolean => selection.has(id),
  /** While true, rows keep their places. */
  hold(on: boolean): void {
    held = on;
  },
  /** Selects or deselects; with `range`, everything shown between the active machine and this one. */
  select(id: string, on: boolean, range = false): void {
    const from = shownIds.indexOf(view.activeId ?? id);
    const to = shownIds.indexOf(id);
    const ids =
      range && from >= 0 && to >= 0 ? shownIds.slice(Math.min(from, to), Math.max(from, to) + 1) : [id];
    for (const one of ids) {
      if (on) selection.add(one);
      else selection.delete(one);
    }
    activeId = id;
  },
  selectShown(on: boolean): void {
    for (const id of shownIds) {
      if (on) selection.add(id);
      else selection.delete(id);
    }
  },
  clearSelection(): void {
    selection.clear();
  },
};
