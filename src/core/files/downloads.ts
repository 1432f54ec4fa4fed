import { randomBytes, randomUUID } from 'node:crypto';
import { AppError } from '../../shared/domain/errors.ts';
import type { CoreContext } from '../context.ts';
import { readFlow } from '../ssh/sftp-flow.ts';
import type { SshPool } from '../ssh/types.ts';
import { downloadName, nameOf } from './paths.ts';
import { recordFileEvent } from './store.ts';
import { createTail, hasTail } from './tail.ts';
import { isOver, type Moving, type Transfers } from './transfers.ts';

/** How long an address is good: a browser may ask for the rest of a download that broke. */
const goodForMs = 60 * 60 * 1000;
const mostTickets = 1_000;

interface Ticket {
  readonly machineId: string;
  readonly path: string;
  readonly sizeBytes: number;
  readonly modifiedAt: number;
  readonly fileName: string;
  readonly untilMs: number;
  moving: Moving | null;
}

/** A file on its way out of the application. */
export interface Download {
  readonly fileName: string;
  readonly sizeBytes: number;
  /** The same while the file is the same. */
  readonly etag: string;
  /**
   * Its bytes from `offset` on. A lost link is made again and the reading goes on where it stood, if the file is still the same.
   * @throws AppError file_changed, file_*, ssh_*; whoever stops reading ends it
   */
  read(offset: number, signal: AbortSignal): AsyncGenerator<Uint8Array>;
}

export interface Downloads {
  /** Looks at the file and makes an address for it. @throws AppError file_* when it cannot be read */
  offer(machineId: string, path: string, signal: AbortSignal): Promise<{ ticket: string; fileName: string }>;
  /** What an address stands for; null when it never did or no longer does. */
  find(ticket: string): Download | null;
}

export function createDownloads(
  context: CoreContext,
  pool: Pick<SshPool, 'sftp'>,
  transfers: Transfers,
  nameOfMachine: (machineId: string) => string,
): Downloads {
  const tickets = new Map<string, Ticket>();

  async function* read(ticket: Ticket, offset: number, outer: AbortSignal): AsyncGenerator<Uint8Array> {
    const { machineId, path, sizeBytes } = ticket;
    const goesOn = offset > 0 && ticket.moving !== null && isOver(ticket.moving.state);
    const moving =
      goesOn && ticket.moving
        ? ticket.moving
        : transfers.add({
            id: randomUUID(),
            machineId,
            machineName: nameOfMachine(machineId),
            direction: 'download',
            path,
            sizeBytes,
          });
    ticket.moving = moving;
    moving.abort = new AbortController();
    const signal = AbortSignal.any([outer, moving.abort.signal]);
    const tail = createTail();
    let at = offset;
    transfers.backTo(moving, at);

    /** Pieces pass from the worker, which deals with links, to the reader, one at a time. */
    let piece: PromiseWithResolvers<Uint8Array | null> = Promise.withResolvers();
    let taken: PromiseWithResolvers<void> = Promise.withResolvers();
    const attempt = async (): Promise<void> => {
      const session = await pool.sftp(machineId, { reason: 'File transfer', signal });
      const stop = (): void => {
        session.close();
      };
      signal.addEventListener('abort', stop, { once: true });
      try {
        const file = await session.open(path, 'read');
        const stat = await file.stat();
        const isSame = stat.sizeBytes === sizeBytes && stat.modifiedAt === ticket.modifiedAt;
        if (!isSame || (at > offset && !(await hasTail(file, at, tail))))
          throw new AppError('file_changed', 'The file has changed', { path });
        transfers.change(moving, 'running');
        for await (const bytes of readFlow(file, at, sizeBytes)) {
          signal.throwIfAborted();
          piece.resolve(bytes);
          await taken.promise;
          signal.throwIfAborted();
          at += bytes.byteLength;
          tail.push(bytes);
          transfers.moved(moving, bytes.byteLength);
        }
        if (at !== sizeBytes) throw new AppError('file_changed', 'The file became shorter', { path });
        await file.close();
      } finally {
        signal.removeEventListener('abort', stop);
        session.close();
      }
    };
    const work = async (): Promise<void> => {
      const giveBack = await transfers.turn(moving, signal);
      try {
        await transfers.overLinks(moving, signal, attempt);
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
      transfers.change(moving, 'done');
      recordFileEvent(context, machineId, 'file.downloaded', { paths: [path], sizeBytes });
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

  return {
    async offer(machineId, path, signal) {
      const session = await pool.sftp(machineId, { reason: 'File transfer', signal });
      try {
        const file = await session.open(path, 'read');
        const stat = await file.stat();
        await file.close();
        if (stat.kind !== 'file') throw new AppError('file_failed', 'Not a regular file', { path });
        const nowMs = context.now().getTime();
        for (const [id, one] of tickets)
          if (one.untilMs < nowMs || tickets.size >= mostTickets) tickets.delete(id);
        const ticket = randomBytes(32).toString('base64url');
        const fileName = downloadName(nameOf(path));
        tickets.set(ticket, {
          machineId,
          path,
          sizeBytes: stat.sizeBytes,
          modifiedAt: stat.modifiedAt,
          fileName,
          untilMs: nowMs + goodForMs,
          moving: null,
        });
        return { ticket, fileName };
      } finally {
        session.close();
      }
    },
    find(id) {
      const ticket = tickets.get(id);
      if (!ticket || ticket.untilMs < context.now().getTime()) return null;
      return {
        fileName: ticket.fileName,
        sizeBytes: ticket.sizeBytes,
        etag: `"${ticket.modifiedAt.toString(36)}-${ticket.sizeBytes.toString(36)}"`,
        read: (offset, signal) => read(ticket, offset, signal),
      };
    },
  };
}
