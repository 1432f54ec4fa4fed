import { tMaybe } from '../i18n/index.ts';

const isMac = 'navigator' in globalThis && /^Mac/.test(navigator.platform);

/** A key as the reader's keyboard has it written: in their language, and on a Mac with its own modifiers. */
export function keyText(key: string): string {
  const written = tMaybe(`key.${key}`, key);
  return isMac ? written.replace(/^Ctrl /, '⌘ ').replace(/^Alt /, '⌥ ') : written;
}
