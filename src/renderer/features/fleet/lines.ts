import type { Group } from './groups.ts';

/** One row of the virtual list: the head of a group, or machines side by side (one in the table). */
export type Line =
  | { readonly kind: 'head'; readonly key: string; readonly group: Group; readonly folded: boolean }
  | {
      readonly kind: 'machines';
      readonly key: string;
      readonly places: readonly Place[];
      /** Places before this line, over the whole list. */
      readonly before: number;
    };

/** Where a machine stands; with tags it may stand at several. */
export interface Place {
  readonly key: string;
  readonly id: string;
}

/** No group and no id holds a line break. */
export const placeKey = (group: string, id: string): string => `${group}\n${id}`;
export const headKey = (group: string): string => `${group}\n`;

/** The lines of a list with `columns` machines side by side; folded groups show their head alone. */
export function linesOf(
  groups: readonly Group[],
  options: { columns: number; isGrouped: boolean; isFolded: (key: string) => boolean },
): Line[] {
  const { columns, isGrouped, isFolded } = options;
  const lines: Line[] = [];
  let before = 0;
  for (const group of groups) {
    const folded = isGrouped && isFolded(group.key);
    if (isGrouped) lines.push({ kind: 'head', key: headKey(group.key), group, folded });
    if (folded) continue;
    for (let start = 0; start < group.ids.length; start += columns) {
      const places = group.ids
        .slice(start, start + columns)
        .map((id) => ({ key: placeKey(group.key, id), id }));
      lines.push({ kind: 'machines', key: places[0]?.key ?? '', places, before });
      before += places.length;
    }
  }
  return lines;
}

const stopsOf = (line: Line): readonly string[] =>
  line.kind === 'head' ? [line.key] : line.places.map(({ key }) => key);

export interface Stop {
  /** `headKey` or `placeKey`. */
  readonly key: string;
  readonly line: number;
}
export type Move = 'first' | 'last' | 'next' | 'previous' | 'up' | 'down' | 'page-up' | 'page-down';
const linesOfPage = 8;

/** Where the keyboard stands, or null when that is no longer shown. */
export function stopAt(lines: readonly Line[], key: string | null): (Stop & { column: number }) | null {
  if (key === null) return null;
  for (const [line, one] of lines.entries()) {
    const column = stopsOf(one).indexOf(key);
    if (column >= 0) return { key, line, column };
  }
  return null;
}

/** Where a move leads: up and down keep the column where the line is long enough, and end at the edges. */
export function stopAfter(lines: readonly Line[], from: string | null, move: Move): Stop | null {
  const at = stopAt(lines, from);
  const pick = (line: number, column: number): Stop | null => {
    const bounded = Math.max(0, Math.min(lines.length - 1, line));
    const found = lines[bounded];
    if (!found) return null;
    const stops = stopsOf(found);
    const key = stops[Math.max(0, Math.min(stops.length - 1, column))];
    return key === undefined ? null : { key, line: bounded };
  };
  if (move === 'first') return pick(0, 0);
  if (move === 'last') return pick(lines.length - 1, Number.MAX_SAFE_INTEGER);
  if (!at) return pick(0, 0);
  const { line, column } = at;
  const length = stopsOf(lines[line]!).length;
  switch (move) {
    case 'next':
      if (column + 1 < length) return pick(line, column + 1);
      return line + 1 < lines.length ? pick(line + 1, 0) : pick(line, column);
    case 'previous':
      if (column > 0) return pick(line, column - 1);
      return line > 0 ? pick(line - 1, Number.MAX_SAFE_INTEGER) : pick(line, column);
    case 'down':
      return pick(line + 1, column);
    case 'up':
      return pick(line - 1, column);
    case 'page-down':
      return pick(line + linesOfPage, column);
    case 'page-up':
      return pick(line - linesOfPage, column);
  }
}

/** The machines between two places, both included, in the order of the list. */
export function idsBetween(lines: readonly Line[], from: string | null, to: string): string[] {
  const places = lines.flatMap((line) => (line.kind === 'machines' ? line.places : []));
  const end = places.findIndex(({ key }) => key === to);
  const start = places.findIndex(({ key }) => key === from);
  if (end < 0) return [];
  if (start < 0) return [places[end]!.id];
  return places.slice(Math.min(start, end), Math.max(start, end) + 1).map(({ id }) => id);
}
