export { terminalHandlers } from './handlers.ts';
export { snippetHandlers } from './snippets.ts';
export { createTerminals, type Terminals } from './terminals.ts';
export { createTerminalWindows } from './windows.ts';
