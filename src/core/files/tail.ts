import { tailBytes } from '../../shared/contract/files.ts';
import type { SftpFile } from '../ssh/sftp-types.ts';

/** The last bytes of a stream: what must be the same before it is gone on with. */
export interface Tail {
  push(bytes: Uint8Array): void;
  readonly bytes: Uint8Array;
}

export function createTail(): Tail {
  let bytes: Uint8Array = new Uint8Array(0);
  return {
    push(next) {
      bytes =
        next.byteLength >= tailBytes
          ? Uint8Array.from(next.subarray(-tailBytes))
          : Buffer.concat([bytes.subarray(-(tailBytes - next.byteLength)), next]);
    },
    get bytes() {
      return bytes;
    },
  };
}

/** The bytes of a file that end at `endBytes`, as many as are compared. */
export async function readTail(file: SftpFile, endBytes: number): Promise<Uint8Array> {
  const from = Math.max(0, endBytes - tailBytes);
  const parts: Uint8Array[] = [];
  for (let at = from; at < endBytes;) {
    const part = await file.read(at, endBytes - at);
    if (part.byteLength === 0) break;
    parts.push(part);
    at += part.byteLength;
  }
  return Buffer.concat(parts);
}

/** Whether the file really has, before `endBytes`, what is remembered of it. */
export async function hasTail(file: SftpFile, endBytes: number, tail: Tail): Promise<boolean> {
  const there = await readTail(file, endBytes);
  const wanted = tail.bytes.subarray(-there.byteLength);
  return there.byteLength >= Math.min(endBytes, tail.bytes.byteLength) && Buffer.compare(there, wanted) === 0;
}
