export interface InboxOptions<T> {
  /** What an item costs its sender's window. */
  weigh(item: T): number;
  /** Consumption is told in steps of at least this weight. */
  ackStep: number;
  acknowledge(weight: number): void;
  /** The reader went away before the stream ended. Called at most once. */
  onAbandon(): void;
}

/** The receiving end of a stream: what arrives waits here until the one reader asks for it. */
export interface Inbox<T> extends AsyncIterable<T> {
  push(item: T): void;
  /** The reader gets what waits, then the end, or the error. */
  finish(error?: Error): void;
  /** Drops what waits; the reader gets the error (or the end) at once. */
  abort(error?: Error): void;
  /** Weight of what arrived and was not yet acknowledged: more than the window is a sender that cheats. */
  outstanding(): number;
}

/** An item counts as consumed when the reader asks for the next one, so a reader that works slowly slows its sender. */
export function createInbox<T>(options: InboxOptions<T>): Inbox<T> {
  const items: T[] = [];
  const readers: PromiseWithResolvers<IteratorResult<T>>[] = [];
  let outcome: { error?: Error } | null = null;
  let isTaken = false;
  let handedOut = 0;
  let consumed = 0;
  let outstanding = 0;

  const acknowledge = (): void => {
    consumed += handedOut;
    handedOut = 0;
    if (outcome || consumed < options.ackStep) return;
    outstanding -= consumed;
    options.acknowledge(consumed);
    consumed = 0;
  };
  const done = (): IteratorResult<T> => ({ done: true, value: undefined });
  const settle = (reader: PromiseWithResolvers<IteratorResult<T>>): void => {
    const error = outcome?.error;
    // An error is thrown once; whoever asks again sees the end.
    outcome = {};
    if (error) reader.reject(error);
    else reader.resolve(done());
  };
  const finish = (error?: Error): void => {
    if (outcome) return;
    outcome = error ? { error } : {};
    for (const reader of readers.splice(0)) settle(reader);
  };
  const take = (item: T): IteratorResult<T> => {
    handedOut += options.weigh(item);
    return { done: false, value: item };
  };

  const iterator: AsyncIterator<T> = {
    next() {
      acknowledge();
      if (items.length > 0) return Promise.resolve(take(items.shift() as T));
      const reader = Promise.withResolvers<IteratorResult<T>>();
      if (outcome) settle(reader);
      else readers.push(reader);
      return reader.promise;
    },
    return() {
      items.length = 0;
      const isAbandoned = outcome === null;
      finish();
      outcome = {};
      if (isAbandoned) options.onAbandon();
      return Promise.resolve(done());
    },
  };

  return {
    push(item) {
      if (outcome) return;
      outstanding += options.weigh(item);
      const reader = readers.shift();
      if (reader) reader.resolve(take(item));
      else items.push(item);
    },
    finish,
    abort(error) {
      items.length = 0;
      finish(error);
    },
    outstanding: () => outstanding,
    [Symbol.asyncIterator]() {
      if (isTaken) throw new Error('A stream can be read once');
      isTaken = true;
      return iterator;
    },
  };
}
