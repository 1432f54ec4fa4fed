import type { Terminal } from '@xterm/xterm';

interface InnerTerminal {
  readonly _core?: { readonly coreService?: { onUserInput?(listener: () => void): unknown } };
}

/**
 * Tells when the next `onData` is what a person typed. xterm's public events do not set that apart from its answers to
 * the host (position, kind of terminal, focus), which must never reach another host. The version of xterm is pinned.
 * @throws when xterm has no such event any more
 */
export function onPersonInput(terminal: Terminal, listener: () => void): void {
  const service = (terminal as unknown as InnerTerminal)._core?.coreService;
  if (!service?.onUserInput) throw new Error('xterm does not say any more what a person typed');
  service.onUserInput(listener);
}
