import { parseAnsiLine, plainStyle, type AnsiLine, type AnsiStyle } from './ansi.ts';
import { classifyLine, severityNone, type LineSeverity } from './line-severity.ts';

/**
 * The log of a run as it is read: bytes in blocks of a fixed size, an index of line starts, and what each line is. Only so
 * many blocks stay in memory; a block that was put away is asked for again by its offset, so the whole log stays reachable
 * however long it is. Nothing here is reactive: the view asks after each batch.
 */
export interface LogStore {
  /** Bytes received, in memory or not. */
  readonly sizeBytes: number;
  /** Lines, the last one open while it has no line feed yet. */
  readonly lineCount: number;
  readonly errorCount: number;
  readonly warningCount: number;
  append(chunk: Uint8Array): void;
  /** One line with its colours; null where its bytes were put away (see `missingBlocks`). */
  line(index: number): AnsiLine | null;
  /** The text of one line as it reads, without escape sequences; null where its bytes were put away. */
  text(index: number): string | null;
  severity(index: number): LineSeverity;
  /** The next line after `from` (before it with `step` -1) with at least this severity, going round once; null = none. */
  nextSevere(from: number, step: 1 | -1, atLeast: LineSeverity): number | null;
  /** Blocks that the lines from `first` to `last` need and that are not in memory. */
  missingBlocks(first: number, last: number): number[];
  /** Where a block begins and how many bytes it has. */
  blockRange(block: number): { offset: number; length: number };
  /** Puts back a block that was read again. */
  restore(block: number, bytes: Uint8Array): void;
}

export interface LogStoreLimits {
  blockBytes: number;
  /** Blocks kept in memory; the first and the last ones in use always stay. */
  residentBlocks: number;
}

const defaultLimits: LogStoreLimits = { blockBytes: 256 * 1024, residentBlocks: 128 };

/** More of one line than this is not drawn; the download has it whole. */
const drawnLineBytes = 64 * 1024;
const lineFeed = 0x0a;
const escapeByte = 0x1b;
const carriageReturn = 0x0d;

