import { untrack } from 'svelte';
import { SvelteSet } from 'svelte/reactivity';
import type { FleetRow, FleetViewDefinition, Preferences } from '../../../shared/contract/models.ts';
import { connection } from '../../lib/state/connection.svelte.ts';
import { fleet } from '../../lib/state/fleet.svelte.ts';
import { preferences } from '../../lib/state/preferences.svelte.ts';
import { figureIds, isCounted, type FigureId } from '../../../shared/domain/fleet-figures.ts';
import { groupRows, holdOrder, isSameOrder, type Group, type Grouping } from './groups.ts';
import { idsBetween, linesOf, stopAt, type Line, type Place } from './lines.ts';
import { createNameRanks, isSortKey, sortRows, type Sort } from './order.ts';
import { matcher } from '../../../shared/domain/fleet-search.ts';

const selection = new SvelteSet<string>();
let filter = $state<FigureId>('machines');
let query = $state('');
let columnCount = $state(1);
let activeKey = $state<string | null>(null);
/** Where a range begins: the place that was selected last without Shift. */
let anchorKey: string | null = null;
let pointerInside = $state(false);
let focusInside = $state(false);
/** Grows when the reader asks for the present order. */
let releases = $state(0);

const isFigure = (text: string): text is FigureId => (figureIds as readonly string[]).includes(text);
const sort = $derived.by((): Sort => {
  const { by, direction } = preferences.value.fleetSort;
  return { by: isSortKey(by) ? by : 'name', direction };
});
const grouping = $derived<Grouping>(preferences.value.fleetGroup);
const isHeld = $derived(pointerInside || focusInside);

const ranksOf = createNameRanks();
let lastWanted: readonly Group[] = [];
/** The same array for as long as the order is the same: an update that moves nothing costs the lists nothing. */
const wanted = $derived.by(() => {
  const rows = fleet.list;
  const matches = matcher(query);
  const asked = rows.filter((row) => isCounted(filter, row) && matches(row));
  const next = groupRows(sortRows(asked, sort, ranksOf(rows)), grouping);
  if (!isSameOrder(lastWanted, next)) lastWanted = next;
  return lastWanted;
});

/** What the reader asked to see, as a text. */
const question = $derived(JSON.stringify([filter, query, sort, grouping]));
let lastAsked = '';
let lastShown: readonly Group[] = [];
/** Updates never move a machine from under the pointer or the focus; a new sort, filter or search does at once. */
const shown = $derived.by(() => {
  const asked = `${question} ${releases}`;
  const isSame = asked === lastAsked;
  lastAsked = asked;
  // A machine that is removed leaves at once.
  void fleet.rows.size;
  lastShown =
    isHeld && isSame
      ? untrack(() => {
          const held = holdOrder(lastShown, wanted, (id) => fleet.rows.has(id));
          return isSameOrder(held, lastShown) ? lastShown : held;
        })
      : wanted;
  void wanted;
  return lastShown;
});
const orderChanged = $derived(isHeld && !isSameOrder(shown, wanted));

const foldedKeys = $derived(new Set(preferences.value.fleetFolded));
const foldKey = (key: string): string => `${grouping}:${key}`;
const lines = $derived<readonly Line[]>(
  linesOf(shown, {
    columns: columnCount,
    isGrouped: grouping !== 'none',
    isFolded: (key) => foldedKeys.has(foldKey(key)),
  }),
);
const shownIds = $derived([...new Set(shown.flatMap(({ ids }) => ids))]);
const firstKey = $derived.by((): string | null => {
  const [first] = lines;
  return first === undefined ? null : first.kind === 'head' ? first.key : (first.places[0]?.key ?? null);
});
/** The place that Tab leads to: where the keyboard stood last, else the first. */
const activeStop = $derived(stopAt(lines, activeKey)?.key ?? firstKey);
const selected = $derived(
  [...selection].map((id) => fleet.rows.get(id)).filter((row): row is FleetRow => row !== undefined),
);
const selectedShown = $derived(shownIds.reduce((sum, id) => sum + Number(selection.has(id)), 0));

let isStored = true;
let isStoring = false;
/**
 * What this window looks at is there again after a restart; other open windows keep what they look at. Stored at once,
 * since a page that is being closed cannot send any more; what is typed while the core stores goes together.
 */
