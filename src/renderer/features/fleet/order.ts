import type { FleetRow } from '../../../shared/contract/models.ts';
import { tileStatus, type TileStatus } from './status.ts';

export const sortKeys = ['name', 'status', 'updates', 'security', 'checked', 'os'] as const;
export type SortKey = (typeof sortKeys)[number];
export interface Sort {
  by: SortKey;
  direction: 'asc' | 'desc';
}

/** Natural order of names: `web2` before `web10`. */
const collator = new Intl.Collator(undefined, { numeric: true, sensitivity: 'base' });

/** What wants attention first. */
const urgency: readonly TileStatus[] = [
  'blocked',
  'error',
  'unreachable',
  'rejected',
  'fingerprint',
  'security',
  'warning',
  'updates',
  'running',
  'never',
  'ok',
];

const compareBy: Record<SortKey, (a: FleetRow, b: FleetRow) => number> = {
  name: (a, b) => collator.compare(a.name, b.name),
  status: (a, b) => urgency.indexOf(tileStatus(a)) - urgency.indexOf(tileStatus(b)),
  updates: (a, b) => (a.state.updatesCount ?? 0) - (b.state.updatesCount ?? 0),
  security: (a, b) => (a.state.securityCount ?? 0) - (b.state.securityCount ?? 0),
  checked: (a, b) => (a.state.analyzedAt ?? '').localeCompare(b.state.analyzedAt ?? ''),
  os: (a, b) =>
    a.osFamily.localeCompare(b.osFamily) || collator.compare(a.osVersion ?? '', b.osVersion ?? ''),
};

/** Unknown is neither small nor large: it stands last in both directions. */
const isUnknown: Record<SortKey, (row: FleetRow) => boolean> = {
  name: () => false,
  status: () => false,
  updates: ({ state }) => state.updatesCount === null,
  security: ({ state }) => state.securityCount === null,
  checked: ({ state }) => state.analyzedAt === null,
  os: ({ osFamily }) => osFamily === 'unknown',
};

/** Rows in the wanted order; equal ones by name, so that the order never depends on arrival. */
export function sortRows(rows: readonly FleetRow[], sort: Sort): FleetRow[] {
  const compare = compareBy[sort.by];
  const unknown = isUnknown[sort.by];
  const sign = sort.direction === 'asc' ? 1 : -1;
  return [...rows].sort(
    (a, b) =>
      Number(unknown(a)) - Number(unknown(b)) ||
      sign * compare(a, b) ||
      compareBy.name(a, b) ||
      a.id.localeCompare(b.id),
  );
}

export const isSortKey = (text: string): text is SortKey => (sortKeys as readonly string[]).includes(text);

/** Every word of the query must occur somewhere in what identifies a machine. */
export function matchesQuery(row: FleetRow, query: string): boolean {
  const words = query.toLocaleLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0) return true;
  const text = [
    row.name,
    row.hostname,
    row.username,
    row.osFamily,
    row.osVersion ?? '',
    row.osCodename ?? '',
    row.machineKind,
    ...row.tags.map((tag) => tag.name),
  ]
    .join(' ')
    .toLocaleLowerCase();
  return words.every((word) => text.includes(word));
}

/**
 * The order to show while the pointer rests on the list: what is there keeps its place, what is gone leaves, what is
 * new comes last.
 */
export function holdOrder(
  shown: readonly string[],
  wanted: readonly string[],
  exists: (id: string) => boolean,
): string[] {
  const kept = shown.filter(exists);
  const known = new Set(kept);
  return [...kept, ...wanted.filter((id) => !known.has(id))];
}
