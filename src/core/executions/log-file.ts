import { createReadStream } from 'node:fs';
import { mkdir, open, stat, type FileHandle } from 'node:fs/promises';
import { createHash } from 'node:crypto';
import { dirname } from 'node:path';
import { AppError } from '../../shared/domain/errors.ts';

/** An append-only log on our disk whose length the database knows. */
export interface LogFile {
  readonly bytes: number;
  append(chunk: Uint8Array): Promise<void>;
  close(): Promise<void>;
}

/** The size of a file, or 0 when it is not there. */
export async function fileSize(path: string): Promise<number> {
  try {
    return (await stat(path)).size;
  } catch (error) {
    if (isCode(error, 'ENOENT')) return 0;
    throw error;
  }
}

/**
 * Opens a log for appending after its first `keepBytes` bytes; what lies behind them was written without its offset
 * being stored and is fetched again.
 * @throws AppError local_disk_full
 */
export async function openLog(path: string, keepBytes: number): Promise<LogFile> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  const handle: FileHandle = await open(path, 'a+', 0o600);
  await handle.truncate(keepBytes);
  let bytes = keepBytes;
  return {
    get bytes() {
      return bytes;
    },
    async append(chunk) {
      try {
        // appendFile writes all of it or throws; a short write cannot pass unnoticed.
        await handle.appendFile(chunk);
      } catch (error) {
        if (isCode(error, 'ENOSPC') || isCode(error, 'EDQUOT')) {
          throw new AppError(
            'local_disk_full',
            'The disk of this computer is full',
            { path },
            { cause: error },
          );
        }
        throw error;
      }
      bytes += chunk.byteLength;
    },
    close: () => handle.close(),
  };
}

/** sha256 in hex of a file. */
export async function sha256OfFile(path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path)) hash.update(chunk as Buffer);
  return hash.digest('hex');
}

/** The last `maxBytes` bytes of a file as text; invalid UTF-8 becomes U+FFFD. */
export async function tailOfFile(path: string, maxBytes: number): Promise<string> {
  const size = await fileSize(path);
  if (size === 0) return '';
  const handle = await open(path, 'r');
  try {
    const length = Math.min(size, maxBytes);
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(length), 0, length, size - length);
    return buffer.subarray(0, bytesRead).toString('utf8');
  } finally {
    await handle.close();
  }
}

function isCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}