async function remember(): Promise<void> {
  isStored = false;
  if (isStoring) return;
  isStoring = true;
  try {
    while (!isStored && connection.state === 'connected') {
      isStored = true;
      await preferences.set({ fleetShown: { filter, query: query.slice(0, 200) } });
    }
  } finally {
    isStoring = false;
  }
}

let isSeeded = false;
$effect.root(() => {
  $effect(() => {
    if (!preferences.loaded || isSeeded) return;
    isSeeded = true;
    const last = preferences.value.fleetShown;
    untrack(() => {
      if (filter === 'machines' && isFigure(last.filter)) filter = last.filter;
      if (query === '') query = last.query;
    });
  });
});

/** What the fleet page shows of the fleet; kept while other pages are open. */
export const view = {
  get filter(): FigureId {
    return filter;
  },
  set filter(next: FigureId) {
    filter = next;
    void remember();
  },
  get query(): string {
    return query;
  },
  set query(next: string) {
    query = next;
    void remember();
  },
  /** Filter and search of a view; what it does not know of filters shows all machines. */
  look(next: { filter: string; query: string }): void {
    filter = isFigure(next.filter) ? next.filter : 'machines';
    query = next.query;
    void remember();
  },
  get sort(): Sort {
    return sort;
  },
  get grouping(): Grouping {
    return grouping;
  },
  get layout(): Preferences['fleetView'] {
    return preferences.value.fleetView;
  },
  /** All that a saved view keeps, as it is now. */
  get definition(): FleetViewDefinition {
    const { fleetView: layout, fleetColumns } = preferences.value;
    return { filter, query: query.trim(), layout, sort, group: grouping, columns: fleetColumns };
  },
  /** Changes when the reader asks for something else: another filter, search, sort or grouping. */
  get question(): string {
    return question;
  },
  /** Machines side by side; set by the list that is shown. */
  set columns(count: number) {
    columnCount = count;
  },
  get lines(): readonly Line[] {
    return lines;
  },
  /** Every machine that fits filter and search, each once; those of folded groups too. */
  get shownIds(): readonly string[] {
    return shownIds;
  },
  /** `headKey` or `placeKey` of what the keyboard stands on. */
  get activeKey(): string | null {
    return activeStop;
  },
  set activeKey(key: string | null) {
    activeKey = key;
  },
  /** The machine that the keyboard stands on; null on the head of a group. */
  get activeId(): string | null {
    const at = stopAt(lines, activeStop);
    const line = at ? lines[at.line] : undefined;
    return line?.kind === 'machines' ? (line.places[at!.column]?.id ?? null) : null;
  },
  /** True while updates have changed the order that is held still. */
  get orderChanged(): boolean {
    return orderChanged;
  },
  sortAgain(): void {
    releases += 1;
  },
  holdForPointer(on: boolean): void {
    pointerInside = on;
  },
  holdForFocus(on: boolean): void {
    focusInside = on;
  },
  isFolded: (key: string): boolean => foldedKeys.has(foldKey(key)),
  fold(key: string, on: boolean): void {
    const kept = preferences.value.fleetFolded.filter((one) => one !== foldKey(key));
    void preferences.set({ fleetFolded: (on ? [...kept, foldKey(key)] : kept).slice(-500) });
  },

  get selected(): readonly FleetRow[] {
    return selected;
  },
  /** Of the selected machines, those that filter and search show. */
  get selectedShown(): number {
    return selectedShown;
  },
  isSelected: (id: string): boolean => selection.has(id),
  /** Selects or deselects one machine; a range begins here. */
  select({ key, id }: Place, on: boolean): void {
    if (on) selection.add(id);
    else selection.delete(id);
    activeKey = key;
    anchorKey = key;
  },
  /** Selects or deselects everything between the beginning of the range and this place. */
  selectRange({ key }: Pick<Place, 'key'>, on = true): void {
    anchorKey ??= activeStop;
    for (const id of idsBetween(lines, anchorKey, key)) {
      if (on) selection.add(id);
      else selection.delete(id);
    }
    activeKey = key;
  },
  selectAll(ids: readonly string[], on: boolean): void {
    for (const id of ids) {
      if (on) selection.add(id);
      else selection.delete(id);
    }
  },
  clearSelection(): void {
    selection.clear();
    anchorKey = null;
  },
};
