/**
 * Spreadsheets run a cell that begins with one of these as a formula (OWASP, "CSV Injection"); the wide forms count in
 * some languages. Such a cell gets an apostrophe in front, which spreadsheets hide, and loses it again when read.
 */
const formula = /^'*[=+\-@\t\r\n\uff1d\uff0b\uff0d\uff20]/;

export function neutralCell(text: string): string {
  return formula.test(text) ? `'${text}` : text;
}

export function readCell(text: string): string {
  return text.startsWith("'") && formula.test(text) ? text.slice(1) : text;
}

/** Several words in one cell. What separates them, and the backslash, stands behind a backslash inside a word. */
export function joinWords(words: readonly string[]): string {
  return words.map((word) => word.replaceAll(/[\\;,|]/g, '\\$&')).join('; ');
}

/** The words of a cell, separated by `;`, `,` or `|`. */
export function splitWords(text: string): string[] {
  const words: string[] = [];
  let word = '';
  for (let at = 0; at < text.length; at += 1) {
    const letter = text.charAt(at);
    if (letter === '\\' && at + 1 < text.length) word += text.charAt((at += 1));
    else if (letter === ';' || letter === ',' || letter === '|') {
      words.push(word);
      word = '';
    } else word += letter;
  }
  words.push(word);
  return words.map((one) => one.trim()).filter((one) => one !== '');
}
