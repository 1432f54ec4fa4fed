import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MalformedFrame, createFrameParser, parseCount } from './frames.ts';
import type { Frame } from './frames.ts';

const nonce = '0123456789abcdef0123456789abcdef';
const chunkText = (name: string, offset: number, bytes: Uint8Array) =>
  Buffer.concat([
    Buffer.from(`@@${nonce} ${name} ${String(offset)} ${String(bytes.length)}\n`),
    bytes,
    Buffer.from(`\n@@${nonce} ok\n`),
  ]);
const lineText = (text: string) => Buffer.from(`@@${nonce} ${text}\n`);

interface Stored {
  output: Buffer;
  progress: Buffer;
  lines: string[];
}

/** What a follower would store of these bytes, cut at these places. */
function store(bytes: Uint8Array, cuts: readonly number[]): Stored & { broken: boolean } {
  const parser = createFrameParser(nonce);
  const stored: Stored = { output: Buffer.alloc(0), progress: Buffer.alloc(0), lines: [] };
  const places = [...new Set([0, ...cuts.map((cut) => cut % (bytes.length + 1)), bytes.length])].sort(
    (a, b) => a - b,
  );
  try {
    for (let i = 1; i < places.length; i += 1)
      for (const frame of parser.push(bytes.subarray(places[i - 1], places[i]))) add(stored, frame);
  } catch (error) {
    if (!(error instanceof MalformedFrame)) throw error;
    return { ...stored, broken: true };
  }
  return { ...stored, broken: false };
}

function add(stored: Stored, frame: Frame): void {
  if (frame.kind === 'line') stored.lines.push(frame.words.join(' '));
  else if (frame.name !== 'file') stored[frame.name] = Buffer.concat([stored[frame.name], frame.bytes]);
}

const message = fc.array(
  fc.record({
    name: fc.constantFrom('output' as const, 'progress' as const),
    // Payloads that look like the framing itself are the hard ones.
    bytes: fc.oneof(
      fc.uint8Array({ maxLength: 400 }),
      fc.constantFrom(`\n@@${nonce} ok\n`, `@@${nonce} output 0 5\n`, '\n', '@@').map((t) => Buffer.from(t)),
    ),
  }),
  { maxLength: 8 },
);

function encode(parts: readonly { name: 'output' | 'progress'; bytes: Uint8Array }[]) {
  const whole = { output: Buffer.alloc(0), progress: Buffer.alloc(0) };
  const texts = [lineText('hello')];
  for (const { name, bytes } of parts) {
    texts.push(chunkText(name, whole[name].length, bytes), lineText('alive'));
    whole[name] = Buffer.concat([whole[name], bytes]);
  }
  return { bytes: Buffer.concat(texts), whole };
}

