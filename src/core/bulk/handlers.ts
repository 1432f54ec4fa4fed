import type { HomeportHandlers } from '../../shared/contract/index.ts';
import type { CoreContext } from '../context.ts';
import { changedIds } from '../watch.ts';
import type { Bulks } from './bulks.ts';
import * as store from './store.ts';

/** Least time between two messages of one watch: the whole is sent each time. */
const GAP_MS = 250;

export function bulkHandlers(
  context: CoreContext,
  bulks: Bulks,
): Pick<HomeportHandlers, 'jobs.startBulk' | 'bulk.list' | 'bulk.get' | 'bulk.watch' | 'bulk.cancel'> {
  return {
    'jobs.startBulk': (input) => ({ bulkId: bulks.startBulk(input) }),
    'bulk.list': (input) => ({ bulks: store.listBulks(context, input) }),
    'bulk.get': ({ id }) => store.bulkDetail(context, id),
    'bulk.cancel': ({ id, running }) => ({ outcome: bulks.cancel(id, running) }),
    'bulk.watch': async function* ({ id }, { signal }) {
      let first = true;
      for await (const ids of changedIds(context.bus, 'bulk.changed', (n) => [n.bulkId], signal, GAP_MS)) {
        if (!first && !ids.includes(id)) continue;
        first = false;
        const detail = store.bulkDetail(context, id);
        yield detail;
        if (detail.status !== 'running') return;
      }
    },
  };
}
