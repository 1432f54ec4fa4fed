export { terminalHandlers } from './handlers.ts';
export { snippetHandlers } from './snippets.ts';
export { createRecordings } from './recording.ts';
export { createTerminals, type Terminals } from './terminals.ts';
export { createTerminalWindows } from './windows.ts';
