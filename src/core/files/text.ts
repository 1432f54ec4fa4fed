import { createHash } from 'node:crypto';
import { mostEditedBytes, type FileVersion } from '../../shared/contract/files.ts';
import { AppError } from '../../shared/domain/errors.ts';
import { readFlow } from '../ssh/sftp-flow.ts';
import type { SftpSession, SftpStat } from '../ssh/sftp-types.ts';
import { explain, refuseWithoutRoom } from './browse.ts';
import { partIn, takeAway, takeOver } from './parts.ts';
import { parentOf } from './paths.ts';
import type { UnfinishedFiles } from './unfinished.ts';

interface Read {
  readonly bytes: Buffer;
  readonly stat: SftpStat;
  readonly version: FileVersion;
}

async function readWhole(session: SftpSession, path: string): Promise<Read> {
  const file = await session.open(path, 'read');
  try {
    const stat = await file.stat();
    if (stat.kind !== 'file') throw new AppError('file_not_text', 'Not a regular file', { path });
    if (stat.sizeBytes > mostEditedBytes)
      throw new AppError('file_too_large', 'Too large to be edited', { path, sizeBytes: stat.sizeBytes });
    const parts: Uint8Array[] = [];
    // One byte more than it says: files of /proc say 0, and a file may grow.
    let size = 0;
    for await (const part of readFlow(file, 0, mostEditedBytes + 1)) {
      parts.push(part);
      size += part.byteLength;
    }
    if (size > mostEditedBytes) throw new AppError('file_too_large', 'Too large to be edited', { path });
    const bytes = Buffer.concat(parts);
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    return { bytes, stat, version: { sizeBytes: bytes.byteLength, modifiedAt: stat.modifiedAt, sha256 } };
  } finally {
    await file.close();
  }
}

/** @throws AppError file_not_text for what is no UTF-8, file_too_large, file_* */
export async function readText(
  session: SftpSession,
  path: string,
): Promise<{ text: string; version: FileVersion; mode: number }> {
  const real = await session.realpath(path);
  const { bytes, stat, version } = await readWhole(session, real);
  if (bytes.includes(0)) throw new AppError('file_not_text', 'It holds zero bytes', { path });
  try {
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
    return { text, version, mode: stat.mode };
  } catch (error) {
    throw new AppError('file_not_text', 'It is no UTF-8 text', { path }, { cause: error });
  }
}

/**
 * Writes beside the file and puts it into its place in one step. A symlink stays, what it leads to is replaced.
 * @throws AppError file_changed when it is not the expected version, disk_full, file_*
 */
export async function writeText(
  session: SftpSession,
  path: string,
  text: string,
  expected: FileVersion | null,
  unfinished: { readonly files: UnfinishedFiles; readonly machineId: string },
): Promise<FileVersion> {
  const real = await session.realpath(path);
  const directory = parentOf(real);
  const bytes = Buffer.from(text, 'utf8');
  const former = await readFormer(session, real, path, expected);
  await refuseWithoutRoom(session, directory, bytes.byteLength);
  const part = partIn(directory);
  const { files, machineId } = unfinished;
  files.remember({ machineId, part, upload: null });
  try {
    const file = await session.open(part, { create: 0o600 });
    try {
      await file.write(0, bytes);
      await file.sync();
    } finally {
      await file.close();
    }
    await takeOver(session, part, former);
    // Once more, just before: what is left is the time of one answer.
    const now = await session.stat(real);
    if (now.modifiedAt !== former.modifiedAt || now.sizeBytes !== former.sizeBytes)
      throw new AppError('file_changed', 'The file has changed', { path });
    const written = await session.stat(part);
    await session.replace(part, real);
    files.forget(part);
    return {
      sizeBytes: bytes.byteLength,
      modifiedAt: written.modifiedAt,
      sha256: createHash('sha256').update(bytes).digest('hex'),
    };
  } catch (error) {
    await takeAway(session, part, files).catch(() => {
      files.giveUp(part);
    });
    return explain(session, directory, error);
  }
}

async function readFormer(
  session: SftpSession,
  real: string,
  path: string,
  expected: FileVersion | null,
): Promise<SftpStat> {
  if (expected === null) return session.stat(real);
  try {
    const { version, stat } = await readWhole(session, real);
    if (version.sha256 === expected.sha256) return stat;
  } catch (error) {
    if (!(error instanceof AppError && error.code === 'file_too_large')) throw error;
  }
  throw new AppError('file_changed', 'The file has changed', { path });
}
