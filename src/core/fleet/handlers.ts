import type { FleetRow } from '../../shared/contract/models.ts';
import type { HomeportHandlers } from '../../shared/contract/index.ts';
import type { CoreContext } from '../context.ts';
import { changedIds } from '../watch.ts';
import { figuresOf, fleetRows } from './store.ts';

/** Least time between two messages of one watch: a burst of progress becomes one message. */
const GAP_MS = 100;

export function fleetHandlers(
  context: CoreContext,
): Pick<HomeportHandlers, 'fleet.watch' | 'fleet.snapshot'> {
  return {
    'fleet.snapshot': () => {
      const rows = fleetRows(context);
      return { rows, figures: figuresOf(rows) };
    },
    'fleet.watch': async function* (_input, { signal }) {
      let known: Map<string, FleetRow> | null = null;
      for await (const ids of changedIds(context.bus, 'fleet.changed', (n) => n.machineIds, signal, GAP_MS)) {
        if (known === null) {
          const rows = fleetRows(context);
          known = new Map(rows.map((row) => [row.id, row]));
          yield { type: 'snapshot' as const, rows, figures: figuresOf(rows) };
          continue;
        }
        const rows = fleetRows(context, ids);
        const present = new Set(rows.map((row) => row.id));
        const removedIds = ids.filter((id) => !present.has(id));
        for (const row of rows) known.set(row.id, row);
        for (const id of removedIds) known.delete(id);
        yield { type: 'changed' as const, rows, removedIds, figures: figuresOf([...known.values()]) };
      }
    },
  };
}
