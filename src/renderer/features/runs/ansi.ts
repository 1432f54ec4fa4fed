/**
 * One line of a run's log as coloured spans. Understood: SGR (16, 256 and true colours), carriage return, backspace,
 * tab and "erase in line", because progress output is made of them. Every other escape sequence is dropped whole
 * (ECMA-48 § 5.4 for control sequences, § 5.6 for control strings).
 */

/** A palette index (0 to 15, drawn by the theme) or a colour as `#rrggbb`; null is the terminal's default. */
export type AnsiColor = number | string | null;

export interface AnsiStyle {
  readonly fg: AnsiColor;
  readonly bg: AnsiColor;
  readonly bold: boolean;
  readonly dim: boolean;
  readonly italic: boolean;
  readonly underline: boolean;
  readonly inverse: boolean;
}

export interface AnsiSpan {
  readonly text: string;
  readonly style: AnsiStyle;
}

export interface AnsiLine {
  readonly spans: readonly AnsiSpan[];
  /** The text without any escape sequence. */
  readonly text: string;
  /** The style that the next line starts with. */
  readonly end: AnsiStyle;
}

export const plainStyle: AnsiStyle = {
  fg: null,
  bg: null,
  bold: false,
  dim: false,
  italic: false,
  underline: false,
  inverse: false,
};

const escape = '\u001b';
const tabWidth = 8;
/** A cursor column beyond this is a broken or hostile line. */
const maximumColumns = 20_000;

/** True where the text needs the slow path: a control character, or one that reorders what is read. */
const special = /[\u0000-\u0008\u000b-\u001f\t\u007f-\u009f\u202a-\u202e\u2066-\u2069]/; // eslint-disable-line no-control-regex -- control characters are the subject
const reordering = /[\u202a-\u202e\u2066-\u2069]/;

/** Reads one line (without its line feed). `start` is the `end` of the line before. */
export function parseAnsiLine(line: string, start: AnsiStyle = plainStyle): AnsiLine {
  const text = line.endsWith('\r') ? line.slice(0, -1) : line;
  if (!special.test(text)) return { spans: text === '' ? [] : [{ text, style: start }], text, end: start };

  const cells: { char: string; style: AnsiStyle }[] = [];
  let style = start;
  let column = 0;
  const put = (char: string): void => {
    if (column >= maximumColumns) return;
    while (cells.length < column) cells.push({ char: ' ', style: plainStyle });
    cells[column] = { char, style };
    column += 1;
  };

  for (let at = 0; at < text.length;) {
    const char = text[at] ?? '';
    if (char === escape) {
      const sequence = readSequence(text, at);
      if (sequence.kind === 'sgr') style = applySgr(style, sequence.parameters);
      else if (sequence.kind === 'erase') eraseInLine(cells, column, sequence.mode);
      at = sequence.next;
      continue;
    }
    const code = text.codePointAt(at) ?? 0;
    const point = String.fromCodePoint(code);
    at += point.length;
    if (char === '\r') column = 0;
    else if (char === '\b') column = Math.max(0, column - 1);
    else if (char === '\t') {
      const target = (Math.floor(column / tabWidth) + 1) * tabWidth;
      while (column < target && column < maximumColumns) put(' ');
    } else if (code < 0x20 || (code >= 0x7f && code <= 0x9f)) continue;
    else put(reordering.test(point) ? '\ufffd' : point);
  }

  const spans: { text: string; style: AnsiStyle }[] = [];
  for (const cell of cells) {
    const last = spans.at(-1);
    if (last?.style === cell.style) last.text += cell.char;
    else spans.push({ text: cell.char, style: cell.style });
  }
  return { spans, text: cells.map((cell) => cell.char).join(''), end: style };
}

type Sequence =
  | { kind: 'sgr'; parameters: string; next: number }
  | { kind: 'erase'; mode: string; next: number }
  | { kind: 'dropped'; next: number };

function readSequence(text: string, at: number): Sequence {
  const introducer = text[at + 1];
  if (introducer === undefined) return { kind: 'dropped', next: text.length };
  if (introducer === '[') return readControlSequence(text, at + 2);
  // Control strings: OSC, DCS, SOS, PM, APC run to a string terminator; an unfinished one eats the rest of the line.
  if ('PX]^_'.includes(introducer)) {
    for (let end = at + 2; end < text.length; end += 1) {
      if (text[end] === '\u0007' || text[end] === '\u009c') return { kind: 'dropped', next: end + 1 };
      if (text[end] === escape && text[end + 1] === '\\') return { kind: 'dropped', next: end + 2 };
    }
    return { kind: 'dropped', next: text.length };
  }
  let end = at + 1;
  while (end < text.length && isBetween(text, end, 0x20, 0x2f)) end += 1;
  return { kind: 'dropped', next: Math.min(text.length, end + 1) };
}

