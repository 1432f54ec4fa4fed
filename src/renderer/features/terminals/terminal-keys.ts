/** What a key does that the terminal does not get. */
export type TerminalKey =
  | 'copy'
  | 'paste'
  | 'search'
  | 'leave'
  | 'previous'
  | 'next'
  | 'larger'
  | 'smaller'
  | 'palette'
  | 'split_row'
  | 'split_column'
  | 'close'
  | 'broadcast'
  | 'snippets'
  | 'left'
  | 'right'
  | 'up'
  | 'down';

type Pressed = Pick<KeyboardEvent, 'key' | 'code' | 'ctrlKey' | 'shiftKey' | 'altKey' | 'metaKey'>;

const withControlShift: Readonly<Record<string, TerminalKey>> = {
  KeyC: 'copy',
  KeyV: 'paste',
  KeyF: 'search',
  KeyK: 'palette',
  KeyD: 'split_row',
  KeyE: 'split_column',
  KeyX: 'close',
  KeyB: 'broadcast',
  KeyS: 'snippets',
  ArrowUp: 'leave',
  ArrowLeft: 'previous',
  ArrowRight: 'next',
  Equal: 'larger',
  Minus: 'smaller',
};
const withAltShift: Readonly<Record<string, TerminalKey>> = {
  ArrowLeft: 'left',
  ArrowRight: 'right',
  ArrowUp: 'up',
  ArrowDown: 'down',
};
const withCommand: Readonly<Record<string, TerminalKey>> = { KeyC: 'copy', KeyV: 'paste', KeyF: 'search' };

/**
 * The application's keys inside a terminal: Ctrl+Shift with a letter or an arrow, as terminals have them, Alt+Shift with an
 * arrow for the panes, and ⌘ on a Mac.
 */
export function terminalKey(event: Pressed): TerminalKey | null {
  const { ctrlKey, shiftKey, altKey, metaKey, code } = event;
  if (altKey) return shiftKey && !ctrlKey && !metaKey ? (withAltShift[code] ?? null) : null;
  if (ctrlKey && shiftKey && !metaKey) return withControlShift[code] ?? null;
  if (metaKey && !ctrlKey && !shiftKey) return withCommand[code] ?? null;
  if (ctrlKey && !shiftKey && !metaKey && code === 'Insert') return 'copy';
  if (shiftKey && !ctrlKey && !metaKey && code === 'Insert') return 'paste';
  return null;
}
