/**
 * A search for many byte patterns at once in one pass: Aho and Corasick, "Efficient string matching" (CACM 18, 1975), with
 * every transition filled in. Bytes that no pattern holds share a class, which keeps the table small.
 *
 * State 0 is the beginning. From state `s` a byte `b` leads to `next[(s << shift) | classOf[b]]`.
 */
export interface Automaton {
  readonly classOf: Uint8Array;
  readonly shift: number;
  readonly next: Uint16Array | Uint32Array;
  /** Length of the longest pattern that ends in this state, or 0. */
  readonly matchLength: Uint16Array | Uint32Array;
  /** How many of the last bytes may still become a pattern, or a longer one. */
  readonly depth: Uint16Array | Uint32Array;
  /** The state to go on from after a match: another one where nothing longer can follow. */
  readonly settled: Uint16Array | Uint32Array;
}

/** Patterns must not be empty. */
export function buildAutomaton(patterns: readonly Uint8Array[]): Automaton {
  const classOf = new Uint8Array(256);
  let classes = 1;
  for (const pattern of patterns)
    for (const byte of pattern) if (classOf[byte] === 0) classOf[byte] = classes++ & 255;
  // 256 different bytes would need class 256: then each byte is its own class.
  if (classes > 256) for (let byte = 0; byte < 256; byte++) classOf[byte] = byte;
  const shift = Math.max(1, Math.ceil(Math.log2(Math.min(classes, 256))));

  const most = 1 + patterns.reduce((sum, pattern) => sum + pattern.length, 0);
  const Table = most <= 0xffff ? Uint16Array : Uint32Array;
  const trie = new Table(most << shift);
  const matchLength = new Table(most);
  const depth = new Table(most);
  let states = 1;
  for (const pattern of patterns) {
    let state = 0;
    for (const byte of pattern) {
      const at = (state << shift) | cell(classOf, byte);
      if (trie[at] === 0) {
        depth[states] = cell(depth, state) + 1;
        trie[at] = states++;
      }
      state = cell(trie, at);
    }
    matchLength[state] = pattern.length;
  }

  const next = trie.slice(0, states << shift);
  const fail = new Table(states);
  const settled = new Table(states);
  const width = 1 << shift;
  const queue: number[] = [0];
  for (let head = 0; head < queue.length; head++) {
    const state = queue[head] ?? 0;
    const fallback = cell(fail, state);
    if (matchLength[state] === 0) matchLength[state] = cell(matchLength, fallback);
    let isLeaf = state !== 0;
    for (let column = 0; column < width; column++) {
      const at = (state << shift) | column;
      const child = cell(next, at);
      const viaFallback = state === 0 ? 0 : cell(next, (fallback << shift) | column);
      if (child === 0) {
        next[at] = viaFallback;
        continue;
      }
      isLeaf = false;
      fail[child] = viaFallback;
      queue.push(child);
    }
    settled[state] = isLeaf ? cell(settled, fallback) : state;
  }
  return { classOf, shift, next, matchLength, depth, settled };
}

/** Every index used here is inside its table; the compiler cannot know. */
function cell(table: Uint8Array | Uint16Array | Uint32Array, index: number): number {
  return table[index] ?? 0;
}
