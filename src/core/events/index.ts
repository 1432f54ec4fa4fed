export { eventHandlers } from './handlers.ts';
export { recordEvent } from './record.ts';
export { listEvents, type EventFilter } from './store.ts';
export type { NewEvent } from './new-event.ts';
