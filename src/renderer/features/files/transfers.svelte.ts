import type { Transfer } from '../../../shared/contract/files.ts';
import { watch } from '../../lib/api.ts';

let list = $state.raw<readonly Transfer[]>([]);
let listeners: readonly ((done: Transfer) => void)[] = [];
let known: readonly string[] = [];

/** Transfers of every machine, newest first, as the core tells them. */
export const transfers = {
  get list(): readonly Transfer[] {
    return list;
  },
  /** Calls back when a transfer has come to its end. */
  onDone(listener: (done: Transfer) => void): () => void {
    listeners = [...listeners, listener];
    return () => {
      listeners = listeners.filter((one) => one !== listener);
    };
  },
};

export const isMoving = ({ state }: Transfer): boolean =>
  state === 'running' || state === 'waiting' || state === 'reconnecting';

export function followTransfers(): void {
  watch('files.watchTransfers', {}, (next) => {
    const ended = next.filter(({ id, state }) => state === 'done' && !known.includes(id));
    const isFirst = list.length === 0 && known.length === 0;
    known = next.filter(({ state }) => state === 'done').map(({ id }) => id);
    list = next;
    if (isFirst) return;
    for (const done of ended) for (const listener of listeners) listener(done);
  });
}
