import type { Message } from './messages.ts';

/**
 * Moves messages between two ends, whole and in order. What arrives is `unknown`: the reader checks it.
 *
 * Listeners are called for everything that arrives after they are set; a message is never delivered inside `send`.
 * `onClose` listeners are called once, at once if the transport is closed already. `send` after the close is a no-op.
 */
export interface Transport {
  /** @throws whatever the medium throws for a value it cannot carry; nothing was sent then. */
  send(message: Message): void;
  /**
   * Memory for the bytes of a `data` message that `send` need not copy once more. Filled by the caller, sent once, and not
   * touched after that.
   */
  frame(byteLength: number): Uint8Array;
  onMessage(listener: (message: unknown) => void): void;
  onClose(listener: (reason: string) => void): void;
  close(reason?: string): void;
  /** Bytes accepted by `send` and not yet handed to the other end, where the medium can tell; else 0. */
  bufferedBytes(): number;
}

/** The closing half of a transport: remembers the reason and tells every listener once. */
export function closeNews() {
  let reason: string | undefined;
  const listeners: ((reason: string) => void)[] = [];
  return {
    isClosed: () => reason !== undefined,
    /** True the first time. */
    close(why: string): boolean {
      if (reason !== undefined) return false;
      reason = why;
      for (const listener of listeners.splice(0)) listener(why);
      return true;
    },
    onClose(listener: (reason: string) => void): void {
      if (reason === undefined) listeners.push(listener);
      else listener(reason);
    },
  };
}

/** Two ends in one process. Messages are copied, so neither end sees the other's later changes. */
export function inProcessTransports(): [Transport, Transport] {
  const news = closeNews();
  const makeEnd = (
    inbox: ((message: unknown) => void)[],
    outbox: ((message: unknown) => void)[],
  ): Transport => ({
    send(message) {
      if (news.isClosed()) return;
      const copy: unknown = structuredClone(message);
      queueMicrotask(() => {
        for (const listener of outbox) if (!news.isClosed()) listener(copy);
      });
    },
    frame: (byteLength) => new Uint8Array(byteLength),
    onMessage: (listener) => void inbox.push(listener),
    onClose: (listener) => {
      news.onClose(listener);
    },
    close: (reason = 'closed') => void queueMicrotask(() => void news.close(reason)),
    bufferedBytes: () => 0,
  });
  const left: ((message: unknown) => void)[] = [];
  const right: ((message: unknown) => void)[] = [];
  return [makeEnd(left, right), makeEnd(right, left)];
}
