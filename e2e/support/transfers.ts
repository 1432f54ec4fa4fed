import { createHash } from 'node:crypto';
import type { NameConflict } from '../../src/shared/contract/files.ts';
import type { AppProcess } from './app-process.ts';

type Client = AppProcess['client'];
const pieceBytes = 256 * 1024;

export const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

export interface SentFile {
  readonly machineId: string;
  readonly directory: string;
  readonly name: string;
  readonly bytes: Uint8Array;
  readonly id?: string;
  readonly conflict?: NameConflict;
  /** Bytes a second at most; default: as fast as they are taken. */
  readonly pace?: number;
}

/** Sends bytes as a page does: no faster than they are taken. @throws AppError as the procedure */
export async function sendFile(client: Client, file: SentFile, resumeAt?: number): Promise<void> {
  const id = file.id ?? crypto.randomUUID();
  const { machineId, directory, name, bytes, conflict = 'refuse' } = file;
  const stream =
    resumeAt === undefined
      ? client['files.upload']({
          id,
          machineId,
          directory,
          name,
          sizeBytes: bytes.byteLength,
          modifiedMs: 1_700_000_000_000,
          conflict,
        })
      : client['files.upload']({ id, resumeAt });
  let isOver = false;
  const ended = (async () => {
    for await (const _ of stream);
  })().finally(() => {
    isOver = true;
  });
  ended.catch(() => undefined);
  const beganMs = performance.now();
  for (let at = resumeAt ?? 0; at < bytes.byteLength && !isOver; at += pieceBytes) {
    stream.write(bytes.subarray(at, at + pieceBytes));
    await stream.drained();
    const dueMs = file.pace === undefined ? 0 : ((at + pieceBytes) / file.pace) * 1000;
    const earlyMs = dueMs - (performance.now() - beganMs);
    if (earlyMs > 0) await new Promise((resolve) => setTimeout(resolve, earlyMs));
  }
  stream.end();
  await ended;
}

/** Downloads over HTTP as a browser does. */
export async function fetchFile(
  app: Pick<AppProcess, 'client' | 'fetch'>,
  machineId: string,
  path: string,
  onBytes: (count: number) => void | Promise<void> = () => undefined,
): Promise<{ bytes: Buffer; headers: Headers }> {
  const { href } = await app.client['files.download']({ machineId, path });
  const response = await app.fetch(href);
  if (!response.body) throw new Error(`${href} answered ${response.status}`);
  const parts: Uint8Array[] = [];
  let count = 0;
  for await (const part of response.body as AsyncIterable<Uint8Array>) {
    parts.push(part);
    count += part.byteLength;
    await onBytes(count);
  }
  return { bytes: Buffer.concat(parts), headers: response.headers };
}

/** All entries of a directory. */
export async function listFiles(client: Client, machineId: string, path: string) {
  const entries = [];
  let place = null;
  for await (const piece of client['files.list']({ machineId, path })) {
    if (piece.type === 'directory') place = piece;
    else entries.push(...piece.entries);
  }
  return { place, entries };
}

export async function transfersNow(client: Client) {
  for await (const list of client['files.watchTransfers']({})) return list;
  throw new Error('no transfers');
}

export async function forwardsNow(client: Client) {
  for await (const list of client['forwards.watch']({})) return list;
  throw new Error('no forwards');
}

export async function recordingsNow(client: Client) {
  for await (const state of client['recordings.watch']({})) return state;
  throw new Error('no recordings');
}
