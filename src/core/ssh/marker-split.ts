/** Cuts a byte stream at the first occurrence of a marker, however the chunks fall. Holds back fewer bytes than the marker has. */
export interface MarkerSplit {
  /** `before`: bytes that surely precede the marker. `after`: null until the marker was seen, then what followed it. */
  push(chunk: Buffer): { before: Buffer; after: Buffer | null };
  /** The bytes still held back, when the stream ends without the marker. */
  rest(): Buffer;
}

const nothing = Buffer.alloc(0);

export function createMarkerSplit(markerText: string): MarkerSplit {
  const marker = Buffer.from(markerText, 'latin1');
  let held: Buffer = nothing;
  return {
    push(chunk) {
      const data = held.length === 0 ? chunk : Buffer.concat([held, chunk]);
      const at = data.indexOf(marker);
      if (at >= 0) {
        held = nothing;
        return { before: data.subarray(0, at), after: data.subarray(at + marker.length) };
      }
      const keep = overlap(data, marker);
      held = keep === 0 ? nothing : Buffer.from(data.subarray(data.length - keep));
      return { before: data.subarray(0, data.length - keep), after: null };
    },
    rest: () => held,
  };
}

/** Length of the longest end of `data` that is a beginning of `marker`. */
function overlap(data: Buffer, marker: Buffer): number {
  const [first = 0] = marker;
  const from = Math.max(0, data.length - marker.length + 1);
  // Only where the marker's first byte stands; the earliest such place is the longest overlap.
  for (let at = data.indexOf(first, from); at >= 0; at = data.indexOf(first, at + 1)) {
    const length = data.length - at;
    if (data.compare(marker, 0, length, at) === 0) return length;
  }
  return 0;
}
