import type { PaneNode, PaneSplit } from '../../../shared/contract/terminal-windows.ts';

export type Direction = PaneSplit['direction'];
export type Side = 'left' | 'right' | 'up' | 'down';

/** A place in the tab, in shares of its width and height. */
export interface Place {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}
/** The line between the two parts of a split. */
export interface Divider {
  /** Which split: `0` and `1` lead to its first and second part from the root. */
  readonly path: string;
  readonly direction: Direction;
  readonly ratio: number;
  /** What both parts have together. */
  readonly place: Place;
}

const whole: Place = { left: 0, top: 0, width: 1, height: 1 };
const leastRatio = 0.1;

/** Keys of the panes, in the order in which they are read. */
export const panesOf = (node: PaneNode): string[] =>
  typeof node === 'string' ? [node] : [...panesOf(node.first), ...panesOf(node.second)];

/** That pane becomes a split of itself and a new one. */
export function splitPane(node: PaneNode, key: string, direction: Direction, added: string): PaneNode {
  if (typeof node === 'string') {
    return node === key ? { direction, ratio: 0.5, first: node, second: added } : node;
  }
  return {
    ...node,
    first: splitPane(node.first, key, direction, added),
    second: splitPane(node.second, key, direction, added),
  };
}

/** Without that pane; its neighbour takes the room. Null when it was the only one. */
export function removePane(node: PaneNode, key: string): PaneNode | null {
  if (typeof node === 'string') return node === key ? null : node;
  const first = removePane(node.first, key);
  const second = removePane(node.second, key);
  if (first === null) return second;
  return second === null ? first : { ...node, first, second };
}

/** Panes as near to squares as can be: for several that are opened at once. */
export function gridOf(keys: readonly string[], direction: Direction = 'row'): PaneNode {
  const [only] = keys;
  if (keys.length < 2) return only ?? '';
  const half = Math.ceil(keys.length / 2);
  const other = direction === 'row' ? 'column' : 'row';
  return {
    direction,
    ratio: half / keys.length,
    first: gridOf(keys.slice(0, half), other),
    second: gridOf(keys.slice(half), other),
  };
}

/** The split at that path gets another ratio; both parts stay large enough to be seen. */
export function withRatio(node: PaneNode, path: string, ratio: number): PaneNode {
  if (typeof node === 'string') return node;
  if (path === '') return { ...node, ratio: Math.min(1 - leastRatio, Math.max(leastRatio, ratio)) };
  const rest = path.slice(1);
  return path.startsWith('0')
    ? { ...node, first: withRatio(node.first, rest, ratio) }
    : { ...node, second: withRatio(node.second, rest, ratio) };
}

function parts({ direction, ratio }: PaneSplit, place: Place): [Place, Place] {
  const { left, top, width, height } = place;
  return direction === 'row'
    ? [
        { ...place, width: width * ratio },
        { ...place, left: left + width * ratio, width: width * (1 - ratio) },
      ]
    : [
        { ...place, height: height * ratio },
        { ...place, top: top + height * ratio, height: height * (1 - ratio) },
      ];
}

export function placesOf(node: PaneNode, place: Place = whole): Map<string, Place> {
  if (typeof node === 'string') return new Map([[node, place]]);
  const [first, second] = parts(node, place);
  return new Map([...placesOf(node.first, first), ...placesOf(node.second, second)]);
}

export function dividersOf(node: PaneNode, place: Place = whole, path = ''): Divider[] {
  if (typeof node === 'string') return [];
  const [first, second] = parts(node, place);
  const { direction, ratio } = node;
  return [
    { path, direction, ratio, place },
    ...dividersOf(node.first, first, `${path}0`),
    ...dividersOf(node.second, second, `${path}1`),
  ];
}

/** The pane that touches this one on that side, at the height (or place) of its middle; null at the edge. */
export function neighbourOf(node: PaneNode, key: string, side: Side): string | null {
  const places = placesOf(node);
  const from = places.get(key);
  if (!from) return null;
  const beyond = 1e-6;
  const x =
    side === 'left'
      ? from.left - beyond
      : side === 'right'
        ? from.left + from.width + beyond
        : from.left + from.width / 2 - beyond;
  const y =
    side === 'up'
      ? from.top - beyond
      : side === 'down'
        ? from.top + from.height + beyond
        : from.top + from.height / 2 - beyond;
  for (const [other, { left, top, width, height }] of places) {
    if (x >= left && x < left + width && y >= top && y < top + height) return other;
  }
  return null;
}
