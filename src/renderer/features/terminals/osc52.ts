const mostBytes = 256 * 1024;

/**
 * What OSC 52 asks to put into the clipboard, or null: it asks to read (never answered), it is not valid, or it is too
 * much. `data` is what follows `52;`: the selections, a semicolon, base64 of UTF-8.
 */
export function clipboardText(data: string): string | null {
  const [selections, payload, more] = data.split(';');
  if (selections === undefined || payload === undefined || more !== undefined) return null;
  if (!/^[cpqs0-7]*$/.test(selections) || payload === '?' || payload.length > mostBytes * 1.4) return null;
  try {
    const bytes = Uint8Array.from(atob(payload), (character) => character.charCodeAt(0));
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return null;
  }
}