export function createLogStore(limits: Partial<LogStoreLimits> = {}): LogStore {
  const { blockBytes, residentBlocks } = { ...defaultLimits, ...limits };
  const blocks: (Uint8Array | null)[] = [];
  /** Blocks in memory in the order of their last use. */
  const recent = new Set<number>();
  const decoder = new TextDecoder('utf-8');
  let starts = new Float64Array(1024);
  let severities = new Uint8Array(1024);
  let closedLines = 0;
  let sizeBytes = 0;
  let errorCount = 0;
  let warningCount = 0;
  /** Style at the start of a line, only where it is not the plain one. */
  const startStyles = new Map<number, AnsiStyle>();

  /** `starts[closedLines]` is where the open line begins, so that every closed line has a start after it. */
  const endOf = (index: number): number =>
    index < closedLines ? (starts[index + 1] ?? sizeBytes) - 1 : sizeBytes;

  function touch(block: number): void {
    recent.delete(block);
    recent.add(block);
    if (recent.size <= residentBlocks) return;
    const tail = blocks.length - 1;
    for (const oldest of recent) {
      if (oldest === tail || oldest === block) continue;
      blocks[oldest] = null;
      recent.delete(oldest);
      return;
    }
  }

  /** The bytes from `from` to `to`, or null where a block of them is away. */
  function bytesOf(from: number, to: number): Uint8Array | null {
    const first = Math.floor(from / blockBytes);
    const last = Math.floor(Math.max(from, to - 1) / blockBytes);
    if (first === last) {
      const block = blocks[first];
      if (!block) return from === to ? new Uint8Array() : null;
      touch(first);
      return block.subarray(from - first * blockBytes, to - first * blockBytes);
    }
    const joined = new Uint8Array(to - from);
    for (let at = first; at <= last; at += 1) {
      const block = blocks[at];
      if (!block) return null;
      touch(at);
      const low = Math.max(from, at * blockBytes);
      const high = Math.min(to, (at + 1) * blockBytes);
      joined.set(block.subarray(low - at * blockBytes, high - at * blockBytes), low - from);
    }
    return joined;
  }

  function drawn(index: number): Uint8Array | null {
    const from = starts[index] ?? 0;
    const to = endOf(index);
    if (to - from <= drawnLineBytes) return bytesOf(from, to);
    const head = bytesOf(from, from + drawnLineBytes);
    if (head?.includes(carriageReturn) !== true) return head;
    // A line that rewrites itself: what can still be seen stands behind a late carriage return.
    const tail = bytesOf(to - drawnLineBytes, to);
    return tail === null ? null : tail.subarray(tail.indexOf(carriageReturn) + 1);
  }

  function closeLine(endBytes: number): void {
    const index = closedLines;
    closedLines += 1;
    if (closedLines + 1 >= starts.length) {
      const longer = new Float64Array(starts.length * 2);
      longer.set(starts);
      starts = longer;
      const more = new Uint8Array(severities.length * 2);
      more.set(severities);
      severities = more;
    }
    starts[closedLines] = endBytes + 1;
    const bytes = drawn(index);
    if (bytes === null) return;
    const before = startStyles.get(index) ?? plainStyle;
    const raw = decoder.decode(bytes);
    let text = raw;
    if (before !== plainStyle || bytes.includes(escapeByte)) {
      const parsed = parseAnsiLine(raw, before);
      text = parsed.text;
      if (parsed.end !== plainStyle) startStyles.set(index + 1, parsed.end);
    }
    const severity = classifyLine(text);
    severities[index] = severity;
    if (severity === 2) errorCount += 1;
    else if (severity === 1) warningCount += 1;
  }

  function line(index: number): AnsiLine | null {
    const bytes = drawn(index);
    if (bytes === null) return null;
    return parseAnsiLine(decoder.decode(bytes), startStyles.get(index) ?? plainStyle);
  }

  const lineCount = (): number => closedLines + (sizeBytes > (starts[closedLines] ?? 0) ? 1 : 0);

  return {
    get sizeBytes() {
      return sizeBytes;
    },
    get lineCount() {
      return lineCount();
    },
    get errorCount() {
      return errorCount;
    },
    get warningCount() {
      return warningCount;
    },
    append(chunk) {
      for (let at = 0; at < chunk.length;) {
        const block = Math.floor(sizeBytes / blockBytes);
        const used = sizeBytes - block * blockBytes;
        let target = blocks[block];
        if (!target) {
          target = new Uint8Array(blockBytes);
          blocks[block] = target;
        }
        touch(block);
        const piece = chunk.subarray(at, at + blockBytes - used);
        target.set(piece, used);
        const base = sizeBytes;
        sizeBytes += piece.length;
        for (let feed = piece.indexOf(lineFeed); feed >= 0; feed = piece.indexOf(lineFeed, feed + 1)) {
          closeLine(base + feed);
        }
        at += piece.length;
      }
    },
    line,
    text: (index) => line(index)?.text ?? null,
    severity: (index) => (severities[index] ?? severityNone) as LineSeverity,
    nextSevere(from, step, atLeast) {
      const count = lineCount();
      for (let moved = 1; moved <= count; moved += 1) {
        const index = (((from + step * moved) % count) + count) % count;
        if ((severities[index] ?? 0) >= atLeast) return index;
      }
      return null;
    },
    missingBlocks(first, last) {
      const missing: number[] = [];
      if (lineCount() === 0) return missing;
      const low = Math.floor((starts[Math.max(0, first)] ?? 0) / blockBytes);
      const high = Math.floor(Math.max(0, endOf(Math.min(last, lineCount() - 1)) - 1) / blockBytes);
      for (let block = low; block <= high; block += 1) if (!blocks[block]) missing.push(block);
      return missing;
    },
    blockRange: (block) => ({
      offset: block * blockBytes,
      length: Math.min(blockBytes, sizeBytes - block * blockBytes),
    }),
    restore(block, bytes) {
      if (blocks[block] || block < 0 || block >= blocks.length) return;
      const whole = new Uint8Array(blockBytes);
      whole.set(bytes.subarray(0, blockBytes));
      blocks[block] = whole;
      touch(block);
    },
  };
}
