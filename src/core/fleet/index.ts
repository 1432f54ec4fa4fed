export { fleetHandlers } from './handlers.ts';
export { clearContactError, errorColumns, markFailed, markSeen, noError, patchState } from './state.ts';
export { fleetRows } from './store.ts';
export type { StatePatch } from './state.ts';
export { fleetViewById, fleetViewHandlers } from './views.ts';