function readControlSequence(text: string, from: number): Sequence {
  let end = from;
  while (end < text.length && isBetween(text, end, 0x30, 0x3f)) end += 1;
  const parameters = text.slice(from, end);
  const intermediatesFrom = end;
  while (end < text.length && isBetween(text, end, 0x20, 0x2f)) end += 1;
  if (end >= text.length) return { kind: 'dropped', next: text.length };
  // Not a final byte: the sequence is broken. What follows is text again.
  if (!isBetween(text, end, 0x40, 0x7e)) return { kind: 'dropped', next: end };
  const plain = intermediatesFrom === end && /^[\d;:]*$/.test(parameters);
  if (plain && text[end] === 'm') return { kind: 'sgr', parameters, next: end + 1 };
  if (plain && text[end] === 'K') return { kind: 'erase', mode: parameters, next: end + 1 };
  return { kind: 'dropped', next: end + 1 };
}

function isBetween(text: string, at: number, low: number, high: number): boolean {
  const code = text.charCodeAt(at);
  return code >= low && code <= high;
}

function eraseInLine(cells: { char: string; style: AnsiStyle }[], column: number, mode: string): void {
  if (mode === '' || mode === '0') cells.length = Math.min(cells.length, column);
  else if (mode === '2') cells.length = 0;
  else if (mode === '1') {
    for (let at = 0; at <= column && at < cells.length; at += 1) cells[at] = { char: ' ', style: plainStyle };
  }
}

/** Select Graphic Rendition; both `38;5;n` and the colon form `38:2::r:g:b` of ITU-T T.416 are written in the wild. */
function applySgr(style: AnsiStyle, parameters: string): AnsiStyle {
  let next: AnsiStyle = style;
  const fields = parameters.split(';');
  for (let at = 0; at < fields.length; at += 1) {
    const field = fields[at] ?? '';
    const [head = '', ...rest] = field.split(':');
    const code = head === '' ? 0 : Number(head);
    if (code === 38 || code === 48 || code === 58) {
      const source = rest.length > 0 ? rest : fields.slice(at + 1);
      const { color, used } = readColor(source, rest.length > 0);
      if (rest.length === 0) at += used;
      if (color !== undefined && code !== 58) {
        next = code === 38 ? { ...next, fg: color } : { ...next, bg: color };
      }
    } else next = simpleSgr(next, code);
  }
  return same(next, style) ? style : same(next, plainStyle) ? plainStyle : next;
}

function simpleSgr(style: AnsiStyle, code: number): AnsiStyle {
  if (code >= 30 && code <= 37) return { ...style, fg: code - 30 };
  if (code >= 90 && code <= 97) return { ...style, fg: code - 82 };
  if (code >= 40 && code <= 47) return { ...style, bg: code - 40 };
  if (code >= 100 && code <= 107) return { ...style, bg: code - 92 };
  switch (code) {
    case 0:
      return plainStyle;
    case 1:
      return { ...style, bold: true };
    case 2:
      return { ...style, dim: true };
    case 3:
      return { ...style, italic: true };
    case 4:
      return { ...style, underline: true };
    case 7:
      return { ...style, inverse: true };
    case 22:
      return { ...style, bold: false, dim: false };
    case 23:
      return { ...style, italic: false };
    case 24:
      return { ...style, underline: false };
    case 27:
      return { ...style, inverse: false };
    case 39:
      return { ...style, fg: null };
    case 49:
      return { ...style, bg: null };
    default:
      return style;
  }
}

function readColor(
  source: readonly string[],
  colons: boolean,
): { color: AnsiColor | undefined; used: number } {
  const numbers = source.map((part) => (part === '' ? 0 : Number(part)));
  if (numbers[0] === 5) return { color: indexedColor(numbers[1] ?? -1), used: 2 };
  if (numbers[0] === 2) {
    const from = colons && numbers.length >= 5 ? 2 : 1;
    return { color: trueColor(numbers.slice(from, from + 3)), used: 4 };
  }
  return { color: undefined, used: source.length };
}

/** The 256-colour table of xterm: 16 of the theme, a 6×6×6 cube, 24 greys. */
function indexedColor(index: number): AnsiColor | undefined {
  if (!Number.isInteger(index) || index < 0 || index > 255) return undefined;
  if (index < 16) return index;
  if (index >= 232) {
    const grey = 8 + (index - 232) * 10;
    return hex([grey, grey, grey]);
  }
  const cube = index - 16;
  const level = (step: number): number => (step === 0 ? 0 : 55 + step * 40);
  return hex([level(Math.floor(cube / 36)), level(Math.floor(cube / 6) % 6), level(cube % 6)]);
}

function trueColor(rgb: readonly number[]): AnsiColor | undefined {
  const valid = rgb.length === 3 && rgb.every((part) => Number.isInteger(part) && part >= 0 && part <= 255);
  return valid ? hex(rgb) : undefined;
}

function hex(rgb: readonly number[]): string {
  return `#${rgb.map((part) => part.toString(16).padStart(2, '0')).join('')}`;
}

function same(a: AnsiStyle, b: AnsiStyle): boolean {
  return (
    a.fg === b.fg &&
    a.bg === b.bg &&
    a.bold === b.bold &&
    a.dim === b.dim &&
    a.italic === b.italic &&
    a.underline === b.underline &&
    a.inverse === b.inverse
  );
}
