import type { FleetRow } from '../../../shared/contract/models.ts';
import { tileStatus, type TileStatus } from '../../../shared/domain/tile-status.ts';

export const sortKeys = [
  'name',
  'status',
  'updates',
  'security',
  'reboot',
  'checked',
  'os',
  'kind',
  'load',
  'memory',
  'root',
] as const;
export type SortKey = (typeof sortKeys)[number];
export interface Sort {
  by: SortKey;
  direction: 'asc' | 'desc';
}

/** Natural order of names: `web2` before `web10`. */
export const collator = new Intl.Collator(undefined, { numeric: true, sensitivity: 'base' });

/** What wants attention first. */
export const urgency: readonly TileStatus[] = [
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
const urgencyOf = new Map(urgency.map((status, index) => [status, index]));

type Measure = (row: FleetRow) => number | string | null;
/** What each sort compares. Unknown (null) is neither small nor large: it stands last in both directions. */
const measures: Record<Exclude<SortKey, 'name'>, Measure> = {
  status: (row) => urgencyOf.get(tileStatus(row)) ?? urgency.length,
  updates: ({ state }) => state.updatesCount,
  security: ({ state }) => state.securityCount,
  reboot: ({ state }) => (state.rebootRequired === null ? null : Number(state.rebootRequired)),
  checked: ({ state }) => state.analyzedAt,
  os: (row) => (row.osFamily === 'unknown' ? null : `${row.osFamily} ${row.osVersion ?? ''}`),
  kind: ({ machineKind }) => (machineKind === 'unknown' ? null : machineKind),
  load: ({ state }) => state.load1,
  memory: ({ state }) => state.memoryUsedPercent,
  root: ({ state }) => state.rootUsedPercent,
};

/** The place of each machine in the order of names, by id. */
export type NameRanks = ReadonlyMap<string, number>;

export function rankNames(rows: readonly FleetRow[]): NameRanks {
  const sorted = [...rows].sort((a, b) => collator.compare(a.name, b.name) || (a.id < b.id ? -1 : 1));
  return new Map(sorted.map((row, index) => [row.id, index]));
}

/**
 * `rankNames`, remembered for as long as no machine comes, goes or is renamed: comparing a thousand names by the rules
 * of a language costs more than all the rest of a redraw, and names hardly ever change.
 */
export function createNameRanks(): (rows: readonly FleetRow[]) => NameRanks {
  let names = new Map<string, string>();
  let ranks: NameRanks = new Map();
  return (rows) => {
    if (rows.length !== names.size || rows.some((row) => names.get(row.id) !== row.name)) {
      names = new Map(rows.map((row) => [row.id, row.name]));
      ranks = rankNames(rows);
    }
    return ranks;
  };
}

function compareValues(a: number | string, b: number | string): number {
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  if (a === b) return 0;
  return collator.compare(String(a), String(b));
}

/** Rows in the wanted order; equal ones by name, so that the order never depends on arrival. `ranks` covers all rows. */
export function sortRows(rows: readonly FleetRow[], sort: Sort, ranks = rankNames(rows)): FleetRow[] {
  const sign = sort.direction === 'asc' ? 1 : -1;
  const rankOf = (row: FleetRow): number => ranks.get(row.id) ?? ranks.size;
  if (sort.by === 'name') return [...rows].sort((a, b) => sign * (rankOf(a) - rankOf(b)));
  const measure = measures[sort.by];
  return rows
    .map((row) => ({ row, value: measure(row), rank: rankOf(row) }))
    .sort((a, b) => {
      if (a.value === null || b.value === null) {
        return Number(a.value === null) - Number(b.value === null) || a.rank - b.rank;
      }
      return sign * compareValues(a.value, b.value) || a.rank - b.rank;
    })
    .map(({ row }) => row);
}

export const isSortKey = (text: string): text is SortKey => (sortKeys as readonly string[]).includes(text);
