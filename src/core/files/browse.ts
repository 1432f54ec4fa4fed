import type { z } from 'zod';
import type { FileEntry, fileListing } from '../../shared/contract/files.ts';
import { AppError } from '../../shared/domain/errors.ts';
import type { SftpEntry, SftpSession } from '../ssh/sftp-types.ts';
import { isUsableName, joinPath } from './paths.ts';

type Listing = z.output<typeof fileListing>;

/** Entries counted before a removal is confirmed; more is told as "more". */
const mostSurveyed = 50_000;
/** Requests under way where each entry needs one of its own. */
const atOnce = 32;

/** Runs `work` for every item, some at once. The first failure ends it. */
async function each<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  for (let from = 0; from < items.length; from += atOnce)
    await Promise.all(items.slice(from, from + atOnce).map(work));
}

/** What a symlink says, and what is behind it; a link that leads nowhere is no failure. */
async function followed(session: SftpSession, directory: string, entry: SftpEntry): Promise<FileEntry> {
  const base = {
    ...entry,
    owner: entry.owner ?? String(entry.uid),
    group: entry.group ?? String(entry.gid),
    linkTarget: null,
    linkKind: null,
  };
  if (entry.kind !== 'symlink') return base;
  const path = joinPath(directory, entry.name);
  const orNull = (error: unknown): null => {
    if (error instanceof AppError && error.code === 'ssh_connection_lost') throw error;
    return null;
  };
  const [linkTarget, behind] = await Promise.all([
    session.readlink(path).catch(orNull),
    session.stat(path).catch(orNull),
  ]);
  return { ...base, linkTarget, linkKind: behind?.kind ?? null };
}

/** The directory, then its entries as they come. @throws AppError file_* */
export async function* listDirectory(session: SftpSession, wanted: string): AsyncGenerator<Listing> {
  const home = await session.realpath('.');
  const path = await session.realpath(
    wanted === '' ? home : wanted.startsWith('/') ? wanted : joinPath(home, wanted),
  );
  const { kind } = await session.stat(path);
  if (kind !== 'directory') throw new AppError('file_not_found', 'Not a directory', { path });
  const [first, space] = [session.list(path), await session.space(path)];
  yield { type: 'directory', path, home, space };
  for await (const piece of first) {
    // A name with a separator in it can only be there to lead somewhere else.
    const usable = piece.filter(({ name }) => isUsableName(name));
    const entries: FileEntry[] = [];
    for (let from = 0; from < usable.length; from += atOnce) {
      const some = usable.slice(from, from + atOnce);
      entries.push(...(await Promise.all(some.map((entry) => followed(session, path, entry)))));
    }
    yield { type: 'entries', entries };
  }
}

/** Everything under a path, its own entry last; symlinks are entries and lead nowhere. */
async function* walk(
  session: SftpSession,
  path: string,
  signal: AbortSignal,
): AsyncGenerator<{ path: string; isDirectory: boolean; sizeBytes: number }> {
  signal.throwIfAborted();
  const { kind, sizeBytes } = await session.lstat(path);
  if (kind !== 'directory') {
    yield { path, isDirectory: false, sizeBytes };
    return;
  }
  const directories: string[] = [];
  for await (const piece of session.list(path)) {
    for (const entry of piece) {
      if (!isUsableName(entry.name)) continue;
      const inner = joinPath(path, entry.name);
      if (entry.kind === 'directory') directories.push(inner);
      else yield { path: inner, isDirectory: false, sizeBytes: entry.sizeBytes };
    }
  }
  for (const directory of directories) yield* walk(session, directory, signal);
  yield { path, isDirectory: true, sizeBytes: 0 };
}

export async function survey(
  session: SftpSession,
  paths: readonly string[],
  signal: AbortSignal,
): Promise<{ files: number; directories: number; sizeBytes: number; isCut: boolean }> {
  const sum = { files: 0, directories: 0, sizeBytes: 0, isCut: false };
  for (const path of paths) {
    for await (const found of walk(session, path, signal)) {
      if (sum.files + sum.directories >= mostSurveyed) return { ...sum, isCut: true };
      if (found.isDirectory) sum.directories += 1;
      else sum.files += 1;
      sum.sizeBytes += found.sizeBytes;
    }
  }
  return sum;
}

/** Removes what is there, deepest first. Returns how many entries. @throws AppError file_*; what was removed stays removed */
export async function removeAll(
  session: SftpSession,
  paths: readonly string[],
  signal: AbortSignal,
): Promise<number> {
  let removed = 0;
  for (const path of paths) {
    let files: string[] = [];
    const removeFiles = async (): Promise<void> => {
      await each(files, async (file) => {
        await session.unlink(file);
        removed += 1;
      });
      files = [];
    };
    for await (const found of walk(session, path, signal)) {
      if (!found.isDirectory) files.push(found.path);
      if (found.isDirectory || files.length >= 500) await removeFiles();
      if (!found.isDirectory) continue;
      await session.rmdir(found.path);
      removed += 1;
    }
    await removeFiles();
  }
  return removed;
}

/** Whether something is there, a broken symlink too. */
export async function isTaken(session: SftpSession, path: string): Promise<boolean> {
  try {
    await session.lstat(path);
    return true;
  } catch (error) {
    if (error instanceof AppError && error.code === 'file_not_found') return false;
    throw error;
  }
}

/**
 * "Failure" is all that SFTP 3 says of a full or read-only disk: the file system is asked what it was.
 * @throws AppError the exact kind where it can be told, else the failure itself
 */
export async function explain(session: SftpSession, directory: string, error: unknown): Promise<never> {
  if (error instanceof AppError && (error.code === 'file_failed' || error.code === 'file_permission')) {
    const space = await session.space(directory).catch(() => null);
    if (space?.isReadOnly)
      throw new AppError(
        'read_only_filesystem',
        error.message,
        { ...error.data, mount: directory },
        { cause: error },
      );
    if (error.code === 'file_failed' && space !== null && space.freeBytes < 64 * 1024)
      throw new AppError('disk_full', error.message, { ...error.data, mount: directory }, { cause: error });
  }
  throw error;
}

/** @throws AppError disk_full, read_only_filesystem when it cannot work out */
export async function refuseWithoutRoom(
  session: SftpSession,
  directory: string,
  sizeBytes: number,
): Promise<void> {
  const space = await session.space(directory);
  if (space === null) return;
  if (space.isReadOnly)
    throw new AppError('read_only_filesystem', 'The file system is read-only', { mount: directory });
  if (space.freeBytes < sizeBytes) {
    throw new AppError('disk_full', 'There is not enough room', {
      mount: directory,
      neededBytes: sizeBytes,
      freeBytes: space.freeBytes,
    });
  }
}
