/** More than a person types; keeps a pasted page from becoming a query of thousands of terms. */
const mostTerms = 16;

/** The tokenizer of `report_search` (unicode61) finds a word only where there is one of these. */
const hasWord = /[\p{L}\p{N}\p{Co}]/u;

/**
 * What a person typed as an expression of FTS5, or null where there is no word in it. Words of two letters and more are
 * searched by their beginning, all of them must occur; what stands in quotes is searched as it stands; a quote that is
 * not closed yet is a phrase that is still being typed. Everything is quoted, so no operator of FTS5 (`AND`, `*`, `(`, `^`, `:`) has a
 * meaning and no text is an error (https://sqlite.org/fts5.html#full_text_query_syntax).
 */
export function searchExpression(text: string): string | null {
  const terms: string[] = [];
  const add = (words: string, isWhole: boolean): void => {
    if (!hasWord.test(words)) return;
    // One letter begins thousands of words: it is searched as a word of its own.
    const isPrefix = !isWhole && [...words].length > 1;
    terms.push(`"${words}"${isPrefix ? ' *' : ''}`);
  };
  // A NUL would end the expression for SQLite, inside a quote.
  const parts = text.replaceAll(/\p{Cc}/gu, ' ').split('"');
  for (const [at, part] of parts.entries()) {
    const isQuoted = at % 2 === 1;
    if (isQuoted) add(part.trim(), at < parts.length - 1);
    else for (const word of part.split(/\s+/)) add(word, false);
  }
  return terms.length === 0 ? null : terms.slice(0, mostTerms).join(' AND ');
}
