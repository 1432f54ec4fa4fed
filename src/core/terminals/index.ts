export { terminalHandlers } from './handlers.ts';
export { createRecordings } from './recording.ts';
export { createTerminals, type Terminals } from './terminals.ts';
