import fc from 'fast-check';
import { expect, it } from 'vitest';
import { createMarkerSplit } from './marker-split.ts';

it('finds the first marker however the bytes are cut', () => {
  const piece = fc.constantFrom('E', 'EN', 'END', 'N', 'D1', 'END1', 'x', '\0', '\n');
  fc.assert(
    fc.property(fc.array(piece), fc.array(fc.nat(6)), (pieces, cuts) => {
      const input = Buffer.from(pieces.join(''));
      const split = createMarkerSplit('END1');
      let before = '';
      let after = '';
      let found = false;
      let at = 0;
      for (const size of [...cuts.map((cut) => cut + 1), input.length]) {
        const chunk = input.subarray(at, at + size);
        at += chunk.length;
        if (found) {
          after += chunk.toString();
          continue;
        }
        const result = split.push(chunk);
        before += result.before.toString();
        if (result.after !== null) {
          found = true;
          after += result.after.toString();
        }
      }
      const expected = input.toString().indexOf('END1');
      if (expected < 0) {
        expect(found).toBe(false);
        expect(before + split.rest().toString()).toBe(input.toString());
      } else {
        expect([before, after]).toEqual([
          input.toString().slice(0, expected),
          input.toString().slice(expected + 4),
        ]);
      }
    }),
  );
});

it('holds back no byte that cannot belong to the marker', () => {
  const split = createMarkerSplit('END1');
  expect(split.push(Buffer.from('abc')).before.toString()).toBe('abc');
  expect(split.push(Buffer.from('abEN')).before.toString()).toBe('ab');
  expect(split.push(Buffer.from('X')).before.toString()).toBe('ENX');
});
