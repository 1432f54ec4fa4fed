import { keyedLines } from './sections.ts';

/**
 * Attribute files as `grep -H` prints them, `/sys/…/OBJECT/…/FILE:VALUE`: by object, the part of the path behind `folder`
 * up to the next slash, then by the rest of the path. Lines of other folders are left out.
 */
export function attributeFiles(
  text: string,
  folder: string,
): ReadonlyMap<string, ReadonlyMap<string, string>> {
  const objects = new Map<string, Map<string, string>>();
  for (const raw of text.split('\n')) {
    const line = raw.slice(0, 4096);
    if (!line.startsWith(folder)) continue;
    const slash = line.indexOf('/', folder.length);
    const colon = line.indexOf(':', slash);
    if (slash < 0 || colon < 0) continue;
    const name = line.slice(folder.length, slash);
    const value = line.slice(colon + 1).trim();
    if (name === '' || value === '') continue;
    const object = objects.get(name) ?? new Map<string, string>();
    objects.set(name, object.set(line.slice(slash + 1, colon), value));
  }
  return objects;
}

/** A whole number of at least 0 that can be trusted as one, else null. */
export function wholeNumber(text: string | undefined): number | null {
  if (text === undefined || !/^\d{1,16}$/.test(text)) return null;
  const value = Number(text);
  return Number.isSafeInteger(value) ? value : null;
}

/** The same of a text in units of `unit`: sectors, kibibytes. */
export function scaled(text: string | undefined, unit: number): number | null {
  const value = wholeNumber(text);
  return value !== null && Number.isSafeInteger(value * unit) ? value * unit : null;
}

/** What makers write where they wrote nothing. */
const placeholders =
  /^(to be filled by o\.?e\.?m\.?|default string|not specified|not applicable|system (product name|manufacturer|serial number|version)|none|n\/a|unknown|0+|0?123456789|\.+|x+)$/i;

/** A name given by a maker, or null where it is none. */
export function madeName(text: string | undefined | null): string | null {
  const cleaned = (text ?? '')
    .replaceAll(/[\p{Cc}\p{Cf}]/gu, ' ')
    .replaceAll(/\s+/g, ' ')
    .trim()
    .slice(0, 120);
  return cleaned === '' || placeholders.test(cleaned) ? null : cleaned;
}

/** `key value` lines, the first of each. */
export function firstOf(text: string): (key: string) => string | undefined {
  const lines = keyedLines(text);
  return (key) => lines.get(key)?.[0];
}
