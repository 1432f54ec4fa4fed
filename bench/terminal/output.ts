const CHUNK_BYTES = 32 * 1024;

/** Deterministic terminal-like output: coloured columns, wide characters, some cursor movement; pieces of 32 KB. */
export function* terminalChunks(totalBytes: number): Generator<Uint8Array> {
  const encoder = new TextEncoder();
  let sent = 0;
  let text = '';
  for (let line = 0; sent < totalBytes; line++) {
    const colour = 31 + (line % 7);
    text += `\u001b[${colour}mGet:${line}\u001b[0m http://packages.test stable/main hp-package-${line % 997} `;
    text +=
      line % 40 === 0
        ? 'déjà 漢字 ✓\r\n'
        : `amd64 1.${line % 50} [\u001b[1m${(line * 37) % 9000} kB\u001b[22m]\r\n`;
    if (line % 200 === 0) text += `\u001b[2K\r${(line / 10) % 100}%\r`;
    if (text.length < CHUNK_BYTES) continue;
    const chunk = encoder.encode(text);
    text = '';
    sent += chunk.byteLength;
    yield chunk;
  }
}
