import { describe, expect, it } from 'vitest';
import { parseAnsiLine } from './ansi.ts';
import { highlight, lineMatches } from './highlight.ts';

const marked = (line: string, query: string) => {
  const parsed = parseAnsiLine(line);
  return highlight(parsed.spans, parsed.text, query).map((span) =>
    span.match ? `[${span.text}]` : span.text,
  );
};

describe('highlight', () => {
  it.each([
    ['Setting up nginx', 'NGINX', ['Setting up ', '[nginx]']],
    ['aXbXc', 'x', ['a', '[X]', 'b', '[X]', 'c']],
    ['nothing', 'zzz', ['nothing']],
    ['nothing', '', ['nothing']],
    ['\u001b[31mre\u001b[0md hat', 'red', ['[re]', '[d]', ' hat']],
    ['İx', 'x', ['İx']],
  ])('%j with %j', (line, query, expected) => {
    expect(marked(line, query)).toEqual(expected);
  });

  it('says of a line whether it matches', () => {
    expect(lineMatches('Unpacking Nginx', 'nginx')).toBe(true);
    expect(lineMatches('Unpacking', '')).toBe(false);
  });
});
