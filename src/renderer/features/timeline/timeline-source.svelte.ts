import { untrack } from 'svelte';
import type { TimelineEvent } from '../../../shared/contract/models.ts';
import { toAppError, type AppError } from '../../../shared/domain/errors.ts';
import type { ActorType, Severity } from '../../../shared/domain/unions.ts';
import { api, watch } from '../../lib/api.ts';
import { mergeEvents } from './filter.ts';

/** What the core is asked for; what is left out does not narrow. */
export interface TimelineQuery {
  machineId?: string;
  severity?: Severity;
  eventTypes?: string[];
  actorType?: ActorType;
  since?: string;
  before?: string;
}

export interface TimelineSource {
  /** Newest first; null until the first page arrived. */
  readonly events: readonly TimelineEvent[] | null;
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

/** Events as the query asks for them, page by page, and those that are recorded while the component is shown. */
export function createTimelineSource(query: () => TimelineQuery): TimelineSource {
  let events = $state.raw<readonly TimelineEvent[] | null>(null);
  let complete = $state(false);
  let busy = $state(false);
  let error = $state.raw<AppError | null>(null);
  let round = 0;

  async function read(asked: TimelineQuery, from: TimelineEvent | undefined): Promise<void> {
    const mine = ++round;
    busy = true;
    try {
      const page = await api['timeline.list']({
        ...asked,
        limit: pageSize,
        ...(from && { before: from.createdAt, beforeId: from.id }),
      });
      if (mine !== round) return;
      const known = events ?? [];
      // A first page that does not reach what is known leaves a gap: what is older is then read again on demand.
      const isConnected =
        from !== undefined || page.events.some((event) => known.some((one) => one.id === event.id));
      events = mergeEvents(isConnected ? known : [], page.events);
      if (from !== undefined || !isConnected) complete = page.events.length < pageSize;
      error = null;
    } catch (thrown) {
      if (mine === round) error = toAppError(thrown);
    } finally {
      if (mine === round) busy = false;
    }
  }

  const key = $derived(JSON.stringify(query()));
  const asked = (): TimelineQuery => JSON.parse(key) as TimelineQuery;

  $effect(() => {
    const { before, ...filter } = asked();
    untrack(() => {
      events = null;
      complete = false;
      // Without a core that answers, the watch alone would wait for ever.
      void read(asked(), undefined);
    });
    // What has an end in the past does not grow.
    if (before !== undefined && Date.parse(before) < Date.now()) return;
    let isFirst = true;
    return watch('timeline.watch', filter, (change) => {
      // Each connection begins with an empty value: what came before it is read.
      if (change.events.length === 0) {
        if (!isFirst) void read(asked(), undefined);
        isFirst = false;
      } else if (events !== null) events = mergeEvents(events, change.events);
    });
  });

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
    refresh: () => read(asked(), undefined),
    older: () => (complete || busy ? Promise.resolve() : read(asked(), events?.at(-1))),
  };
}
