import { randomUUID } from 'node:crypto';
import type { NameConflict } from '../../shared/contract/files.ts';
import { AppError } from '../../shared/domain/errors.ts';
import type { CoreContext } from '../context.ts';
import { createWriteFlow } from '../ssh/sftp-flow.ts';
import type { SftpSession, SftpStat } from '../ssh/sftp-types.ts';
import type { SshPool } from '../ssh/types.ts';
import { explain, isTaken, refuseWithoutRoom } from './browse.ts';
import { joinPath, numberedName, parentOf } from './paths.ts';
import { recordFileEvent } from './store.ts';
import { createTail, hasTail, readTail, type Tail } from './tail.ts';
import { takeOver } from './text.ts';
import { isPassing, type Moving, type Transfers } from './transfers.ts';

export interface UploadRequest {
  readonly id: string;
  readonly machineId: string;
  readonly directory: string;
  readonly name: string;
  readonly sizeBytes: number;
  readonly modifiedMs: number;
  readonly conflict: NameConflict;
}

/** What is known of an upload while it can go on. */
interface Upload {
  readonly request: UploadRequest;
  readonly moving: Moving;
  readonly tail: Tail;
  /** Where its bytes go until it is whole; null before it was made. */
  part: string | null;
  /** What the machine itself gave the part: its umask, and ACLs of the directory. */
  mode: number | null;
  path: string;
  writtenBytes: number;
}

export interface Uploads {
  /** Takes the bytes of a new file. @throws AppError file_*, disk_full, ssh_*, vault_*, cancelled */
  begin(request: UploadRequest, bytes: AsyncIterable<Uint8Array>, caller: AbortSignal): Promise<void>;
  /** Takes the rest of one that broke. @throws AppError not_found, conflict when it is not broken or goes on elsewhere */
  resume(id: string, at: number, bytes: AsyncIterable<Uint8Array>, caller: AbortSignal): Promise<void>;
  /** @throws AppError not_found, file_changed when the file here is another one */
  resumePoint(
    id: string,
    file: { sizeBytes: number; modifiedMs: number },
    signal: AbortSignal,
  ): Promise<{ offsetBytes: number; tailBase64: string }>;
  /** Takes what a broken upload left off the machine. */
  discard(id: string): Promise<void>;
}

