import { parseArgs, type ParseArgsOptionsConfig } from 'node:util';
import { say } from './words/index.ts';

export interface GivenOptions {
  readonly values: Readonly<Record<string, unknown>>;
  readonly positionals: readonly string[];
}

/**
 * Options as `parseArgs` reads them, with what is wrong said in our own words: Node's are English, and long.
 * @throws Error with a sentence for the user
 */
export function readOptions(args: readonly string[], options: ParseArgsOptionsConfig): GivenOptions {
  const { tokens } = parseArgs({ args: [...args], options, strict: false, tokens: true });
  for (const token of tokens) {
    if (token.kind !== 'option') continue;
    const { type } = Object.hasOwn(options, token.name) ? (options[token.name] ?? {}) : {};
    if (type === undefined) throw new Error(say('options.unknown', { option: token.rawName }));
    // What follows apart and begins as an option does was meant as one.
    const isMissing = token.value === undefined || (!token.inlineValue && token.value.startsWith('-'));
    if (type === 'string' && isMissing) {
      throw new Error(say('options.valueMissing', { option: token.rawName }));
    }
    if (type === 'boolean' && token.value !== undefined) {
      throw new Error(say('options.noValue', { option: token.rawName }));
    }
  }
  return parseArgs({ args: [...args], options, allowPositionals: true });
}

/** One option with its value, wherever it stands, and all words without it; before anything else is read of them. */
export function takeOption(
  args: readonly string[],
  name: string,
): { readonly value: string | undefined; readonly rest: readonly string[] } {
  const { tokens } = parseArgs({
    args: [...args],
    options: { [name]: { type: 'string' } },
    strict: false,
    tokens: true,
  });
  const taken = new Set<number>();
  let value: string | undefined;
  for (const token of tokens) {
    if (token.kind !== 'option' || token.name !== name || token.value === undefined) continue;
    value = token.value;
    taken.add(token.index);
    if (!token.inlineValue) taken.add(token.index + 1);
  }
  return { value, rest: args.filter((_, i) => !taken.has(i)) };
}
