import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseAnsiLine, plainStyle } from './ansi.ts';

const esc = '\u001b';
const styleOf = (sgr: string) => parseAnsiLine(`${esc}[${sgr}mx`).spans[0]?.style;

describe('colours', () => {
  it('leaves plain text as one plain span', () => {
    expect(parseAnsiLine('Setting up libc6 …')).toEqual({
      spans: [{ text: 'Setting up libc6 …', style: plainStyle }],
      text: 'Setting up libc6 …',
      end: plainStyle,
    });
  });

  it.each([
    ['31', { fg: 1 }],
    ['97', { fg: 15 }],
    ['44', { bg: 4 }],
    ['103', { bg: 11 }],
    ['1;32', { bold: true, fg: 2 }],
    ['38;5;9', { fg: 9 }],
    ['38;5;196', { fg: '#ff0000' }],
    ['38;5;244', { fg: '#808080' }],
    ['48;2;1;2;3', { bg: '#010203' }],
    ['38:2::255:128:0', { fg: '#ff8000' }],
    ['38:2:255:128:0', { fg: '#ff8000' }],
    ['38;5;196;4', { fg: '#ff0000', underline: true }],
    ['38;2;300;0;0', {}],
    ['31;39', {}],
    ['1;2;3;4;7;22;23;24;27', {}],
    ['31;', {}],
    ['', {}],
  ])('SGR %s', (sgr, expected) => {
    expect(styleOf(sgr)).toEqual({ ...plainStyle, ...expected });
  });

  it('carries the style over to the next line', () => {
    const first = parseAnsiLine(`ok ${esc}[1;31mred`);
    const second = parseAnsiLine(`still${esc}[0m plain`, first.end);
    expect(second.spans.map((span) => [span.text, span.style.fg])).toEqual([
      ['still', 1],
      [' plain', null],
    ]);
    expect(second.end).toBe(plainStyle);
  });
});

describe('progress', () => {
  it.each([
    ['10%\r50%\r100%', '100%'],
    ['Reading… 99%\rDone', 'Doneing… 99%'],
    [`Reading… 99%\r${esc}[KDone`, 'Done'],
    [`abc${esc}[2Kd`, '   d'],
    [`abcdef\b\b\b${esc}[1Kx`, '   xef'],
    ['ab\bc', 'ac'],
    ['a\tb', 'a       b'],
    ['windows line\r', 'windows line'],
  ])('%j reads %j', (line, text) => {
    expect(parseAnsiLine(line).text).toBe(text);
  });
});

describe('everything else is dropped', () => {
  it.each([
    [`a${esc}[2Jb`, 'ab'],
    [`a${esc}[?25lb`, 'ab'],
    [`a${esc}]0;evil title\u0007b`, 'ab'],
    [`a${esc}]8;;https://evil.example${esc}\\link${esc}]8;;${esc}\\b`, 'alinkb'],
    [`a${esc}]52;c;c2VjcmV0`, 'a'],
    [`a${esc}Pq#0${esc}\\b`, 'ab'],
    [`a${esc}(Bb`, 'ab'],
    [`a${esc}7b${esc}8c`, 'abc'],
    [`a${esc}[38;5`, 'a'],
    [`a${esc}[3\u00e9`, 'a\u00e9'],
    [`a${esc}[>4;2mb`, 'ab'],
    [`a${esc}`, 'a'],
    ['bell\u0007 nul\u0000 c1\u009b', 'bell nul c1'],
    ['safe\u202egnp.exe', 'safe\ufffdgnp.exe'],
  ])('%j reads %j', (line, text) => {
    expect(parseAnsiLine(line).text).toBe(text);
  });

  it('never lets a control character through, whatever the bytes are', () => {
    const piece = fc.oneof(
      fc.constantFrom(esc, '[', ']', 'm', 'K', ';', ':', '38', '\r', '\b', '\t', '\u0007', '\u009b', '\\'),
      fc.string({ unit: 'binary' }),
    );
    fc.assert(
      fc.property(fc.array(piece), (pieces) => {
        const line = parseAnsiLine(pieces.join('').replaceAll('\n', ''));
        // eslint-disable-next-line no-control-regex -- control characters are the subject
        expect(line.text).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u202a-\u202e]/);
        expect(line.spans.map((span) => span.text).join('')).toBe(line.text);
      }),
    );
  });

  it('bounds the width of a hostile line', () => {
    expect(parseAnsiLine('\t'.repeat(1_000_000)).text.length).toBeLessThanOrEqual(20_000);
  });
});
