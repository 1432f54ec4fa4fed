/** Colours of a tag in one theme: a tint of its own, and an ink that can be read on it. */
export interface TagColors {
  readonly ground: string;
  readonly ink: string;
}
export type Theme = 'light' | 'dark';

/** The tint is mixed into these (`--surface-raised` of tokens.css). */
const surfaces: Record<Theme, string> = { light: '#ffffff', dark: '#1c2129' };
const inks: Record<Theme, string> = { light: '#000000', dark: '#ffffff' };
const tintShare = { light: 0.16, dark: 0.26 } as const;
/** WCAG 2.2 AA for text of any size. */
const leastContrast = 4.5;

/** Colours that differ for colour-blind eyes (Paul Tol, "bright"), offered first. */
export const tagPalette = [
  '#4477aa',
  '#ee6677',
  '#228833',
  '#ccbb44',
  '#66ccee',
  '#aa3377',
  '#bbbbbb',
  '#e0822f',
] as const;

/** Whatever colour was chosen, its name can be read: the ink moves away from the tint until it is far enough. */
export function tagColors(color: string, theme: Theme): TagColors {
  const own = /^#[0-9a-f]{6}$/i.test(color) ? color : '#808080';
  const ground = mix(surfaces[theme], own, tintShare[theme]);
  for (let share = 0; share < 1; share += 0.05) {
    const ink = mix(own, inks[theme], share);
    if (contrast(ink, ground) >= leastContrast) return { ground, ink };
  }
  return { ground, ink: inks[theme] };
}

const channels = (hex: string): number[] => [1, 3, 5].map((at) => Number.parseInt(hex.slice(at, at + 2), 16));

/** `share` of the second colour in the first, 0 to 1. */
function mix(a: string, b: string, share: number): string {
  const [from, to] = [channels(a), channels(b)];
  const mixed = from.map((value, at) => Math.round(value + ((to[at] ?? value) - value) * share));
  return `#${mixed.map((value) => value.toString(16).padStart(2, '0')).join('')}`;
}

/** WCAG 2.2: contrast ratio of two colours by their relative luminance. */
export function contrast(a: string, b: string): number {
  const [low = 0, high = 0] = [luminance(a), luminance(b)].sort((x, y) => x - y);
  return (high + 0.05) / (low + 0.05);
}

function luminance(hex: string): number {
  const [r = 0, g = 0, b = 0] = channels(hex).map((value) => {
    const part = value / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}
