import type { ClientChannel } from 'ssh2';
import { AppError } from '../../shared/domain/errors.ts';
import type { SshConnection } from './connection.ts';
import { addressOf } from './failures.ts';
import type { ShellEnd, SshShell } from './types.ts';

const pieceBytes = 256 * 1024;
/** How long a host may take to answer a close before it is over for us in any case. */
const closeGraceMs = 2_000;
/** What may wait here before the host's window is no longer opened; see `keepLittle`. */
const keptBytes = 256 * 1024;

/** A terminal over an open channel; `release` gives its share of the connection back, once. */
export function createShell(
  channel: ClientChannel,
  connection: SshConnection,
  release: () => void,
): SshShell {
  const { target } = connection;
  const ended = Promise.withResolvers<ShellEnd>();
  let exit: { exitCode: number | null; signal: string | null } | null = null;
  let isOver = false;
  /** The host has no more output, or the channel is gone. */
  let isDry = false;
  let wake: () => void = () => undefined;
  let grace: NodeJS.Timeout | undefined;

  const finish = () => {
    isDry = true;
    wake();
    clearTimeout(grace);
    if (isOver) return;
    isOver = true;
    unsubscribe();
    release();
    if (exit !== null && connection.lost === null) {
      ended.resolve({ kind: 'exited', ...exit });
      return;
    }
    const error =
      connection.lost ??
      new AppError('ssh_connection_lost', `${target.name}: the session closed`, addressOf(target));
    ended.resolve({ kind: 'lost', error });
  };
  const unsubscribe = connection.onLost(() => {
    // What has arrived is still there to be read; the end of the stream follows it.
    queueMicrotask(finish);
  });

  channel.on('exit', (code: number | null, signal?: string) => {
    exit = { exitCode: code, signal: signal ?? null };
  });
  channel.on('readable', () => {
    wake();
  });
  channel.on('end', () => {
    isDry = true;
    wake();
  });
  channel.on('close', () => {
    // A connection that breaks closes its channels before it says so itself.
    if (exit === null && connection.lost === null) setImmediate(finish);
    else finish();
  });
  keepLittle(channel);
  // With a terminal everything comes on one stream; what a server sends beside it must not stop the window.
  channel.stderr.resume();

  const nextPiece = (): Buffer | null => {
    const waiting = channel.readableLength;
    if (waiting === 0) {
      // Reading an empty stream is what makes it tell of more, and of its end.
      return channel.read() as Buffer | null;
    }
    return channel.read(Math.min(waiting, pieceBytes)) as Buffer | null;
  };

  return {
    async *output(signal) {
      const onAbort = () => {
        wake();
      };
      signal.addEventListener('abort', onAbort, { once: true });
      try {
        while (!signal.aborted) {
          const news = new Promise<void>((resolve) => {
            wake = resolve;
          });
          const piece = nextPiece();
          if (piece !== null) yield piece;
          else if (isDry) return;
          else await news;
        }
      } finally {
        signal.removeEventListener('abort', onAbort);
      }
    },

    async write(bytes) {
      if (isOver || !channel.writable) return;
      try {
        if (channel.write(bytes)) return;
      } catch {
        // ssh2 throws when the connection under the channel has just gone; its end is told by `ended`.
        return;
      }
      await new Promise<void>((resolve) => {
        const done = () => {
          channel.off('drain', done);
          channel.off('close', done);
          resolve();
        };
        channel.on('drain', done);
        channel.on('close', done);
        void ended.promise.then(done);
      });
    },

    resize({ columns, rows }) {
      if (isOver) return;
      try {
        channel.setWindow(rows, columns, 0, 0);
      } catch {
        // As in write: the end is on its way.
      }
    },

    close() {
      if (isOver) return;
      exit ??= { exitCode: null, signal: null };
      try {
        channel.close();
      } catch {
        finish();
      }
      if (isOver) return;
      grace = setTimeout(finish, closeGraceMs);
      // "close" comes only when everything was read, and nobody reads any more.
      channel.resume();
    },

    ended: ended.promise,
  };
}

/**
 * ssh2 lets 2 MB wait in the stream before it stops giving the host new window, so up to 4 MB of a flood would be shown
 * after Ctrl-C. The limit is set once the stream is made, as its constructor takes none; what is left is SSH's own window.
 */
function keepLittle(channel: ClientChannel): void {
  const { _readableState: state } = channel as unknown as { _readableState?: { highWaterMark: number } };
  if (state) state.highWaterMark = keptBytes;
}
