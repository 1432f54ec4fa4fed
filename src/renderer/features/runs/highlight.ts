import type { AnsiSpan } from './ansi.ts';

export interface HighlightedSpan extends AnsiSpan {
  readonly match: boolean;
}

/** Cuts the spans of a line where `query` occurs in its text; the case of letters does not matter. */
export function highlight(spans: readonly AnsiSpan[], text: string, query: string): HighlightedSpan[] {
  const ranges = matchRanges(text, query);
  if (ranges.length === 0) return spans.map((span) => ({ ...span, match: false }));
  const cut: HighlightedSpan[] = [];
  let start = 0;
  for (const span of spans) {
    const end = start + span.text.length;
    let at = start;
    for (const [from, to] of ranges) {
      if (to <= at || from >= end) continue;
      const low = Math.max(from, at);
      const high = Math.min(to, end);
      if (low > at) cut.push({ text: text.slice(at, low), style: span.style, match: false });
      cut.push({ text: text.slice(low, high), style: span.style, match: true });
      at = high;
    }
    if (at < end) cut.push({ text: text.slice(at, end), style: span.style, match: false });
    start = end;
  }
  return cut;
}

/** Whether a line matches; the rule that `highlight` draws. */
export function lineMatches(text: string, query: string): boolean {
  return query !== '' && text.toLowerCase().includes(query.toLowerCase());
}

const mostRanges = 200;

function matchRanges(text: string, query: string): [number, number][] {
  const needle = query.toLowerCase();
  const hay = text.toLowerCase();
  // A few letters change their length in lower case; then positions would lie, and the line is drawn without marks.
  if (needle === '' || hay.length !== text.length) return [];
  const ranges: [number, number][] = [];
  for (let at = hay.indexOf(needle); at >= 0; at = hay.indexOf(needle, at + needle.length)) {
    ranges.push([at, at + needle.length]);
    if (ranges.length >= mostRanges) break;
  }
  return ranges;
}
