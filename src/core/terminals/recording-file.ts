import { createHash } from 'node:crypto';
import { closeSync, createReadStream, openSync, readSync, fstatSync, truncateSync, writeSync } from 'node:fs';
import { mostRecordedBytes, type recordingEnds } from '../../shared/contract/recordings.ts';
import type { Redactor } from '../redact/redactor.ts';

/** What is shown is written to the file this often: a killed process loses no more. */
const flushMs = 200;
const flushBytes = 64 * 1024;

export type RecordingEnd = (typeof recordingEnds)[number];

export interface RecordingFile {
  /** What the host sent, in order. */
  output(bytes: Uint8Array): void;
  resized(columns: number, rows: number): void;
  /** Writes the rest and closes. Returns what the file came to. */
  finish(end: RecordingEnd): { readonly end: RecordingEnd; readonly durationMs: number };
  readonly isFull: boolean;
}

interface Start {
  readonly columns: number;
  readonly rows: number;
  readonly title: string;
  readonly startedAtMs: number;
}

/**
 * Writes asciicast version 2 (https://docs.asciinema.org/manual/asciicast/v2/): a line of JSON for the header, then one an
 * event, `[seconds, code, data]`. Each line is whole on its own, so that what a killed process left can be played.
 * What the redactor still holds comes with the piece that decides it. `onEnd`: the bound, or a disk that is full, ended it.
 */
export function createRecordingFile(
  path: string,
  start: Start,
  redactor: Redactor,
  onEnd: (end: RecordingEnd) => void,
  options: { readonly mostBytes?: number; readonly nowMs?: () => number } = {},
): RecordingFile {
  const { mostBytes = mostRecordedBytes, nowMs = () => performance.now() } = options;
  const beganMs = nowMs();
  const file = openSync(path, 'wx', 0o600);
  // A character may be cut by the border of two pieces; what is no UTF-8 becomes U+FFFD, as JSON can hold nothing else.
  const decoder = new TextDecoder('utf-8');
  let waiting: string[] = [];
  let waitingBytes = 0;
  let written = 0;
  let timer: NodeJS.Timeout | undefined;
  let ended: { end: RecordingEnd; durationMs: number } | null = null;

  const secondsNow = (): number => Math.round(nowMs() - beganMs) / 1000;
  const flush = (): void => {
    clearTimeout(timer);
    timer = undefined;
    if (waiting.length === 0) return;
    const bytes = Buffer.from(waiting.join(''), 'utf8');
    waiting = [];
    waitingBytes = 0;
    for (let done = 0; done < bytes.length;) done += writeSync(file, bytes, done);
  };
  const over = (end: RecordingEnd): void => {
    finish(end);
    onEnd(end);
  };
  const add = (line: readonly unknown[] | object): void => {
    const text = `${JSON.stringify(line)}\n`;
    const size = Buffer.byteLength(text);
    waiting.push(text);
    waitingBytes += size;
    written += size;
  };
  const later = (): void => {
    if (waitingBytes < flushBytes) {
      timer ??= setTimeout(() => {
        guarded(flush);
      }, flushMs);
    } else flush();
  };
  /** A full disk ends the recording and not the terminal. */
  const guarded = (work: () => void): void => {
    try {
      work();
    } catch {
      over('disk');
    }
  };

  const finish = (end: RecordingEnd): { end: RecordingEnd; durationMs: number } => {
    if (ended !== null) return ended;
    ended = { end, durationMs: Math.round(nowMs() - beganMs) };
    const rest = decoder.decode(redactor.flush()) + decoder.decode();
    if (rest !== '' && end !== 'size' && end !== 'disk') add([secondsNow(), 'o', rest]);
    if (end === 'size')
      add([secondsNow(), 'm', 'homeport: the recording ends here, it has reached its size']);
    try {
      flush();
    } catch {
      ended = { ...ended, end: 'disk' };
    } finally {
      clearTimeout(timer);
      closeSync(file);
    }
    return ended;
  };

  add({
    version: 2,
    width: start.columns,
    height: start.rows,
    timestamp: Math.floor(start.startedAtMs / 1000),
    title: start.title,
    env: { TERM: 'xterm-256color' },
  });
  flush();

  return {
    get isFull() {
      return ended?.end === 'size';
    },
    output(bytes) {
      if (ended !== null) return;
      const text = decoder.decode(redactor.push(bytes), { stream: true });
      if (text === '') return;
      guarded(() => {
        if (written + Buffer.byteLength(text) + 64 > mostBytes) {
          over('size');
          return;
        }
        add([secondsNow(), 'o', text]);
        later();
      });
    },
    resized(columns, rows) {
      if (ended !== null) return;
      guarded(() => {
        add([secondsNow(), 'r', `${columns}x${rows}`]);
        later();
      });
    },
    finish,
  };
}

/** What a killed process left: the last line may be cut, and goes. Returns how long the rest lasts, if that can be told. */
export function mendRecording(path: string): { readonly durationMs: number | null } {
  const file = openSync(path, 'r');
  let keep: number;
  let last: string;
  try {
    const { size } = fstatSync(file);
    const tail = Buffer.alloc(Math.min(size, 1024 * 1024));
    readSync(file, tail, 0, tail.length, size - tail.length);
    const end = tail.lastIndexOf('\n') + 1;
    keep = size - tail.length + end;
    const before = end > 1 ? tail.lastIndexOf('\n', end - 2) + 1 : 0;
    last = tail.subarray(before, end).toString('utf8');
  } finally {
    closeSync(file);
  }
  truncateSync(path, keep);
  const seconds = /^\[\s*([\d.]+)/.exec(last)?.[1];
  return { durationMs: seconds === undefined ? null : Math.round(Number(seconds) * 1000) };
}

export async function measureFile(path: string): Promise<{ bytes: number; sha256: string }> {
  const hash = createHash('sha256');
  let bytes = 0;
  for await (const piece of createReadStream(path) as AsyncIterable<Buffer>) {
    hash.update(piece);
    bytes += piece.byteLength;
  }
  return { bytes, sha256: hash.digest('hex') };
}
