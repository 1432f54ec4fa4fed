import type { ClientChannel } from 'ssh2';
import { AppError } from '../../shared/domain/errors.ts';
import type { SshConnection } from './connection.ts';
import { addressOf } from './failures.ts';
import type { ShellEnd, SshShell } from './types.ts';

/** Less is joined in memory of its own, more in memory that serves again. */
const smallBytes = 32 * 1024;
/** How long a host may take to answer a close before it is over for us in any case. */
const closeGraceMs = 2_000;
/** What may wait here before the channel is paused: the largest piece. */
const keptBytes = 256 * 1024;
/** What may wait in the channel then before the host's window is no longer opened; see `keepLittle`. */
const pausedBytes = 32 * 1024;

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
  let isClosing = false;
  let isClosed = false;
  let chunks: Buffer[] = [];
  let waitingBytes = 0;
  /** A flood is joined in here, piece after piece: as much memory again would have to be collected. */
  let joined: Buffer | undefined;

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
  channel.on('data', (chunk: Buffer) => {
    // "close" comes only when everything was read, and nobody reads any more.
    if (isClosing) return;
    chunks.push(chunk);
    waitingBytes += chunk.length;
    if (waitingBytes >= keptBytes) channel.pause();
    wake();
  });
  channel.on('end', () => {
    isDry = true;
    wake();
  });
  channel.on('close', () => {
    isClosed = true;
    // The end is told when all that came before it was read.
    if (waitingBytes === 0) closed();
  });
  const closed = () => {
    // A connection that breaks closes its channels before it says so itself.
    if (exit === null && connection.lost === null) setImmediate(finish);
    else finish();
  };
  keepLittle(channel);
  // With a terminal everything comes on one stream; what a server sends beside it must not stop the window.
  channel.stderr.resume();

  /** All that waits, or null. */
  const nextPiece = (): Buffer | null => {
    const [first] = chunks;
    if (!first) {
      if (isClosed) closed();
      return null;
    }
    const piece = chunks.length === 1 ? first : join(waitingBytes);
    chunks = [];
    waitingBytes = 0;
    if (channel.isPaused()) channel.resume();
    return piece;
  };
  const join = (size: number): Buffer => {
    if (size <= smallBytes) {
      joined = undefined;
      return Buffer.concat(chunks, size);
    }
    // The chunk that made it full may be as long as a packet.
    if (!joined || joined.length < size) joined = Buffer.allocUnsafeSlow(Math.max(size, keptBytes));
    let at = 0;
    for (const chunk of chunks) at += chunk.copy(joined, at);
    return joined.subarray(0, size);
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
      isClosing = true;
      chunks = [];
      waitingBytes = 0;
      if (isClosed) return closed();
      try {
        channel.close();
      } catch {
        finish();
      }
      if (isOver) return;
      grace = setTimeout(finish, closeGraceMs);
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
  if (state) state.highWaterMark = pausedBytes;
}
