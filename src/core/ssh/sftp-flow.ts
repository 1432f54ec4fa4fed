import type { SftpFile } from './sftp-types.ts';

/** What every server takes in one request (draft-ietf-secsh-filexfer-02, section 3: packets of 34000 bytes). */
const requestBytes = 32 * 1024;
/** Requests under way: 1 MB covers a link of 100 ms with 10 MB/s, and is all that lies in memory of a transfer. */
const mostUnderWay = 32;
/** Of a file that was being written: what lies further than this before its end is there without a gap. */
export const underWayBytes = requestBytes * mostUnderWay;

/**
 * The file from `position` on, in order, as one piece after the other, read ahead. What the reader does not take stops the reading.
 * A file that grows meanwhile is read to the `endBytes` asked for.
 */
export async function* readFlow(
  file: SftpFile,
  position: number,
  endBytes: number,
): AsyncGenerator<Uint8Array> {
  const underWay: Promise<Uint8Array>[] = [];
  let asked = position;
  const whole = async (from: number, length: number): Promise<Uint8Array> => {
    const parts: Uint8Array[] = [];
    for (let got = 0; got < length;) {
      const part = await file.read(from + got, length - got);
      if (part.byteLength === 0) break;
      parts.push(part);
      got += part.byteLength;
    }
    return parts.length === 1 && parts[0] ? parts[0] : Buffer.concat(parts);
  };
  try {
    for (;;) {
      while (asked < endBytes && underWay.length < mostUnderWay) {
        const length = Math.min(requestBytes, endBytes - asked);
        const piece = whole(asked, length);
        piece.catch(() => undefined);
        underWay.push(piece);
        asked += length;
      }
      const next = underWay.shift();
      if (next === undefined) return;
      const piece = await next;
      // Shorter than it was: what is there is all there is.
      if (piece.byteLength === 0) return;
      yield piece;
    }
  } finally {
    await Promise.allSettled(underWay);
  }
}

export interface WriteFlow {
  /** Takes the next bytes; resolves when more may come. @throws what an earlier write failed with */
  write(bytes: Uint8Array): Promise<void>;
  /** Waits until all is written. */
  drained(): Promise<void>;
  /** Everything before this position is on the server. */
  readonly writtenBytes: number;
  /** What was given after `writtenBytes`, in order: to be given again to another flow. */
  unwritten(): Uint8Array[];
}

/** Writes one piece after the other from `position` on, with requests under way and at most 1 MB in memory. */
export function createWriteFlow(
  file: SftpFile,
  position: number,
  onWritten: (bytes: Uint8Array) => void,
): WriteFlow {
  interface Part {
    readonly bytes: Uint8Array;
    readonly at: number;
    isWritten: boolean;
  }
  const parts: Part[] = [];
  let next = position;
  let written = position;
  let failure: { error: unknown } | null = null;
  let wake: () => void = () => undefined;

  const send = (part: Part): void => {
    file.write(part.at, part.bytes).then(
      () => {
        part.isWritten = true;
        while (parts[0]?.isWritten) {
          const { bytes } = parts[0];
          written += bytes.byteLength;
          parts.shift();
          onWritten(bytes);
        }
        wake();
      },
      (error: unknown) => {
        failure ??= { error };
        wake();
      },
    );
  };
  const until = async (holds: () => boolean): Promise<void> => {
    while (!holds()) {
      if (failure !== null) throw failure.error;
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
    if (failure !== null) throw failure.error;
  };

  return {
    get writtenBytes() {
      return written;
    },
    unwritten: () => parts.map((part) => part.bytes),
    async write(bytes) {
      for (let from = 0; from < bytes.byteLength; from += requestBytes) {
        const part: Part = { bytes: bytes.subarray(from, from + requestBytes), at: next, isWritten: false };
        next += part.bytes.byteLength;
        parts.push(part);
        if (failure === null) send(part);
      }
      await until(() => parts.length < mostUnderWay);
    },
    async drained() {
      await until(() => parts.length === 0);
    },
  };
}
