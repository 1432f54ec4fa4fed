import { AppError } from '../../shared/domain/errors.ts';
import type { CoreContext } from '../context.ts';
import { createWriteFlow, underWayBytes } from '../ssh/sftp-flow.ts';
import type { SftpFile, SftpSession } from '../ssh/sftp-types.ts';
import type { SshPool } from '../ssh/types.ts';
import { explain } from './browse.ts';
import { makePart, putInPlace, takeAway, type Part } from './parts.ts';
import { joinPath } from './paths.ts';
import { recordFileEvent } from './store.ts';
import { createTail, hasTail, readTail, type Tail } from './tail.ts';
import { isPassing, type Moving, type Transfers } from './transfers.ts';
import type { Unfinished, UnfinishedFiles, UploadRequest } from './unfinished.ts';

/** What is known of an upload while it can go on. */
interface Upload {
  readonly request: UploadRequest;
  readonly moving: Moving;
  tail: Tail;
  /** Where its bytes go until it is whole; null before it was made. */
  part: Part | null;
  writtenBytes: number;
  /** An earlier start of the application left it: how much of it is there, its machine must tell. */
  isLeft: boolean;
}

/** Of an earlier start, for so long it can be gone on with; then it is taken away at the next contact. */
const leftForMs = 7 * 24 * 60 * 60 * 1000;

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
  /** Of what an earlier start left on a machine: learns what is there of it, and takes away what nobody goes on with. */
  lookAfter(machineId: string, session: SftpSession): Promise<void>;
}

export function createUploads(
  context: CoreContext,
  pool: Pick<SshPool, 'sftp'>,
  parts: {
    readonly transfers: Transfers;
    readonly unfinished: UnfinishedFiles;
    readonly nameOfMachine: (machineId: string) => string;
    readonly isKnown: (machineId: string) => boolean;
  },
): Uploads {
  const { transfers, unfinished, nameOfMachine, isKnown } = parts;
  const uploads = new Map<string, Upload>();
  const open = (machineId: string, signal: AbortSignal): Promise<SftpSession> =>
    pool.sftp(machineId, { reason: 'File transfer', signal });

  /** @throws AppError not_found: the machine is no longer known */
  const add = (request: UploadRequest, path: string, startedAt?: string): Upload => {
    const { id, machineId, sizeBytes } = request;
    const moving = transfers.add({
      id,
      machineId,
      machineName: nameOfMachine(machineId),
      direction: 'upload',
      path,
      sizeBytes,
      ...(startedAt !== undefined && { startedAt }),
    });
    const upload = { request, moving, tail: createTail(), part: null, writtenBytes: 0, isLeft: false };
    uploads.set(id, upload);
    return upload;
  };
  const isOld = ({ at }: Unfinished): boolean => context.now().getTime() - Date.parse(at) > leftForMs;

  for (const one of unfinished.all()) {
    const { machineId, part, upload: left } = one;
    // A machine that was removed may come back for a while.
    if (!isKnown(machineId)) {
      if (isOld(one)) unfinished.forget(part);
    } else if (left) {
      const upload = add(left.request, left.path, one.at);
      upload.part = { part, path: left.path, mode: null };
      upload.isLeft = true;
      transfers.change(upload.moving, 'broken');
    }
  }

  const finish = async (upload: Upload, session: SftpSession, part: Part): Promise<void> => {
    const { request, writtenBytes } = upload;
    const { machineId, sizeBytes } = request;
    if (writtenBytes !== sizeBytes)
      throw new AppError('file_changed', 'The file was not what it said', { path: part.path });
    await putInPlace(session, part, request);
    upload.part = null;
    unfinished.forget(part.part);
    recordFileEvent(context, machineId, 'file.uploaded', { paths: [part.path], sizeBytes });
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
        upload.part ??= await makePart(session, request, unfinished);
        const { part } = upload.part;
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
        await finish(upload, session, upload.part);
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
      const isCancelled = moving.abort.signal.aborted && !transfers.isClosing;
      const isLeft = caller.aborted || transfers.isClosing;
      // The page went, the application ends, or the link went for long: the file can be asked for again.
      const canGoOn = !isCancelled && upload.part !== null && (isLeft || isPassing(error));
      transfers.change(
        moving,
        isCancelled ? 'cancelled' : canGoOn ? 'broken' : 'failed',
        isCancelled || isLeft ? undefined : error,
      );
      if (!canGoOn) await discard(upload);
      // Its sender asks a person what to do; what is answered is another transfer.
      if (error instanceof AppError && error.code === 'file_exists' && upload.request.conflict === 'refuse')
        transfers.forget(moving);
      // What was under way when it was stopped fails as if the link had gone.
      throw moving.abort.signal.aborted ? moving.abort.signal.reason : error;
    } finally {
      giveBack();
    }
  };

  const discard = async (upload: Upload): Promise<void> => {
    uploads.delete(upload.request.id);
    if (upload.part === null) return;
    const { part } = upload.part;
    try {
      const session = await open(upload.request.machineId, AbortSignal.timeout(20_000));
      try {
        await takeAway(session, part, unfinished);
      } finally {
        session.close();
      }
    } catch (error) {
      unfinished.giveUp(part);
      context.log.error('A part of an upload stays on its machine until it is there again', { part, error });
    }
  };

  /** How much a machine surely has of an upload that an earlier start left, and the end of that. */
  const learn = async (upload: Upload, file: SftpFile): Promise<void> => {
    const { sizeBytes } = await file.stat();
    upload.writtenBytes = Math.max(0, Math.min(sizeBytes, upload.request.sizeBytes) - underWayBytes);
    upload.tail = createTail();
    upload.tail.push(await readTail(file, upload.writtenBytes));
    transfers.backTo(upload.moving, upload.writtenBytes);
  };

  const lookAfterOne = async (one: Unfinished, session: SftpSession): Promise<void> => {
    const upload = one.upload ? uploads.get(one.upload.request.id) : undefined;
    const file = upload && !isOld(one) ? await session.open(one.part, 'read').catch(orGone) : null;
    if (upload && file) {
      if (upload.isLeft) await learn(upload, file);
      await file.close();
      return;
    }
    await takeAway(session, one.part, unfinished);
    if (!upload) return;
    uploads.delete(upload.request.id);
    transfers.forget(upload.moving);
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
      const upload = add(request, joinPath(request.directory, request.name));
      await run(upload, bytes, caller);
    },
    async resume(id, at, bytes, caller) {
      const upload = broken(id);
      if (at !== upload.writtenBytes) throw new AppError('conflict', 'It does not go on from there', { id });
      upload.isLeft = false;
      if (upload.part) unfinished.takeUp(upload.part.part);
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
        const part = await session.open(upload.part?.part ?? '', 'read');
        if (upload.isLeft) await learn(upload, part);
        const { sizeBytes } = await part.stat();
        // More may have arrived than was answered for; less can only mean that somebody touched it.
        if (sizeBytes < upload.writtenBytes || !(await hasTail(part, upload.writtenBytes, upload.tail)))
          throw new AppError('file_changed', 'What had arrived was changed', { path: upload.moving.path });
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
    async lookAfter(machineId, session) {
      for (const one of unfinished.leftOn(machineId)) {
        await lookAfterOne(one, session).catch((error: unknown) => {
          if (!session.isOpen) throw error;
          context.log.error('A part of an upload cannot be taken away', { part: one.part, error });
        });
      }
    },
  };
}

function orGone(error: unknown): null {
  if (error instanceof AppError && error.code === 'file_not_found') return null;
  throw error;
}
