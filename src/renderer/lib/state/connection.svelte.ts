export type ConnectionState = 'connecting' | 'connected' | 'lost';

let state = $state<ConnectionState>('connecting');
let generation = $state(0);

/** Whether the core answers. `generation` grows by one at each connect: whoever reads it runs again after a reconnect. */
export const connection = {
  get state(): ConnectionState {
    return state;
  },
  get generation(): number {
    return generation;
  },
  /** For lib/link.ts alone. */
  report(next: ConnectionState): void {
    if (next === 'connected' && state !== 'connected') generation += 1;
    state = next;
  },
};
