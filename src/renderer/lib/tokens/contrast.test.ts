import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';

const css = readFileSync(join(import.meta.dirname, 'tokens.css'), 'utf8');

/** The colours of a theme by token. */
function colours(theme: string): Map<string, string> {
  const block = new RegExp(`\\[data-theme='${theme}'\\] \\{([^}]*)\\}`).exec(css)?.[1] ?? '';
  return new Map([...block.matchAll(/--([\w-]+):\s*(#[0-9a-f]{6})/g)].map((match) => [match[1]!, match[2]!]));
}

/** WCAG 2.2, relative luminance and contrast ratio. */
function luminance(hex: string): number {
  const [r = 0, g = 0, b = 0] = [1, 3, 5].map((at) => {
    const value = Number.parseInt(hex.slice(at, at + 2), 16) / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}
function contrast(a: string, b: string): number {
  const [low = 0, high = 0] = [luminance(a), luminance(b)].sort((x, y) => x - y);
  return (high + 0.05) / (low + 0.05);
}

const grounds = ['bg', 'surface', 'surface-raised', 'surface-sunken', 'surface-hover', 'surface-selected'];
const texts = [
  'text',
  'text-muted',
  'text-faint',
  'link',
  'ok',
  'info',
  'warning',
  'danger',
  'security',
  'unknown',
];
const pairs: [string, string][] = [
  ...texts.flatMap((text) => grounds.map((ground): [string, string] => [text, ground])),
  ...['ok', 'info', 'warning', 'danger', 'security', 'unknown'].map((tone): [string, string] => [
    tone,
    `${tone}-soft`,
  ]),
  ...['info', 'ok', 'warning', 'danger'].map((tone): [string, string] => ['text', `${tone}-soft`]),
  ...['text', 'text-muted'].map((text): [string, string] => [text, 'bg-rail']),
  ...['text', 'text-muted', 'accent'].map((text): [string, string] => [text, 'accent-soft']),
  ['accent-text', 'accent'],
  ['accent-text', 'accent-hover'],
  ['danger-text', 'danger'],
  ['danger-text', 'danger-hover'],
];

describe.each(['light', 'dark'])('%s theme', (theme) => {
  const tokens = colours(theme);

  test.each(pairs)('%s on %s is readable (4.5:1)', (text, ground) => {
    expect(contrast(tokens.get(text)!, tokens.get(ground)!)).toBeGreaterThanOrEqual(4.5);
  });

  test.each(['bg', 'surface', 'surface-raised'])(
    'edges of controls and the focus show on %s (3:1)',
    (ground) => {
      expect(contrast(tokens.get('border-strong')!, tokens.get(ground)!)).toBeGreaterThanOrEqual(3);
      expect(contrast(tokens.get('focus')!, tokens.get(ground)!)).toBeGreaterThanOrEqual(3);
    },
  );
});

test('both themes define the same tokens', () => {
  expect([...colours('dark').keys()].sort()).toEqual([...colours('light').keys()].sort());
});
