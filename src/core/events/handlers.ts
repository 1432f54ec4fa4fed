import type { HomeportHandlers } from '../../shared/contract/index.ts';
import type { CoreContext } from '../context.ts';
import { changedIds } from '../watch.ts';
import { eventsById, eventTypes, listEvents } from './store.ts';

/** Joins the events of one step of work; a reader does not notice. */
const GAP_MS = 150;
/** SQLite takes no endless list of parameters. */
const MOST_AT_ONCE = 500;

export function eventHandlers(
  context: CoreContext,
): Pick<HomeportHandlers, 'timeline.list' | 'timeline.types' | 'timeline.watch'> {
  return {
    'timeline.list': (input) => ({ events: listEvents(context, input) }),
    'timeline.types': () => ({ eventTypes: eventTypes(context) }),
    'timeline.watch': async function* (input, { signal }) {
      const batches = changedIds(context.bus, 'event.recorded', ({ eventId }) => [eventId], signal, GAP_MS);
      let isFirst = true;
      for await (const ids of batches) {
        const events = [];
        for (let at = 0; at < ids.length; at += MOST_AT_ONCE) {
          events.push(...eventsById(context, ids.slice(at, at + MOST_AT_ONCE), input));
        }
        // The first value says that from here on nothing is missed.
        if (isFirst || events.length > 0) yield { events };
        isFirst = false;
      }
    },
  };
}
