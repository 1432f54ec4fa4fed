import { buildAutomaton, type Automaton } from './automaton.ts';
import { formsOf } from './forms.ts';

export const redactionMark = '[redacted]';
const mark = Buffer.from(redactionMark);
const nothing = new Uint8Array(0);

/** Bytes `start` to `end` (exclusive) that belong to a secret. */
interface Span {
  readonly start: number;
  readonly end: number;
}

export interface Redactor {
  /**
   * Takes the next bytes of a stream and returns what is decided: bytes of a secret, in any of its spellings, are
   * replaced by `[redacted]`, all others are unchanged. Secrets that overlap become one mark. The result may share memory
   * with `chunk`.
   */
  readonly push: (chunk: Uint8Array) => Uint8Array;
  /** The stream has ended: returns the rest. The redactor can then begin another stream. */
  readonly flush: () => Uint8Array;
  /**
   * How many of the bytes taken are not yet answered for, because a secret may have begun in them. A stream that is
   * taken up again this many bytes earlier by a new redactor gives the same output as one that was never interrupted.
   */
  readonly pendingBytes: () => number;
}

/**
 * A filter over one stream of bytes; the borders of its chunks make no difference. Secrets shorter than
 * `minSecretBytes` are not looked for.
 */
export function createRedactor(secrets: readonly string[]): Redactor {
  const patterns = secrets.flatMap(formsOf);
  if (patterns.length === 0) return { push: (chunk) => chunk, flush: () => nothing, pendingBytes: () => 0 };
  const automaton = buildAutomaton(patterns);

  let state = 0;
  /** The undecided bytes, without those that are known to be secret and lie before the last `depth` of the state. */
  let held: Uint8Array = nothing;
  /** Secrets that a following byte may still make longer; positions in `held`, the first may begin before it. */
  let open: Span[] = [];

  function push(chunk: Uint8Array): Uint8Array {
    if (chunk.length === 0) return nothing;
    const bytes = held.length === 0 ? chunk : Buffer.concat([held, chunk]);
    const found = open;
    state = scan(automaton, bytes, held.length, state, found);
    const limit = bytes.length - (automaton.depth[state] ?? 0);
    const firstOpen = found.findIndex((span) => span.end > limit);
    const closed = firstOpen === -1 ? found : found.slice(0, firstOpen);
    open = (firstOpen === -1 ? [] : found.slice(firstOpen)).map(({ start, end }) => ({
      start: start - limit,
      end: end - limit,
    }));
    // A copy: the caller may use its buffer again.
    held = limit === bytes.length ? nothing : Buffer.from(bytes.subarray(limit));
    const firstHeld = limit + Math.min(0, open[0]?.start ?? 0);
    return assemble(bytes, closed, Math.max(0, firstHeld));
  }

  return {
    push,
    flush() {
      const rest = assemble(held, open, held.length);
      state = 0;
      held = nothing;
      open = [];
      return rest;
    },
    pendingBytes: () => held.length + Math.max(0, -(open[0]?.start ?? 0)),
  };
}

/**
 * Reads on from `from` and adds what it finds to `found`. Every byte of output passes here, so the loop stands by itself,
 * on local tables; every index is inside its table by construction. @returns the state after the last byte
 */
function scan(automaton: Automaton, bytes: Uint8Array, from: number, state: number, found: Span[]): number {
  const { classOf, shift, next, matchLength, settled } = automaton;
  let at = state;
  for (let i = from; i < bytes.length; i++) {
    at = next[(at << shift) | (classOf[bytes[i] as number] as number)] as number;
    if (at === 0) continue;
    const length = matchLength[at] as number;
    if (length === 0) continue;
    cover(found, i + 1 - length, i + 1);
    at = settled[at] as number;
  }
  return at;
}

/** Adds a secret to the ones found, as one with those that it overlaps. */
function cover(found: Span[], start: number, end: number): void {
  let from = start;
  for (let last = found.at(-1); last && last.end > from; last = found.at(-1)) {
    from = Math.min(from, last.start);
    found.pop();
  }
  found.push({ start: from, end });
}

/** The bytes before `limit` with a mark in the place of each span. */
function assemble(bytes: Uint8Array, spans: readonly Span[], limit: number): Uint8Array {
  if (spans.length === 0) return limit === bytes.length ? bytes : bytes.subarray(0, limit);
  const parts: Uint8Array[] = [];
  let from = 0;
  for (const { start, end } of spans) {
    if (start > from) parts.push(bytes.subarray(from, start));
    parts.push(mark);
    from = end;
  }
  if (limit > from) parts.push(bytes.subarray(from, limit));
  return Buffer.concat(parts);
}

/** The same for a text that is there as a whole. Without a secret in it, it comes back as it is. */
export function redactText(text: string, secrets: readonly string[]): string {
  const bytes = Buffer.from(text, 'utf8');
  // The usual case, by the platform's own search: nothing of it is there, and no automaton is needed.
  if (!secrets.flatMap(formsOf).some((form) => bytes.includes(form))) return text;
  const redactor = createRedactor(secrets);
  const parts = [redactor.push(bytes), redactor.flush()];
  const clean = Buffer.concat(parts);
  return clean.equals(bytes) ? text : clean.toString('utf8');
}
