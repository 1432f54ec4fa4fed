import { describe, expect, test } from 'vitest';
import { bytesText, durationText, relativeText } from './format.ts';
import { placeholders, render } from './message.ts';

describe('render', () => {
  const updates = { one: '{count} update on {name}', other: '{count} updates on {name}' };

  test('chooses the plural form of the language', () => {
    expect(render(updates, 'en', { count: 0, name: 'a' })).toBe('0 updates on a');
    expect(render(updates, 'en', { count: 1, name: 'a' })).toBe('1 update on a');
    // French counts zero as singular.
    expect(render(updates, 'fr', { count: 0, name: 'a' })).toBe('0 update on a');
  });

  test('writes numbers as the language does', () => {
    expect(render('{count}', 'en', { count: 12345 })).toBe('12,345');
    expect(render('{count}', 'fr', { count: 12345 })).toMatch(/^12\s345$/);
  });

  test('leaves text of a parameter alone, even when it looks like a placeholder', () => {
    expect(render('on {name}', 'en', { name: '{count}', count: 1 })).toBe('on {count}');
  });

  test('names its placeholders', () => {
    expect(placeholders(updates)).toEqual(['count', 'name']);
  });
});

describe('format', () => {
  const nowMs = Date.UTC(2026, 0, 10, 12);

  test.each([
    [20_000, 'now'],
    [3 * 60_000, '3 minutes ago'],
    [119 * 60_000, '1 hour ago'],
    [30 * 3_600_000, 'yesterday'],
    [90 * 86_400_000, '3 months ago'],
  ])('an instant %i ms ago reads "%s"', (agoMs, text) => {
    expect(relativeText('en', new Date(nowMs - agoMs).toISOString(), nowMs)).toBe(text);
  });

  test('sizes use decimal units', () => {
    expect(bytesText('en', 1_500_000)).toBe('1.5 MB');
    expect(bytesText('en', 999)).toBe('999 bytes');
  });

  test('durations keep two units', () => {
    expect(durationText('en', 3_840_000)).toBe('1h 4m');
    expect(durationText('fr', 412)).toMatch(/^0,4\ss$/);
  });
});
