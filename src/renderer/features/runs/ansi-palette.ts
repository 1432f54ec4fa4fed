import type { AnsiColor, AnsiStyle } from './ansi.ts';

/** The log is dark in both themes, as terminals are: colours in a log were chosen by their authors for that. */
export const logBackground = '#0d1117';
export const logText = '#e6edf3';

/** The 16 colours of the theme, each readable on the log's background. */
const palette = [
  '#7d8590',
  '#ff7b72',
  '#3fb950',
  '#d29922',
  '#58a6ff',
  '#bc8cff',
  '#39c5cf',
  '#c9d1d9',
  '#8b949e',
  '#ffa198',
  '#56d364',
  '#e3b341',
  '#79c0ff',
  '#d2a8ff',
  '#56d4dd',
  '#ffffff',
] as const;

export interface SpanColors {
  /** Null = the log's own text colour. */
  color: string | null;
  /** Null = the log's own background. */
  background: string | null;
}

/** The colours of a span: what the program asked for, moved towards white or black until it can be read (WCAG AA, 4.5:1). */
export function spanColors(style: AnsiStyle): SpanColors {
  let front = resolve(style.fg);
  let back = resolve(style.bg);
  if (style.inverse) [front, back] = [back ?? logBackground, front ?? logText];
  if (style.dim) front = mix(front ?? logText, back ?? logBackground, 0.35);
  if (front === null && back === null) return { color: null, background: null };
  return { color: legible(front ?? logText, back ?? logBackground), background: back };
}

function resolve(color: AnsiColor): string | null {
  if (color === null || typeof color === 'string') return color;
  return palette[color] ?? null;
}

const enough = 4.5;

function legible(front: string, back: string): string {
  if (contrast(front, back) >= enough) return front;
  const target = luminance(back) < 0.18 ? '#ffffff' : '#000000';
  for (let share = 0.1; share < 1; share += 0.1) {
    const mixed = mix(front, target, share);
    if (contrast(mixed, back) >= enough) return mixed;
  }
  return target;
}

/** Contrast ratio of two `#rrggbb` colours, 1 to 21 (WCAG 2.2, relative luminance). */
export function contrast(a: string, b: string): number {
  const [low, high] = [luminance(a), luminance(b)].sort((x, y) => x - y) as [number, number];
  return (high + 0.05) / (low + 0.05);
}

function luminance(color: string): number {
  const [red, green, blue] = channels(color).map((part) => {
    const value = part / 255;
    return value <= 0.040_45 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  }) as [number, number, number];
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function mix(from: string, to: string, share: number): string {
  const target = channels(to);
  const mixed = channels(from).map((part, at) => Math.round(part + ((target[at] ?? 0) - part) * share));
  return `#${mixed.map((part) => part.toString(16).padStart(2, '0')).join('')}`;
}

function channels(color: string): number[] {
  return [1, 3, 5].map((at) => Number.parseInt(color.slice(at, at + 2), 16));
}
