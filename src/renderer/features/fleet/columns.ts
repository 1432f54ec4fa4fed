import type { SortKey } from './order.ts';

interface Column {
  /** Least width, rem. */
  readonly width: number;
  /** Share of the width that is left; 0 = none. */
  readonly grow: number;
  readonly sort?: SortKey;
  readonly isNumber?: boolean;
}

/** Every column that the table can show, in the usual order. */
export const columns = {
  name: { width: 9, grow: 1.4, sort: 'name' },
  address: { width: 11, grow: 1 },
  status: { width: 11, grow: 1, sort: 'status' },
  system: { width: 10, grow: 1, sort: 'os' },
  kind: { width: 7, grow: 0.4, sort: 'kind' },
  tags: { width: 9, grow: 1 },
  updates: { width: 6.25, grow: 0, sort: 'updates', isNumber: true },
  security: { width: 5.5, grow: 0, sort: 'security', isNumber: true },
  reboot: { width: 8.5, grow: 0, sort: 'reboot' },
  load: { width: 5, grow: 0, sort: 'load', isNumber: true },
  memory: { width: 5.75, grow: 0, sort: 'memory', isNumber: true },
  root: { width: 5, grow: 0, sort: 'root', isNumber: true },
  checked: { width: 7.5, grow: 0.6, sort: 'checked' },
  seen: { width: 7.5, grow: 0.6 },
} as const satisfies Record<string, Column>;
export type ColumnId = keyof typeof columns;
export const columnIds = Object.keys(columns) as ColumnId[];
export const columnOf = (id: ColumnId): Column => columns[id];

/** Shown until the reader chooses. */
export const usualColumns: readonly ColumnId[] = columnIds.filter(
  (id) => !['address', 'kind', 'tags', 'seen'].includes(id),
);
/** What a narrow window leaves out first, as long as the reader has not chosen. */
const spared: readonly ColumnId[] = ['root', 'memory', 'load', 'checked', 'system', 'security', 'reboot'];

const checkboxWidth = 2;
const menuWidth = 2.25;
const padding = 1;

/** Width that columns need at least, rem. */
export const leastWidth = (ids: readonly ColumnId[]): number =>
  ids.reduce((sum, id) => sum + columns[id].width, checkboxWidth + menuWidth + padding);

/** The columns that a reader chose, in their order: known ones, each once, the name always. Empty = no choice. */
export function chosenColumns(stored: readonly string[]): ColumnId[] {
  const known = [...new Set(stored)].filter((id): id is ColumnId => id in columns);
  if (known.length === 0) return [];
  return known.includes('name') ? known : ['name', ...known];
}

/** What to show in a table of that width (rem): the choice, which scrolls when it is wider; else what fits. */
export function shownColumns(stored: readonly string[], width: number): readonly ColumnId[] {
  const chosen = chosenColumns(stored);
  if (chosen.length > 0) return chosen;
  let shown = usualColumns;
  for (const id of spared) {
    if (leastWidth(shown) <= width) break;
    shown = shown.filter((one) => one !== id);
  }
  return shown;
}

export function gridTemplate(ids: readonly ColumnId[]): string {
  const tracks = ids.map((id) => {
    const { width, grow } = columns[id];
    return grow > 0 ? `minmax(${width}rem, ${grow}fr)` : `${width}rem`;
  });
  return [`${checkboxWidth}rem`, ...tracks, `${menuWidth}rem`].join(' ');
}

/** The list with one column moved by one place, or switched; `from` is what is shown now. */
export function moveColumn(from: readonly ColumnId[], id: ColumnId, by: -1 | 1): ColumnId[] {
  const at = from.indexOf(id);
  const to = at + by;
  if (at < 0 || to < 0 || to >= from.length) return [...from];
  const moved = from.filter((one) => one !== id);
  moved.splice(to, 0, id);
  return moved;
}
export function switchColumn(from: readonly ColumnId[], id: ColumnId, on: boolean): ColumnId[] {
  if (!on) return from.filter((one) => one !== id || one === 'name');
  if (from.includes(id)) return [...from];
  // It comes where it usually stands: after the nearest usual neighbour that is shown.
  const before = columnIds.slice(0, columnIds.indexOf(id)).filter((one) => from.includes(one));
  const neighbour = before.at(-1);
  const at = neighbour === undefined ? 0 : from.indexOf(neighbour) + 1;
  return [...from.slice(0, at), id, ...from.slice(at)];
}