export function createUploads(
  context: CoreContext,
  pool: Pick<SshPool, 'sftp'>,
  transfers: Transfers,
  nameOfMachine: (machineId: string) => string,
): Uploads {
  const uploads = new Map<string, Upload>();
  const open = (machineId: string, signal: AbortSignal): Promise<SftpSession> =>
    pool.sftp(machineId, { reason: 'File transfer', signal });

  /** The name under which it will be there, and a file beside it that proves that one may write. */
  const prepare = async (upload: Upload, session: SftpSession): Promise<void> => {
    const { directory, name, conflict, sizeBytes } = upload.request;
    let wanted = name;
    for (let number = 2; conflict === 'keep_both' && (await isTaken(session, joinPath(directory, wanted)));)
      wanted = numberedName(name, number++);
    upload.path = joinPath(directory, wanted);
    let former: SftpStat | null = null;
    if (conflict !== 'keep_both' && (await isTaken(session, upload.path))) {
      former = await session.stat(upload.path).catch(() => null);
      if (conflict === 'refuse' || former?.kind !== 'file')
        throw new AppError('file_exists', 'Something of that name is there', { path: upload.path });
      // A link stays; what it leads to is replaced.
      upload.path = await session.realpath(upload.path);
    }
    const place = parentOf(upload.path);
    await refuseWithoutRoom(session, place, sizeBytes);
    const part = joinPath(place, `.homeport-${randomUUID()}.part`);
    const file = await session.open(part, { create: 0o666 });
    const { mode } = await file.stat();
    await file.close();
    upload.part = part;
    upload.mode = mode;
    // Nobody reads more of it on its way than may read what it replaces.
    const narrow = former === null ? mode : mode & former.mode;
    if (narrow !== mode) await session.chmod(part, narrow);
  };

  const finish = async (upload: Upload, session: SftpSession, part: string): Promise<void> => {
    const { conflict, sizeBytes, modifiedMs, machineId } = upload.request;
    const made = await session.stat(part);
    if (upload.writtenBytes !== sizeBytes || made.sizeBytes !== sizeBytes)
      throw new AppError('file_changed', 'The file was not what it said', { path: upload.path });
    await session.touch(part, Math.max(0, Math.trunc(modifiedMs / 1000)));
    let former: SftpStat | null = null;
    if (conflict === 'replace') former = await session.stat(upload.path).catch(() => null);
    if (former) await takeOver(session, part, former);
    else if (upload.mode !== null && upload.mode !== made.mode) await session.chmod(part, upload.mode);
    if (conflict === 'replace') await session.replace(part, upload.path);
    else if (await isTaken(session, upload.path))
      throw new AppError('file_exists', 'Something of that name is there', { path: upload.path });
    else await session.rename(part, upload.path);
    upload.part = null;
    recordFileEvent(context, machineId, 'file.uploaded', { paths: [upload.path], sizeBytes });
  };

  const run = async (
    upload: Upload,
    bytes: AsyncIterable<Uint8Array>,
    caller: AbortSignal,
  ): Promise<void> => {
    const { moving, request } = upload;
    moving.abort = new AbortController();
    const signal = AbortSignal.any([caller, moving.abort.signal]);
    const pieces = bytes[Symbol.asyncIterator]();
    /** Taken from the sender and not known to be written. */
    let waiting: Uint8Array[] = [];
    let isDry = false;
    let giveBack: () => void = () => undefined;

    const attempt = async (): Promise<void> => {
      const session = await open(request.machineId, signal);
      const stop = (): void => {
        session.close();
      };
      signal.addEventListener('abort', stop, { once: true });
      const place = request.directory;
      try {
        if (upload.part === null) await prepare(upload, session);
        const part = upload.part ?? '';
        const file = await session.open(part, 'write');
        if (
          upload.writtenBytes > 0 &&
          !(await hasTail(await session.open(part, 'read'), upload.writtenBytes, upload.tail))
        )
          throw new AppError('file_changed', 'What had arrived was changed', { path: part });
        transfers.backTo(moving, upload.writtenBytes);
        transfers.change(moving, 'running');
        const flow = createWriteFlow(file, upload.writtenBytes, (written) => {
          upload.writtenBytes += written.byteLength;
          upload.tail.push(written);
          transfers.moved(moving, written.byteLength);
        });
        try {
          const again = waiting;
          waiting = [];
          for (const [index, piece] of again.entries()) {
            waiting = again.slice(index + 1);
            await flow.write(piece);
          }
          while (!isDry) {
            const next = await pieces.next();
            if (next.done) isDry = true;
            else await flow.write(next.value);
          }
          signal.throwIfAborted();
          await flow.drained();
        } catch (error) {
          waiting = [...flow.unwritten(), ...waiting];
          throw error;
        }
        await file.sync();
        await file.close();
        await finish(upload, session, part);
      } catch (error) {
        await explain(session, place, error);
      } finally {
        signal.removeEventListener('abort', stop);
        session.close();
      }
    };

    try {
      giveBack = await transfers.turn(moving, signal);
      await transfers.overLinks(moving, signal, attempt);
      transfers.change(moving, 'done');
      uploads.delete(moving.id);
    } catch (error) {
      const isCancelled = moving.abort.signal.aborted;
      // The page went, or the link for long: the file can be asked for again.
      const canGoOn = !isCancelled && upload.part !== null && (caller.aborted || isPassing(error));
      transfers.change(
        moving,
        isCancelled ? 'cancelled' : canGoOn ? 'broken' : 'failed',
        isCancelled || caller.aborted ? undefined : error,
      );
      if (!canGoOn) await discard(upload);
      // Its sender asks a person what to do; what is answered is another transfer.
      if (error instanceof AppError && error.code === 'file_exists' && upload.request.conflict === 'refuse')
        transfers.forget(moving);
      // What was under way when it was stopped fails as if the link had gone.
      throw isCancelled ? moving.abort.signal.reason : error;
    } finally {
      giveBack();
    }
  };

  const discard = async (upload: Upload): Promise<void> => {
    uploads.delete(upload.request.id);
    const { part } = upload;
    if (part === null) return;
    try {
      const session = await open(upload.request.machineId, AbortSignal.timeout(20_000));
      try {
        await session.unlink(part);
      } finally {
        session.close();
      }
    } catch (error) {
      context.log.error('A part of an upload stayed on its machine', { part, error: String(error) });
    }
  };

  const broken = (id: string): Upload => {
    const upload = uploads.get(id);
    if (!upload) throw new AppError('not_found', 'There is no such upload', { id });
    if (upload.moving.state !== 'broken') throw new AppError('conflict', 'The upload is not broken', { id });
    return upload;
  };

  return {
    async begin(request, bytes, caller) {
      if (transfers.find(request.id))
        throw new AppError('conflict', 'This upload exists', { id: request.id });
      const path = joinPath(request.directory, request.name);
      const { id, machineId, sizeBytes } = request;
      const machineName = nameOfMachine(machineId);
      const moving = transfers.add({ id, machineId, machineName, direction: 'upload', path, sizeBytes });
      const upload = { request, moving, tail: createTail(), part: null, mode: null, path, writtenBytes: 0 };
      uploads.set(id, upload);
      await run(upload, bytes, caller);
    },
    async resume(id, at, bytes, caller) {
      const upload = broken(id);
      if (at !== upload.writtenBytes) throw new AppError('conflict', 'It does not go on from there', { id });
      transfers.change(upload.moving, 'waiting');
      await run(upload, bytes, caller);
    },
    async resumePoint(id, file, signal) {
      const upload = broken(id);
      const { request } = upload;
      if (file.sizeBytes !== request.sizeBytes || file.modifiedMs !== request.modifiedMs)
        throw new AppError('file_changed', 'It is another file', { path: request.name });
      const session = await open(request.machineId, signal);
      try {
        const part = await session.open(upload.part ?? '', 'read');
        const { sizeBytes } = await part.stat();
        // More may have arrived than was answered for; less can only mean that somebody touched it.
        if (sizeBytes < upload.writtenBytes || !(await hasTail(part, upload.writtenBytes, upload.tail)))
          throw new AppError('file_changed', 'What had arrived was changed', { path: upload.path });
        const tail = await readTail(part, upload.writtenBytes);
        return { offsetBytes: upload.writtenBytes, tailBase64: Buffer.from(tail).toString('base64') };
      } finally {
        session.close();
      }
    },
    async discard(id) {
      const upload = uploads.get(id);
      if (upload) await discard(upload);
    },
  };
}
