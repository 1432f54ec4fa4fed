import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { contrast, tagColors, tagPalette } from './tag-colors.ts';

const color = fc.integer({ min: 0, max: 0xffffff }).map((value) => `#${value.toString(16).padStart(6, '0')}`);

describe.each(['light', 'dark'] as const)('tags in the %s theme', (theme) => {
  it('can be read in every colour (4.5:1)', () => {
    fc.assert(
      fc.property(
        fc.oneof(color, fc.constantFrom(...tagPalette, '#000000', '#ffffff', '#808080')),
        (chosen) => {
          const { ground, ink } = tagColors(chosen, theme);
          expect(contrast(ink, ground)).toBeGreaterThanOrEqual(4.5);
        },
      ),
      { numRuns: 2000 },
    );
  });

  it('tints the surface that the theme has', () => {
    const css = readFileSync(join(import.meta.dirname, '../../lib/tokens/tokens.css'), 'utf8');
    const block = new RegExp(`\\[data-theme='${theme}'\\] \\{([^}]*)\\}`).exec(css)?.[1] ?? '';
    const surface = /--surface-raised: (#[0-9a-f]{6})/.exec(block)?.[1];
    // A tint of the surface's own colour is the surface.
    expect(tagColors(surface ?? '', theme).ground).toBe(surface);
  });
});

it('takes what is no colour for grey', () => {
  expect(tagColors('url(x)', 'light')).toEqual(tagColors('#808080', 'light'));
});
