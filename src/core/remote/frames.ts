import { frameBytes } from './frame-bytes.ts';

/**
 * What a host's scripts say (scripts.ts): lines `@@NONCE WORD...`; `output OFFSET LENGTH`, `progress OFFSET LENGTH` and
 * `file OFFSET LENGTH` are followed by LENGTH bytes and the line `\n@@NONCE ok`. A chunk is handed on only after its closing
 * line was seen: a length that was not kept can therefore never shift foreign bytes into what is stored.
 */
export type Frame =
  | {
      readonly kind: 'chunk';
      readonly name: 'output' | 'progress' | 'file';
      readonly offset: number;
      readonly bytes: Uint8Array;
    }
  | { readonly kind: 'line'; readonly words: readonly [string, ...string[]] };

/** The host said something that is no frame: nothing after it can be believed. */
export class MalformedFrame extends Error {
  override readonly name = 'MalformedFrame';
}

export interface FrameParser {
  /** Frames completed by these bytes. @throws MalformedFrame, now and at every later call */
  push(bytes: Uint8Array): Frame[];
  /** True when no frame is begun and not ended. */
  readonly atBoundary: boolean;
}

const maxLineBytes = 300;
const newline = 0x0a;
const words = /^[A-Za-z0-9._-]+(?: [A-Za-z0-9._-]+){0,7}$/;
const count = /^(?:0|[1-9][0-9]{0,14})$/;

/** A count of bytes as a host writes it, at most 10^15; null for anything else. */
export function parseCount(text: string | undefined): number | null {
  return text !== undefined && count.test(text) ? Number(text) : null;
}

/** `maxChunkBytes`: longest announced chunk that is accepted (and so the most that is held in memory). */
export function createFrameParser(nonce: string, maxChunkBytes: number = frameBytes): FrameParser {
  const prefix = `@@${nonce} `;
  const closing = Buffer.from(`\n${prefix}ok\n`, 'latin1');
  let line = Buffer.alloc(0);
  let chunk: { name: 'output' | 'progress' | 'file'; offset: number; buffer: Buffer; filled: number } | null =
    null;
  let broken = false;

  const malformed = (what: string): never => {
    broken = true;
    throw new MalformedFrame(`The host sent a malformed frame: ${what}`);
  };

  const beginLine = (text: string): Frame | null => {
    if (!text.startsWith(prefix)) return malformed('no marker');
    const rest = text.slice(prefix.length);
    if (!words.test(rest)) return malformed('no words');
    const [name = '', ...values] = rest.split(' ');
    if (name === 'ok') return malformed('a closing line without a chunk');
    if (name !== 'output' && name !== 'progress' && name !== 'file')
      return { kind: 'line', words: [name, ...values] };
    const offset = parseCount(values[0]);
    const length = parseCount(values[1]);
    if (offset === null || length === null || values.length !== 2) return malformed('no offset and length');
    if (length > maxChunkBytes) return malformed('a chunk too long');
    chunk = { name, offset, buffer: Buffer.alloc(length + closing.length), filled: 0 };
    return null;
  };

  return {
    get atBoundary() {
      return !broken && chunk === null && line.length === 0;
    },
    push(bytes) {
      if (broken) malformed('after a malformed frame');
      const frames: Frame[] = [];
      let at = 0;
      while (at < bytes.length) {
        if (chunk !== null) {
          const taken = Math.min(chunk.buffer.length - chunk.filled, bytes.length - at);
          chunk.buffer.set(bytes.subarray(at, at + taken), chunk.filled);
          chunk.filled += taken;
          at += taken;
          if (chunk.filled < chunk.buffer.length) break;
          const length = chunk.buffer.length - closing.length;
          if (!chunk.buffer.subarray(length).equals(closing)) malformed('a chunk without its closing line');
          frames.push({
            kind: 'chunk',
            name: chunk.name,
            offset: chunk.offset,
            bytes: chunk.buffer.subarray(0, length),
          });
          chunk = null;
          continue;
        }
        const end = bytes.indexOf(newline, at);
        const part = bytes.subarray(at, end === -1 ? bytes.length : end);
        if (line.length + part.length > maxLineBytes) malformed('a line too long');
        line = Buffer.concat([line, part]);
        if (end === -1) break;
        at = end + 1;
        const text = line.toString('latin1');
        line = Buffer.alloc(0);
        const frame = beginLine(text);
        if (frame !== null) frames.push(frame);
      }
      return frames;
    },
  };
}
