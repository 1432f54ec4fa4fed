import BetterSqlite3 from 'better-sqlite3';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { searchExpression } from './search-words.ts';

const raw = new BetterSqlite3(':memory:');
raw.exec(`create virtual table words using fts5(body, tokenize = "unicode61 remove_diacritics 2")`);
raw
  .prepare('insert into words (rowid, body) values (1, ?), (2, ?), (3, ?)')
  .run(
    'Mise à niveau : libssl3t64 3.0.2-0ubuntu1.18 réparée, Straße',
    'linux-image-6.1.0-30-amd64 and grub-common',
    'common linux image or not near AND body',
  );
const find = raw.prepare('select rowid from words where words match ? order by rowid').pluck();
const found = (text: string): unknown => {
  const expression = searchExpression(text);
  return expression === null ? 'no word' : find.all(expression);
};

describe('what is typed into the search', () => {
  it.each([
    ['libss', [1]],
    ['LIBSSL', [1]],
    ['reparee', [1]],
    ['réparée', [1]],
    ['linux im', [2, 3]],
    ['linux-im', [2, 3]],
    ['"linux image"', [2, 3]],
    ['"image linux"', []],
    ['"linux ima"', []],
    ['"linux ima', [2, 3]],
    ['common linux', [2, 3]],
    ['common linux grub', [2]],
    ['3.0.2-0ubuntu1', [1]],
    ['ssl', []],
    ['AND', [2, 3]],
    ['AND (', [2, 3]],
    ['NOT grub', []],
    ['body:linux', []],
    ['^linux', [2, 3]],
    ['linux*', [2, 3]],
    ['near(linux)', []],
    ['grub \u0000 common', [2]],
    ['"', 'no word'],
    ['""', 'no word'],
    ['( ) * - ^', 'no word'],
    ['', 'no word'],
  ])('%j finds %j', (text, expected) => {
    expect(found(text)).toEqual(expected);
  });

  it('is never an error, whatever it is', () => {
    const odd = fc.array(
      fc.constantFrom(
        '"',
        '*',
        '(',
        ')',
        'AND',
        'OR',
        'NOT',
        'NEAR',
        '^',
        ':',
        '-',
        '+',
        "'",
        '\0',
        ' ',
        'é',
        'x',
        '{',
        '\\',
      ),
      { maxLength: 20 },
    );
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string({ unit: 'binary' }),
          odd.map((parts) => parts.join('')),
        ),
        (text) => {
          const expression = searchExpression(text);
          if (expression !== null) find.all(expression);
        },
      ),
      { numRuns: 2_000 },
    );
  });

  it('is cut to as many words as a person would type', () => {
    expect(searchExpression('a '.repeat(100))?.match(/"a"/g)).toHaveLength(16);
  });
});