describe('frame parser', () => {
  it('gives back every byte, wherever the stream is cut into pieces', () => {
    fc.assert(
      fc.property(message, fc.array(fc.nat(), { maxLength: 30 }), (parts, cuts) => {
        const { bytes, whole } = encode(parts);
        const stored = store(bytes, cuts);
        expect(stored.broken).toBe(false);
        expect(stored.output.equals(whole.output)).toBe(true);
        expect(stored.progress.equals(whole.progress)).toBe(true);
        expect(stored.lines).toEqual(['hello', ...parts.map(() => 'alive')]);
      }),
    );
  });

  it('hands on nothing but a prefix when bytes are missing, doubled or strange', () => {
    // Removed bytes are fewer than what stands between two payloads, and nothing is replaced byte for byte inside one: that
    // is for the transport's checksums to find.
    const place = fc.nat();
    const damage = fc.oneof(
      fc.record({ place, remove: fc.integer({ min: 1, max: 38 }), insert: fc.constant(new Uint8Array()) }),
      fc.record({
        place,
        remove: fc.constant(0),
        insert: fc.oneof(fc.uint8Array({ minLength: 1, maxLength: 50 }), fc.constant('again' as const)),
      }),
    );
    fc.assert(
      fc.property(message, damage, (parts, { place, remove, insert }) => {
        fc.pre(parts.every(({ bytes }) => !Buffer.from(bytes).includes('@@')));
        const { bytes, whole } = encode(parts);
        const at = place % bytes.length;
        const damaged = Buffer.concat([
          bytes.subarray(0, at),
          insert === 'again' ? bytes.subarray(at, at + 50) : Buffer.from(insert),
          bytes.subarray(at + (insert === 'again' ? 0 : remove)),
        ]);
        const parser = createFrameParser(nonce);
        const stored = { output: Buffer.alloc(0), progress: Buffer.alloc(0) };
        try {
          for (const frame of parser.push(damaged)) {
            if (frame.kind === 'line' || frame.name === 'file') continue;
            // The follower's rule: bytes at another offset than the next one end the connection.
            if (frame.offset !== stored[frame.name].length) break;
            stored[frame.name] = Buffer.concat([stored[frame.name], frame.bytes]);
          }
        } catch (error) {
          expect(error).toBeInstanceOf(MalformedFrame);
        }
        for (const name of ['output', 'progress'] as const)
          expect(whole[name].subarray(0, stored[name].length).equals(stored[name])).toBe(true);
      }),
      { numRuns: 1_000 },
    );
  });

  it.each([
    ['another nonce', '@@ffffffffffffffffffffffffffffffff alive\n'],
    ['text before a frame', `noise@@${nonce} alive\n`],
    ['an empty line', '\n'],
    ['no words', `@@${nonce} \n`],
    ['two blanks', `@@${nonce} a  b\n`],
    ['a negative offset', `@@${nonce} output -1 5\n`],
    ['an offset with a sign', `@@${nonce} output +1 5\n`],
    ['an offset with zeros before', `@@${nonce} output 01 5\n`],
    ['a hexadecimal length', `@@${nonce} output 0 0x10\n`],
    ['an offset beyond all files', `@@${nonce} output 9999999999999999 5\n`],
    ['a length above the limit', `@@${nonce} output 0 65537\n`],
    ['a missing length', `@@${nonce} output 0\n`],
    ['a word too many', `@@${nonce} output 0 1 1\n`],
    ['a closing line alone', `@@${nonce} ok\n`],
    ['a control character', `@@${nonce} ali\u001bve\n`],
    ['a line that never ends', `@@${nonce} ${'a'.repeat(400)}`],
    ['a payload longer than announced', `@@${nonce} output 0 3\nabcd\n@@${nonce} ok\n`],
    ['a payload shorter than announced', `@@${nonce} output 0 5\nabcd\n@@${nonce} ok\n@@${nonce} alive\n`],
  ])('refuses %s, for good', (_what, text) => {
    const parser = createFrameParser(nonce);
    expect(() => parser.push(Buffer.from(text))).toThrow(MalformedFrame);
    expect(() => parser.push(lineText('alive'))).toThrow(MalformedFrame);
    expect(parser.atBoundary).toBe(false);
  });

  it('knows a begun frame from an ended one', () => {
    const parser = createFrameParser(nonce);
    expect(parser.atBoundary).toBe(true);
    parser.push(Buffer.from(`@@${nonce} output 0 2\na`));
    expect(parser.atBoundary).toBe(false);
    expect(parser.push(Buffer.from(`b\n@@${nonce} ok\n`))).toHaveLength(1);
    expect(parser.atBoundary).toBe(true);
    parser.push(Buffer.from('@@'));
    expect(parser.atBoundary).toBe(false);
  });

  it('reads only plain decimal counts', () => {
    expect(['0', '7', '999999999999999'].map(parseCount)).toEqual([0, 7, 999999999999999]);
    expect(['', '-1', '1.5', '1e3', ' 1', '00', undefined].map(parseCount)).toEqual(Array(7).fill(null));
  });
});
