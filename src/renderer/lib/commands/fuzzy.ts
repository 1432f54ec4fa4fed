/** Small letters without accents: what a search compares. */
export const folded = (text: string): string =>
  text.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase().replaceAll('’', "'");

const isStart = (text: string, at: number): boolean => at === 0 || /[^\p{L}\p{N}]/u.test(text[at - 1] ?? '');

/** How well one word fits into a text: 0 = not at all. Both are folded. */
function wordScore(word: string, text: string): number {
  const at = text.indexOf(word);
  if (at >= 0) {
    // The start of a word counts more than its middle, wherever the word stands.
    let start = at;
    while (start >= 0 && !isStart(text, start)) start = text.indexOf(word, start + 1);
    return start === 0 ? 100 : start > 0 ? 80 : 50;
  }
  // Letters in order, as in "uas" for "Update all stacks": the first at the start of a word, gaps only cost.
  if (word.length < 2) return 0;
  let from = 0;
  let score = 30;
  for (const [nth, letter] of [...word].entries()) {
    let found = text.indexOf(letter, from);
    if (nth === 0) while (found >= 0 && !isStart(text, found)) found = text.indexOf(letter, found + 1);
    if (found < 0) return 0;
    if (nth > 0) score -= isStart(text, found) ? 0 : Math.min(10, (found - from) * 2);
    from = found + 1;
  }
  return Math.max(0, score);
}

/**
 * How well a query fits what something is called: every word of it must fit one of the texts, the first of which counts
 * most. 0 = it does not fit; an empty query fits everything alike.
 */
export function fuzzyScore(query: string, texts: readonly string[]): number {
  const words = folded(query).split(/\s+/).filter(Boolean);
  if (words.length === 0) return 1;
  const places = texts.map(folded);
  let total = 0;
  for (const word of words) {
    const best = Math.max(0, ...places.map((text, nth) => wordScore(word, text) * (nth === 0 ? 1 : 0.7)));
    if (best === 0) return 0;
    total += best;
  }
  return total / words.length;
}
