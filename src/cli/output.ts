/** Names and texts come from hosts: nothing of them may move the terminal's cursor or colour it. */
export const plain = (text: string): string => text.replace(/[\p{Cc}\p{Cf}\u2028\u2029]+/gu, ' ');

/** The same for a text of several lines. */
export const plainLines = (text: string): string => text.split('\n').map(plain).join('\n');

/** Columns under their heads, two spaces apart; the last column is not filled up. */
export function table(heads: readonly string[], rows: readonly (readonly string[])[]): string {
  const cells = [heads, ...rows.map((row) => row.map(plain))];
  const widths = heads.map((_, i) => Math.max(...cells.map((row) => [...(row[i] ?? '')].length)));
  return cells
    .map((row) =>
      row
        .map((cell, i) =>
          i === row.length - 1 ? cell : cell + ' '.repeat((widths[i] ?? 0) - [...cell].length),
        )
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

/** Data goes to standard output, everything said about it to standard error. */
export interface Output {
  readonly isJson: boolean;
  /** In JSON mode the value, one line; else the text. */
  data(value: object, text: () => string): void;
  say(text: string): void;
}

export function createOutput(isJson: boolean): Output {
  return {
    isJson,
    data(value, text) {
      process.stdout.write(`${isJson ? JSON.stringify(value) : text()}\n`);
    },
    say(text) {
      process.stderr.write(`${plain(text)}\n`);
    },
  };
}
