import type { Component } from 'svelte';
import type { Command } from '../../lib/commands/command.ts';
import { inEveryLanguage, t, type MessageKey } from '../../lib/i18n/index.ts';
import { keysOf } from './keys.ts';

/** A message that needs no values. */
export type PlainKey = { [K in MessageKey]: Parameters<typeof t<K>> extends [K] ? K : never }[MessageKey];

/** A command by one message, or by two such as "Theme: dark"; found by its name in every language. */
export function named(
  id: string,
  group: Command['group'],
  label: PlainKey | readonly [of: PlainKey, what: PlainKey],
  icon: Component,
  run: () => unknown,
  more: Partial<Pick<Command, 'detail' | 'isOn' | 'names'>> = {},
): Command {
  const { names = [], ...rest } = more;
  const texts = typeof label === 'string' ? all(label) : pairs(all(label[0]), all(label[1]));
  const [first = '', ...others] = texts;
  return { id, group, label: first, names: [...others, ...names], icon, keys: keysOf(id), run, ...rest };
}

// The keys are those of messages without values: that the call fits cannot be seen by the compiler for a union of keys.
const all = (key: PlainKey): string[] => (inEveryLanguage as (key: PlainKey) => string[])(key);

function pairs(of: readonly string[], what: readonly string[]): string[] {
  const count = Math.max(of.length, what.length);
  return Array.from({ length: count }, (_, at) =>
    t('palette.pair', { of: of[at] ?? of[0] ?? '', what: what[at] ?? what[0] ?? '' }),
  );
}
