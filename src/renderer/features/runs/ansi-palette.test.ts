import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { plainStyle, type AnsiColor } from './ansi.ts';
import { contrast, logBackground, logText, spanColors } from './ansi-palette.ts';

describe('colours of a span', () => {
  it('leaves plain text to the log', () => {
    expect(spanColors(plainStyle)).toEqual({ color: null, background: null });
  });

  it('keeps a colour that can be read', () => {
    expect(spanColors({ ...plainStyle, fg: '#00ff00' })).toEqual({ color: '#00ff00', background: null });
  });

  it('swaps front and back', () => {
    expect(spanColors({ ...plainStyle, inverse: true })).toEqual({
      color: logBackground,
      background: logText,
    });
  });

  it('can always be read, whatever the program chose', () => {
    const color: fc.Arbitrary<AnsiColor> = fc.oneof(
      fc.constant(null),
      fc.integer({ min: 0, max: 15 }),
      fc.integer({ min: 0, max: 0xffffff }).map((value) => `#${value.toString(16).padStart(6, '0')}`),
    );
    fc.assert(
      fc.property(color, color, fc.boolean(), fc.boolean(), (fg, bg, dim, inverse) => {
        const shown = spanColors({ ...plainStyle, fg, bg, dim, inverse });
        expect(contrast(shown.color ?? logText, shown.background ?? logBackground)).toBeGreaterThanOrEqual(
          4.5,
        );
      }),
    );
  });
});
