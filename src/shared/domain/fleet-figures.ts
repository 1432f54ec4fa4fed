import type { ListedMachine } from './listed-machine.ts';

/** The figures strip, in its order. Each figure is also a filter; the predicates count exactly what the core counts. */
export const figureIds = [
  'machines',
  'withUpdates',
  'withSecurity',
  'rebootRequired',
  'errors',
  'unreachable',
  'neverChecked',
] as const;
export type FigureId = (typeof figureIds)[number];

const predicates: Record<FigureId, (row: ListedMachine) => boolean> = {
  machines: () => true,
  withUpdates: ({ state }) => (state.updatesCount ?? 0) > 0,
  withSecurity: ({ state }) => (state.securityCount ?? 0) > 0,
  rebootRequired: ({ state }) => state.rebootRequired === true,
  errors: ({ status, state }) =>
    status !== 'unreachable' && (state.lastError !== null || status === 'blocked' || status === 'error'),
  unreachable: ({ status }) => status === 'unreachable',
  neverChecked: ({ state }) => state.analyzedAt === null,
};

/** Whether a machine is among those that a figure counts. */
export const isCounted = (figure: FigureId, row: ListedMachine): boolean => predicates[figure](row);

/** The figure of a stored filter; undefined for one of another version. */
export const figureOf = (filter: string): FigureId | undefined => figureIds.find((id) => id === filter);
