import { expect, it } from 'vitest';
import { incompleteTail } from './incomplete.ts';

it.each([
  ['plain', 0],
  ['', 0],
  ['\u001b[31mred', 0],
  ['red\u001b', 1],
  ['red\u001b[', 2],
  ['red\u001b[38;5', 6],
  ['red\u001b[38;5m', 0],
  ['\u001b]0;a title', 11],
  ['\u001b]0;a title\u0007', 0],
  ['\u001b]0;a title\u001b', 1],
  ['\u001b]0;a title\u001b\\', 0],
  ['\u001b(', 2],
  ['\u001b(B', 0],
  ['\u001b7', 0],
  ['\u001bPq data', 8],
])('%j ends with %i bytes of something unfinished', (text, expected) => {
  expect(incompleteTail(new TextEncoder().encode(text))).toBe(expected);
});

it('sees a character that is not whole', () => {
  const bytes = new TextEncoder().encode('a漢');
  expect([1, 2, 3, 4].map((length) => incompleteTail(bytes.subarray(0, length)))).toEqual([0, 1, 2, 0]);
});
