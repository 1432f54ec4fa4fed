import type { ActorType, Severity } from '../../../shared/domain/unions.ts';
import { spanOf, type Period } from './filter.ts';
import type { TimelineQuery } from './timeline-source.svelte.ts';

interface Chosen {
  severity: Severity | 'all';
  eventType: string;
  machineId: string;
  actor: ActorType | '';
  period: Period;
  /** Local dates such as `2026-03-01`, both included; for the period `dates`. */
  from: string;
  to: string;
  text: string;
}
const everything: Chosen = {
  severity: 'all',
  eventType: '',
  machineId: '',
  actor: '',
  period: 'any',
  from: '',
  to: '',
  text: '',
};

export interface TimelineFilters {
  readonly chosen: Chosen;
  readonly isNarrowed: boolean;
  /** What the core is asked for; the text is searched in the page, which alone knows what it shows. */
  readonly query: TimelineQuery;
  clear(): void;
}

/** What the reader narrows a timeline to. */
export function createTimelineFilters(): TimelineFilters {
  const chosen = $state({ ...everything });
  let period: Period = 'any';
  /** When the present period was chosen: a start that moves would read everything again and again. */
  let chosenAtMs = Date.now();
  const query = (): TimelineQuery => {
    if (chosen.period !== period) chosenAtMs = Date.now();
    period = chosen.period;
    return {
      ...(chosen.severity !== 'all' && { severity: chosen.severity }),
      ...(chosen.eventType !== '' && { eventTypes: [chosen.eventType] }),
      ...(chosen.machineId !== '' && { machineId: chosen.machineId }),
      ...(chosen.actor !== '' && { actorType: chosen.actor }),
      ...spanOf(chosen, chosenAtMs),
    };
  };
  return {
    chosen,
    get isNarrowed() {
      return chosen.text.trim() !== '' || Object.keys(query()).length > 0;
    },
    get query() {
      return query();
    },
    clear() {
      Object.assign(chosen, everything);
    },
  };
}

/** The filters of the fleet's timeline; kept while other pages are open. */
export const fleetTimeline = createTimelineFilters();
