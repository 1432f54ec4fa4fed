import { describe, expect, it } from 'vitest';
import { unsafeHtml } from './markdown.ts';

describe('report Markdown', () => {
  it('renders what a report is made of', () => {
    expect(unsafeHtml('# Upgrade of nas\n\n| a | b |\n|---|---|\n| 1 | `2` |\n')).toContain(
      '<td><code>2</code></td>',
    );
  });

  it.each([
    '<script>alert(1)</script>',
    '<img src=x onerror=alert(1)>',
    '| a |\n|---|\n| <b onmouseover=alert(1)>x |',
    '<https://evil.example" onclick="x>',
  ])('writes raw HTML out as text: %s', (markdown) => {
    expect(unsafeHtml(markdown)).not.toMatch(/<(script|img|b)\b|<a [^>]*onclick/i);
  });

  it.each([
    '[x](javascript:alert(1))',
    '[x](data:text/html,hi)',
    '[x](http://plain.example)',
    '[x](/etc/passwd)',
    '[x](file:///etc)',
  ])('makes no link of %s', (markdown) => {
    expect(unsafeHtml(markdown)).not.toContain('<a');
  });

  it('keeps https links, and loads no image', () => {
    expect(unsafeHtml('[notes](https://www.debian.org/releases/)')).toContain(
      '<a href="https://www.debian.org/releases/">notes</a>',
    );
    expect(unsafeHtml('![x](https://tracker.example/x.png)')).not.toContain('<img');
  });
});
