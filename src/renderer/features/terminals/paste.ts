export interface Pasted {
  /** What is sent: without control characters that act by themselves. */
  readonly text: string;
  readonly lines: number;
  /** Control characters that were taken out: a copied text can hide keys. */
  readonly removed: number;
}

/**
 * What a paste would send. Escape and other control characters are dropped (a hidden `ESC [ 201 ~` would end a bracketed
 * paste and the rest would be typed); tabs and line ends stay.
 */
export function readPaste(text: string): Pasted {
  const unified = text.replace(/\r\n?/g, '\n');
  // eslint-disable-next-line no-control-regex -- control characters are the matter here
  const clean = unified.replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g, '');
  const lines = clean.replace(/\n$/, '').split('\n').length;
  return { text: clean, lines, removed: unified.length - clean.length };
}

/**
 * Whether a person should look first: each line end may run what stands before it. Where the program in the terminal has
 * asked for bracketed paste, lines arrive as text; there only an odd paste is worth the question.
 */
export const needsLook = (paste: Pasted, isBracketed: boolean): boolean =>
  paste.removed > 0 || (paste.text.includes('\n') && !isBracketed) || paste.lines > 20;
