import { randomUUID } from 'node:crypto';
import { AppError } from '../../shared/domain/errors.ts';
import type { CoreContext } from '../context.ts';
import { readFlow } from '../ssh/sftp-flow.ts';
import type { SftpStat } from '../ssh/sftp-types.ts';
import type { SshPool } from '../ssh/types.ts';
import { archiveOf } from './archive.ts';
import { outgoing, type BringBytes } from './outgoing.ts';
import { downloadName, nameOf } from './paths.ts';
import { recordFileEvent } from './store.ts';
import { createTail, hasTail } from './tail.ts';
import { createTickets, type Download } from './tickets.ts';
import { isOver, type Moving, type Transfers } from './transfers.ts';

export interface Downloads {
  /** Looks at a file or directory and makes an address for it. @throws AppError file_*, tar_missing when it cannot be read */
  offer(machineId: string, path: string, signal: AbortSignal): Promise<{ ticket: string; fileName: string }>;
  /** What an address stands for; null when it never did or no longer does. */
  find(ticket: string): Download | null;
}

export function createDownloads(
  context: CoreContext,
  pool: Pick<SshPool, 'sftp' | 'exec'>,
  transfers: Transfers,
  nameOfMachine: (machineId: string) => string,
): Downloads {
  const tickets = createTickets(context);

  /** The file as it was looked at. */
  function fileDownload(machineId: string, path: string, stat: SftpStat): Download {
    const { sizeBytes, modifiedAt } = stat;
    let last: Moving | null = null;

    const bring =
      (moving: Moving, offset: number): BringBytes =>
      async (give, signal) => {
        const tail = createTail();
        let at = offset;
        await transfers.overLinks(moving, signal, async () => {
          const session = await pool.sftp(machineId, { reason: 'File transfer', signal });
          const stop = (): void => {
            session.close();
          };
          signal.addEventListener('abort', stop, { once: true });
          try {
            const file = await session.open(path, 'read');
            const now = await file.stat();
            const isSame = now.sizeBytes === sizeBytes && now.modifiedAt === modifiedAt;
            if (!isSame || (at > offset && !(await hasTail(file, at, tail))))
              throw new AppError('file_changed', 'The file has changed', { path });
            transfers.change(moving, 'running');
            for await (const bytes of readFlow(file, at, sizeBytes)) {
              await give(bytes);
              at += bytes.byteLength;
              tail.push(bytes);
            }
            if (at !== sizeBytes) throw new AppError('file_changed', 'The file became shorter', { path });
            await file.close();
          } finally {
            signal.removeEventListener('abort', stop);
            session.close();
          }
        });
      };

    return {
      fileName: downloadName(nameOf(path)),
      sizeBytes,
      etag: `"${modifiedAt.toString(36)}-${sizeBytes.toString(36)}"`,
      read(offset, outer) {
        const moving =
          offset > 0 && last !== null && isOver(last.state)
            ? last
            : transfers.add({
                id: randomUUID(),
                machineId,
                machineName: nameOfMachine(machineId),
                direction: 'download',
                path,
                sizeBytes,
              });
        last = moving;
        transfers.backTo(moving, offset);
        return outgoing(transfers, moving, outer, bring(moving, offset), () => {
          transfers.change(moving, 'done');
          recordFileEvent(context, machineId, 'file.downloaded', { paths: [path], sizeBytes });
        });
      },
    };
  }

  /** What is there; for a directory its real path, which a link to it only leads to. */
  async function look(
    machineId: string,
    path: string,
    signal: AbortSignal,
  ): Promise<{ readonly stat: SftpStat; readonly directory: string | null }> {
    const session = await pool.sftp(machineId, { reason: 'File transfer', signal });
    try {
      const found = await session.stat(path);
      if (found.kind === 'directory') return { stat: found, directory: await session.realpath(path) };
      const file = await session.open(path, 'read');
      const stat = await file.stat();
      await file.close();
      if (stat.kind !== 'file') throw new AppError('file_failed', 'Not a regular file', { path });
      return { stat, directory: null };
    } finally {
      session.close();
    }
  }

  return {
    async offer(machineId, path, signal) {
      const { stat, directory } = await look(machineId, path, signal);
      const machineName = nameOfMachine(machineId);
      const download =
        directory === null
          ? fileDownload(machineId, path, stat)
          : await archiveOf(
              context,
              pool,
              transfers,
              { machineId, machineName, directory },
              nameOf(path),
              signal,
            );
      return { ticket: tickets.add(download), fileName: download.fileName };
    },
    find: (ticket) => tickets.find(ticket),
  };
}
