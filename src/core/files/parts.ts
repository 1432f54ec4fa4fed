import { randomUUID } from 'node:crypto';
import { AppError } from '../../shared/domain/errors.ts';
import type { SftpSession, SftpStat } from '../ssh/sftp-types.ts';
import { isTaken, refuseWithoutRoom } from './browse.ts';
import { joinPath, numberedName, parentOf } from './paths.ts';
import type { UnfinishedFiles, UploadRequest } from './unfinished.ts';

/** The name of a file that lies beside its place until it is whole. */
export const partIn = (directory: string): string => joinPath(directory, `.homeport-${randomUUID()}.part`);

/** Gives a new file the mode and, where the login may, the owner of the one whose place it takes. */
export async function takeOver(session: SftpSession, part: string, former: SftpStat): Promise<void> {
  const now = await session.stat(part);
  if (now.uid !== former.uid || now.gid !== former.gid) {
    // Only root may give files away; a group of one's own can be kept by its members.
    await session.chown(part, former.uid, former.gid).catch(async () => {
      await session.chown(part, now.uid, former.gid).catch(() => undefined);
    });
  }
  // Some file systems have one mode for all and refuse every change of it.
  const given = await session.stat(part);
  if (given.mode !== former.mode) await session.chmod(part, former.mode);
}

/** @throws AppError when it may still be there */
export async function takeAway(
  session: SftpSession,
  part: string,
  files: Pick<UnfinishedFiles, 'forget'>,
): Promise<void> {
  try {
    await session.unlink(part);
  } catch (error) {
    if (!(error instanceof AppError && error.code === 'file_not_found')) throw error;
  }
  files.forget(part);
}

/** A part as it was made, and the place that it is for. */
export interface Part {
  readonly part: string;
  readonly path: string;
  /** What the machine itself gave it: its umask, and ACLs of the directory. Null: not known any more. */
  readonly mode: number | null;
}

/**
 * The name under which an upload will be there, and a file beside it that proves that one may write.
 * @throws AppError file_*, disk_full, read_only_filesystem, ssh_*
 */
export async function makePart(
  session: SftpSession,
  request: UploadRequest,
  unfinished: UnfinishedFiles,
): Promise<Part> {
  const { machineId, directory, name, conflict, sizeBytes } = request;
  let wanted = name;
  for (let number = 2; conflict === 'keep_both' && (await isTaken(session, joinPath(directory, wanted)));)
    wanted = numberedName(name, number++);
  let path = joinPath(directory, wanted);
  let former: SftpStat | null = null;
  if (conflict !== 'keep_both' && (await isTaken(session, path))) {
    former = await session.stat(path).catch(() => null);
    if (conflict === 'refuse' || former?.kind !== 'file')
      throw new AppError('file_exists', 'Something of that name is there', { path });
    // A link stays; what it leads to is replaced.
    path = await session.realpath(path);
  }
  const place = parentOf(path);
  await refuseWithoutRoom(session, place, sizeBytes);
  const part = partIn(place);
  unfinished.remember({ machineId, part, upload: { request, path } });
  try {
    const file = await session.open(part, { create: 0o666 });
    const { mode } = await file.stat();
    await file.close();
    // Nobody reads more of it on its way than may read what it replaces.
    const narrow = former === null ? mode : mode & former.mode;
    if (narrow !== mode) await session.chmod(part, narrow);
    return { part, path, mode };
  } catch (error) {
    await takeAway(session, part, unfinished).catch(() => {
      unfinished.giveUp(part);
    });
    throw error;
  }
}

/**
 * Puts a part that is whole into its place. @throws AppError file_changed when it is not what was sent, file_exists when the name was
 * taken meanwhile
 */
export async function putInPlace(
  session: SftpSession,
  { part, path, mode }: Part,
  { conflict, sizeBytes, modifiedMs }: UploadRequest,
): Promise<void> {
  const made = await session.stat(part);
  if (made.sizeBytes !== sizeBytes)
    throw new AppError('file_changed', 'The file was not what it said', { path });
  await session.touch(part, Math.max(0, Math.trunc(modifiedMs / 1000)));
  let former: SftpStat | null = null;
  if (conflict === 'replace') former = await session.stat(path).catch(() => null);
  if (former) await takeOver(session, part, former);
  else if (mode !== null && mode !== made.mode) await session.chmod(part, mode);
  if (conflict === 'replace') await session.replace(part, path);
  else if (await isTaken(session, path))
    throw new AppError('file_exists', 'Something of that name is there', { path });
  else await session.rename(part, path);
}
