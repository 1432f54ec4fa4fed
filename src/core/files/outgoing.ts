import { AppError } from '../../shared/domain/errors.ts';
import { isOver, type Moving, type Transfers } from './transfers.ts';

/** What brings the bytes of a download: calls `give` for one piece after the other and waits for it. */
export type BringBytes = (give: (piece: Uint8Array) => Promise<void>, signal: AbortSignal) => Promise<void>;

/**
 * The bytes of a download as whoever reads them takes them: pieces pass one at a time, and nothing piles up between. Keeps the state of
 * its transfer. `onWhole` is called when all is read; it sets the last state.
 * @throws AppError what `bring` fails with, `cancelled`; whoever stops reading ends it
 */
export async function* outgoing(
  transfers: Transfers,
  moving: Moving,
  outer: AbortSignal,
  bring: BringBytes,
  onWhole: () => void,
): AsyncGenerator<Uint8Array> {
  moving.abort = new AbortController();
  const signal = AbortSignal.any([outer, moving.abort.signal]);
  let piece: PromiseWithResolvers<Uint8Array | null> = Promise.withResolvers();
  let taken: PromiseWithResolvers<void> = Promise.withResolvers();
  const give = async (bytes: Uint8Array): Promise<void> => {
    signal.throwIfAborted();
    piece.resolve(bytes);
    await taken.promise;
    signal.throwIfAborted();
    transfers.moved(moving, bytes.byteLength);
  };
  const work = async (): Promise<void> => {
    const giveBack = await transfers.turn(moving, signal);
    try {
      await bring(give, signal);
    } finally {
      giveBack();
    }
  };
  const working = work().then(
    () => {
      piece.resolve(null);
    },
    (error: unknown) => {
      piece.reject(error);
    },
  );
  const left = (): void => {
    piece.reject(signal.reason);
    taken.resolve();
  };
  piece.promise.catch(() => undefined);
  signal.addEventListener('abort', left, { once: true });
  let isWhole = false;
  try {
    for (;;) {
      const next = await piece.promise;
      if (next === null) break;
      piece = Promise.withResolvers();
      piece.promise.catch(() => undefined);
      const before = taken;
      taken = Promise.withResolvers();
      try {
        yield next;
      } finally {
        before.resolve();
      }
    }
    isWhole = true;
    onWhole();
  } catch (error) {
    transfers.change(moving, signal.aborted ? 'cancelled' : 'failed', signal.aborted ? undefined : error);
    throw signal.aborted ? signal.reason : error;
  } finally {
    signal.removeEventListener('abort', left);
    if (!isWhole) {
      // The reader left: the worker is let go as well.
      if (!isOver(moving.state)) transfers.change(moving, 'cancelled');
      moving.abort.abort(new AppError('cancelled', 'The download was stopped'));
      taken.resolve();
    }
    await working;
  }
}
