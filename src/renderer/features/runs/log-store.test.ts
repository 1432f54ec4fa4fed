import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createLogStore, type LogStore } from './log-store.ts';

const bytes = (text: string) => new TextEncoder().encode(text);
const lines = (log: LogStore) => Array.from({ length: log.lineCount }, (_, at) => log.text(at));

describe('a log store', () => {
  it('has no line before the first byte, and an open line after it', () => {
    const log = createLogStore();
    expect(log.lineCount).toBe(0);
    log.append(bytes('Reading'));
    expect(lines(log)).toEqual(['Reading']);
    log.append(bytes(' lists\n'));
    expect(lines(log)).toEqual(['Reading lists']);
    log.append(bytes('\n\nDone'));
    expect(lines(log)).toEqual(['Reading lists', '', '', 'Done']);
  });

  it('reads the same whatever the pieces and the block size are', () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom('é', 'a', '\n', '漢', '𝛼', 'xyz', 'E: no\n'), { maxLength: 80 }),
        fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 20 }),
        fc.integer({ min: 4, max: 40 }),
        (pieces, cuts, blockBytes) => {
          const text = pieces.join('');
          const all = bytes(text);
          const log = createLogStore({ blockBytes, residentBlocks: 1000 });
          for (let at = 0, turn = 0; at < all.length; turn += 1) {
            const size = cuts[turn % cuts.length] ?? 1;
            log.append(all.subarray(at, at + size));
            at += size;
          }
          const expected = text.split('\n');
          if (expected.at(-1) === '') expected.pop();
          expect(lines(log)).toEqual(expected);
          expect(log.sizeBytes).toBe(all.length);
        },
      ),
    );
  });

  it('carries colours over lines', () => {
    const log = createLogStore();
    log.append(bytes('\u001b[31mred\nstill\n\u001b[0mplain\n'));
    expect([0, 1, 2].map((at) => log.line(at)?.spans[0]?.style.fg)).toEqual([1, 1, null]);
  });

  it('puts old blocks away and asks for them again', () => {
    const log = createLogStore({ blockBytes: 10, residentBlocks: 2 });
    log.append(bytes('line-0000\nline-0001\nline-0002\nline-0003\n'));
    expect(log.text(3)).toBe('line-0003');
    expect(log.text(0)).toBeNull();
    const missing = log.missingBlocks(0, 0);
    expect(missing).toEqual([0]);
    expect(log.blockRange(0)).toEqual({ offset: 0, length: 10 });
    log.restore(0, bytes('line-0000\n'));
    expect(log.text(0)).toBe('line-0000');
    expect(log.missingBlocks(0, 0)).toEqual([]);
  });

  it('keeps counting lines while old blocks are away', () => {
    const log = createLogStore({ blockBytes: 16, residentBlocks: 2 });
    for (let at = 0; at < 500; at += 1) log.append(bytes(`W: number ${String(at)}\n`));
    expect(log.lineCount).toBe(500);
    expect(log.warningCount).toBe(500);
  });

  it('goes to the next error, round the end and back', () => {
    const log = createLogStore();
    log.append(bytes('ok\nW: careful\nok\nE: broken\nok\n'));
    expect([log.errorCount, log.warningCount]).toEqual([1, 1]);
    expect(log.nextSevere(-1, 1, 1)).toBe(1);
    expect(log.nextSevere(1, 1, 1)).toBe(3);
    expect(log.nextSevere(3, 1, 1)).toBe(1);
    expect(log.nextSevere(3, -1, 1)).toBe(1);
    expect(log.nextSevere(0, 1, 2)).toBe(3);
    expect(createLogStore().nextSevere(-1, 1, 1)).toBeNull();
  });

  it('shows the end of a very long line that rewrites itself', () => {
    const log = createLogStore();
    for (let at = 0; at < 20_000; at += 1) log.append(bytes(`progress ${String(at)}\r`));
    expect(log.text(0)).toBe('progress 19999');
  });

  it('takes a 10 MB log in a moment', () => {
    const log = createLogStore();
    const piece = bytes(
      'Get:123 http://deb.debian.org/debian trixie/main amd64 libfoo amd64 1.2-3 [12 kB]\n'.repeat(800),
    );
    const from = performance.now();
    while (log.sizeBytes < 10_000_000) log.append(piece);
    expect(log.lineCount).toBeGreaterThan(115_000);
    expect(performance.now() - from).toBeLessThan(5_000);
  });
});
