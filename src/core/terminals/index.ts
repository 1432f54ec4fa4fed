export { terminalHandlers } from './handlers.ts';
export { createTerminals, type Terminals } from './terminals.ts';
