import { SvelteMap } from 'svelte/reactivity';
import type { FleetFigures, FleetRow } from '../../../shared/contract/models.ts';
import type { AppError } from '../../../shared/domain/errors.ts';
import { watch } from '../api.ts';
import { createBatch } from './batch.ts';

interface Change {
  rows: FleetRow[];
  removedIds: string[];
  figures: FleetFigures;
}

const rows = new SvelteMap<string, FleetRow>();
/** The values of `rows` under one signal: who goes through all of them would else listen to a thousand. */
let list = $state.raw<readonly FleetRow[]>([]);
let figures = $state.raw<FleetFigures | null>(null);
let loaded = $state(false);
let error = $state.raw<AppError | null>(null);

/** Changes of one frame are applied together: twenty updates a second cost one render a frame at most. */
const batch = createBatch<Change>((changes) => {
  for (const change of changes) {
    for (const row of change.rows) rows.set(row.id, row);
    for (const id of change.removedIds) rows.delete(id);
  }
  list = [...rows.values()];
  figures = changes.at(-1)?.figures ?? figures;
});

/** All machines with their tile state, as the core has them. */
export const fleet = {
  rows,
  get list(): readonly FleetRow[] {
    return list;
  },
  get figures(): FleetFigures | null {
    return figures;
  },
  /** False until the first snapshot arrived: an empty map is then not an empty fleet. */
  get loaded(): boolean {
    return loaded;
  },
  get error(): AppError | null {
    return error;
  },
  get(id: string): FleetRow | undefined {
    return rows.get(id);
  },
};

let stop: (() => void) | undefined;

/** Begins (again) to follow the fleet. */
export function followFleet(): void {
  stop?.();
  error = null;
  stop = watch(
    'fleet.watch',
    {},
    (event) => {
      if (event.type === 'changed') return batch.add(event);
      batch.clear();
      // eslint-disable-next-line svelte/prefer-svelte-reactivity -- local to this change
      const present = new Set(event.rows.map((row) => row.id));
      for (const id of [...rows.keys()]) if (!present.has(id)) rows.delete(id);
      for (const row of event.rows) rows.set(row.id, row);
      list = [...rows.values()];
      figures = event.figures;
      loaded = true;
    },
    { onError: (failure) => (error = failure) },
  );
}
