/** A file's text and how it was read; `guessed` when nothing in the file says how and it is not UTF-8. */
export interface DecodedText {
  readonly text: string;
  readonly encoding: 'utf-8' | 'utf-16le' | 'utf-16be' | 'windows-1252';
  readonly guessed: boolean;
}

/** How much of a file is looked at to tell UTF-16 without a mark. */
const sampleBytes = 4096;

/** Text of a file of unknown origin: byte order marks count, then the zeros of UTF-16, then UTF-8, then Windows-1252. */
export function decodeText(bytes: Uint8Array): DecodedText {
  const [a, b, c] = bytes;
  if (a === 0xef && b === 0xbb && c === 0xbf) return read(bytes, 'utf-8');
  if (a === 0xff && b === 0xfe) return read(bytes, 'utf-16le');
  if (a === 0xfe && b === 0xff) return read(bytes, 'utf-16be');
  const wide = zerosOfUtf16(bytes);
  if (wide) return read(bytes, wide);
  try {
    return {
      text: new TextDecoder('utf-8', { fatal: true }).decode(bytes),
      encoding: 'utf-8',
      guessed: false,
    };
  } catch {
    return { ...read(bytes, 'windows-1252'), guessed: true };
  }
}

function read(bytes: Uint8Array, encoding: DecodedText['encoding']): DecodedText {
  return { text: new TextDecoder(encoding).decode(bytes), encoding, guessed: false };
}

/** Mostly Latin text in UTF-16 has a zero in nearly every second byte; a stray zero in other text does not make it UTF-16. */
function zerosOfUtf16(bytes: Uint8Array): 'utf-16le' | 'utf-16be' | null {
  const length = Math.min(bytes.length, sampleBytes) & ~1;
  if (length < 4) return null;
  let even = 0;
  let odd = 0;
  for (let at = 0; at < length; at += 2) {
    if (bytes[at] === 0) even += 1;
    if (bytes[at + 1] === 0) odd += 1;
  }
  const pairs = length / 2;
  if (odd > pairs * 0.7 && even < pairs * 0.1) return 'utf-16le';
  return even > pairs * 0.7 && odd < pairs * 0.1 ? 'utf-16be' : null;
}
