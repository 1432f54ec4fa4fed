import { describe, expect, test } from 'vitest';
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
