/** How a selection is divided: numbers of machines (the last one repeats), a percentage for each wave, or all at once. */
export type WaveRule = { readonly sizes: readonly number[] } | { readonly percent: number } | 'all';

/**
 * The wave of each of `count` machines, counted from 0, in the order of the selection. No wave is empty.
 * `{ sizes: [1, 5] }` on 14 machines makes waves of 1, 5, 5 and 3.
 */
export function wavesOf(count: number, rule: WaveRule): number[] {
  const sizeOf = (wave: number): number => {
    if (rule === 'all') return count;
    const size =
      'percent' in rule
        ? Math.ceil((count * rule.percent) / 100)
        : (rule.sizes[wave] ?? rule.sizes.at(-1) ?? count);
    return Math.max(1, Math.floor(size));
  };
  const waves: number[] = [];
  for (let wave = 0; waves.length < count; wave++) {
    const size = Math.min(sizeOf(wave), count - waves.length);
    for (let i = 0; i < size; i++) waves.push(wave);
  }
  return waves;
}
