/** More than any sequence that matters; a longer one is cut by the parser as well. */
const farthest = 4096;

/**
 * How many bytes at the end are the beginning of something that is not complete: a character of UTF-8 or an escape
 * sequence (ECMA-48 5.4, 8.3.89; strings end with BEL or ST). What is parsed of it is not on the screen yet, so whoever
 * draws the screen elsewhere and goes on from there must read these bytes again.
 */
export function incompleteTail(bytes: Uint8Array): number {
  const start = Math.max(0, bytes.length - farthest);
  for (let at = bytes.length - 1; at >= start; at -= 1) {
    if (bytes[at] !== 0x1b) continue;
    // `ESC \` ends a string: what counts is the escape that began it.
    if (bytes[at + 1] === 0x5c) break;
    return isComplete(bytes, at) ? incompleteCharacter(bytes) : bytes.length - at;
  }
  return incompleteCharacter(bytes);
}

function isComplete(bytes: Uint8Array, escape: number): boolean {
  const kind = bytes[escape + 1];
  if (kind === undefined) return false;
  const rest = bytes.subarray(escape + 2);
  // CSI: parameters and intermediates, then one final byte.
  if (kind === 0x5b) return rest.some((byte) => byte >= 0x40 && byte <= 0x7e);
  // DCS, SOS, OSC, PM, APC: up to their terminator. A lone ESC after it would have been found first.
  if ([0x50, 0x58, 0x5d, 0x5e, 0x5f].includes(kind)) return rest.includes(0x07);
  // Two-byte sequences, and those with intermediates before their final byte.
  return kind < 0x20 || kind > 0x2f || rest.some((byte) => byte >= 0x30 && byte <= 0x7e);
}

function incompleteCharacter(bytes: Uint8Array): number {
  for (let back = 1; back <= Math.min(3, bytes.length); back += 1) {
    const byte = bytes[bytes.length - back] ?? 0;
    if (byte < 0x80) return 0;
    if (byte < 0xc0) continue;
    const length = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2;
    return back < length ? back : 0;
  }
  return 0;
}
