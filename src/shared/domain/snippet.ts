import { quote } from './shell-word.ts';

const placeholder = /\{\{\s*([A-Za-z][A-Za-z0-9_-]{0,39})\s*\}\}/g;

/** Why a snippet cannot be: its values could not be made safe there. */
export type SnippetFault = 'control' | 'quoted' | 'nested';

/** The variables of a snippet, each once, in order. */
export function snippetVariables(body: string): string[] {
  return [...new Set([...body.matchAll(placeholder)].map(([, name]) => name ?? ''))];
}

/**
 * What is wrong with a snippet, or null. Values become one word in single quotes, so a variable may stand only where the
 * shell reads plain words: not inside quotes (`'{{x}}'` would leave the value bare), nor in a snippet with a here-document
 * or backquotes, where single quotes protect nothing. An apostrophe in a comment counts as a quote: rather too strict.
 */
export function snippetFault(body: string): SnippetFault | null {
  // eslint-disable-next-line no-control-regex -- control characters act as keys in a terminal
  if (/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/.test(body)) return 'control';
  const places = new Set([...body.matchAll(placeholder)].map(({ index }) => index));
  if (places.size === 0) return null;
  if (/`|(?<!<)<<(?!<)/.test(body)) return 'nested';
  let open: string | null = null;
  for (let at = 0; at < body.length; at += 1) {
    const character = body[at];
    if (places.has(at) && (open !== null || body[at - 1] === '\\')) return 'quoted';
    if (open === "'") open = character === "'" ? null : open;
    else if (character === '\\') at += places.has(at + 1) ? 0 : 1;
    else if (open === '"') open = character === '"' ? null : open;
    else if (character === "'" || character === '"') open = character;
  }
  return null;
}

/** Whether a value can be typed: control characters, a tab and a line end among them, would act as keys. */
export const isTypable = (value: string): boolean =>
  // eslint-disable-next-line no-control-regex -- as above
  !/[\u0000-\u001f\u007f-\u009f]/.test(value);

/** The command with its values, each one word of the shell. A variable without a value is an empty word. */
export const fillSnippet = (body: string, values: Readonly<Record<string, string>>): string =>
  body.replace(placeholder, (_whole, name: string) => quote(values[name] ?? ''));
