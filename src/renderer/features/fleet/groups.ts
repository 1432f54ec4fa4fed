import type { FleetRow, Preferences } from '../../../shared/contract/models.ts';
import { machineKinds, osFamilies } from '../../../shared/domain/unions.ts';
import { collator, urgency } from './order.ts';
import { tileStatus, type TileStatus } from '../../../shared/domain/tile-status.ts';

export type Grouping = Preferences['fleetGroup'];

/** Machines under one head, in their order. Without grouping there is one group, whose key is empty. */
export interface Group {
  /** A status, a kind, a tag's name, `family version`; empty where that is not known or there is none. */
  readonly key: string;
  readonly ids: readonly string[];
}

/** "13" of Debian 13.2, "24.04" of Ubuntu 24.04.1: the release, not its point release. */
export function releaseOf({ osFamily, osVersion }: Pick<FleetRow, 'osFamily' | 'osVersion'>): string {
  const parts = (osVersion ?? '').split('.');
  return parts.slice(0, osFamily === 'ubuntu' ? 2 : 1).join('.');
}

/** A machine with several tags stands in several groups; nothing else puts one in more than one. */
function keysOf(row: FleetRow, grouping: Grouping): readonly string[] {
  switch (grouping) {
    case 'none':
      return [''];
    case 'status':
      return [tileStatus(row)];
    case 'tag':
      return row.tags.length > 0 ? row.tags.map(({ name }) => name) : [''];
    case 'os':
      return [row.osFamily === 'unknown' ? '' : `${row.osFamily} ${releaseOf(row)}`.trim()];
    case 'kind':
      return [row.machineKind === 'unknown' ? '' : row.machineKind];
  }
}

const placeIn = (list: readonly string[], key: string): number => {
  const place = list.indexOf(key);
  return place < 0 ? list.length : place;
};

function compareKeys(a: string, b: string, grouping: Grouping): number {
  // What has no name stands last.
  if (a === '' || b === '') return Number(a === '') - Number(b === '');
  switch (grouping) {
    case 'status':
      return urgency.indexOf(a as TileStatus) - urgency.indexOf(b as TileStatus);
    case 'kind':
      return placeIn(machineKinds, a) - placeIn(machineKinds, b);
    case 'os': {
      const [familyA = '', familyB = ''] = [a.split(' ')[0], b.split(' ')[0]];
      // The newest release first.
      return placeIn(osFamilies, familyA) - placeIn(osFamilies, familyB) || collator.compare(b, a);
    }
    case 'tag':
    case 'none':
      return collator.compare(a, b);
  }
}

/** Sorted rows under their heads; within a group they keep their order. */
export function groupRows(rows: readonly FleetRow[], grouping: Grouping): Group[] {
  const found = new Map<string, string[]>();
  for (const row of rows) {
    for (const key of keysOf(row, grouping)) {
      const ids = found.get(key);
      if (ids) ids.push(row.id);
      else found.set(key, [row.id]);
    }
  }
  return [...found].sort(([a], [b]) => compareKeys(a, b, grouping)).map(([key, ids]) => ({ key, ids }));
}

export function isSameOrder(a: readonly Group[], b: readonly Group[]): boolean {
  if (a === b) return true;
  return (
    a.length === b.length &&
    a.every((group, index) => {
      const other = b[index];
      return (
        other !== undefined &&
        group.key === other.key &&
        group.ids.length === other.ids.length &&
        group.ids.every((id, place) => id === other.ids[place])
      );
    })
  );
}

/**
 * The order to show while the pointer or the focus rests on the list: what is there keeps its place and its group, what
 * is gone leaves, what is new comes last in its group, new groups come last.
 */
export function holdOrder(
  shown: readonly Group[],
  wanted: readonly Group[],
  exists: (id: string) => boolean,
): Group[] {
  const known = new Set(shown.flatMap(({ ids }) => ids));
  const newIn = new Map(wanted.map(({ key, ids }) => [key, ids.filter((id) => !known.has(id))]));
  const kept = shown.map(({ key, ids }) => {
    const added = newIn.get(key) ?? [];
    newIn.delete(key);
    return { key, ids: [...ids.filter(exists), ...added] };
  });
  return [...kept, ...[...newIn].map(([key, ids]) => ({ key, ids }))].filter(({ ids }) => ids.length > 0);
}
