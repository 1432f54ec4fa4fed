import type { TimelineEvent } from '../../../shared/contract/models.ts';
import { toAppError, type AppError } from '../../../shared/domain/errors.ts';
import { api } from '../../lib/api.ts';
import { mergeEvents } from './filter.ts';

export interface TimelineSource {
  /** Newest first; null until the first page arrived. */
  readonly events: TimelineEvent[] | null;
  /** There is nothing older. */
  readonly complete: boolean;
  readonly busy: boolean;
  readonly error: AppError | null;
  /** Reads what is new. */
  refresh(): Promise<void>;
  /** Reads the page before the oldest event. */
  older(): Promise<void>;
}

const pageSize = 200;

/** Events of one machine, or of the whole fleet, page by page. */
export function createTimelineSource(machineId: string | undefined): TimelineSource {
  let events = $state.raw<TimelineEvent[] | null>(null);
  let complete = $state(false);
  let busy = $state(false);
  let error = $state.raw<AppError | null>(null);

  async function read(before: string | undefined): Promise<void> {
    if (busy) return;
    busy = true;
    try {
      const page = await api['timeline.list']({
        limit: pageSize,
        ...(machineId === undefined ? {} : { machineId }),
        ...(before === undefined ? {} : { before }),
      });
      const known = events ?? [];
      // A first page that does not reach what is known leaves a gap: what is older is then read again on demand.
      const connected =
        before !== undefined || page.events.some((event) => known.some((one) => one.id === event.id));
      const merged = mergeEvents(connected ? known : [], page.events);
      // A page that brings nothing new is the end too, however full it is.
      const stuck = before !== undefined && merged.length === known.length;
      events = merged;
      if (before !== undefined || !connected) complete = stuck || page.events.length < pageSize;
      error = null;
    } catch (thrown) {
      error = toAppError(thrown);
    } finally {
      busy = false;
    }
  }

  return {
    get events() {
      return events;
    },
    get complete() {
      return complete;
    },
    get busy() {
      return busy;
    },
    get error() {
      return error;
    },
    refresh: () => read(undefined),
    older: () => (complete ? Promise.resolve() : read(events?.at(-1)?.createdAt)),
  };
}
