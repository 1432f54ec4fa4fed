/**
 * The text of a report without the marks of Markdown, for searching and for the excerpts that a search shows. Knows what
 * our own reports are made of (`markdown.ts`), line by line; cells of a table are kept apart by two spaces.
 */
export function plainText(markdown: string): string {
  return markdown
    .split('\n')
    .filter((line) => !/^\|(?:-+\|)+$/.test(line))
    .map(plainLine)
    .filter((line) => line !== '')
    .join('\n');
}

function plainLine(line: string): string {
  const bare = line.replace(/^\s*(?:#{1,6}|[-*]|>)\s+/, '');
  // An escaped mark is text; every other mark goes.
  return bare
    .replaceAll(/\\([\\`*_{}[\]()#+\-.!|<>~&])|(\*\*|`)|\s*(\|)\s*/g, (_all, text?: string, mark?: string) =>
      text !== undefined ? text : mark !== undefined ? '' : '  ',
    )
    .replaceAll(/\p{Cc}/gu, ' ')
    .trim();
}
