import type { Transfer } from '../../../shared/contract/files.ts';
import { watch } from '../../lib/api.ts';
import { errorRemedy, errorTitle } from '../../lib/i18n/index.ts';
import { toasts } from '../../lib/ui/toasts.svelte.ts';

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

/** It arrived, and something is missing in it. */
export const isIncomplete = ({ state, error }: Transfer): boolean => state === 'done' && error !== null;

export function followTransfers(): void {
  watch('files.watchTransfers', {}, (next) => {
    const ended = next.filter(({ id, state }) => state === 'done' && !known.includes(id));
    const isFirst = list.length === 0 && known.length === 0;
    known = next.filter(({ state }) => state === 'done').map(({ id }) => id);
    list = next;
    if (isFirst) return;
    for (const done of ended) {
      for (const listener of listeners) listener(done);
      tellIfIncomplete(done);
    }
  });
}

/** The browser shows a download that is whole: only here can be said that it is not. */
function tellIfIncomplete({ error, machineName }: Transfer): void {
  if (error === null) return;
  const { kind, data } = error;
  toasts.show({
    tone: 'warning',
    text: () => errorTitle(kind, data, machineName),
    detail: () => errorRemedy(kind, data, machineName),
  });
}
