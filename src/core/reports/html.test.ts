import { describe, expect, it } from 'vitest';
import { reportHtml } from './html.ts';
import { code, plain } from './markdown.ts';

const page = (markdown: string, title = 'Upgrade: nas') =>
  reportHtml({ title, language: 'en', markdown, footer: 'Written by Homeport' });

const hostile = [
  '<script>alert(1)</script>',
  '</style><script>alert(1)</script>',
  '<img src=x onerror=alert(1)>',
  '"><svg onload=alert(1)>',
  '![x](https://tracker.example/x.png)',
  '[x](javascript:alert(1))',
  '<https://evil.example" onclick="x>',
  '&lt;script&gt;',
];

/** Elements that begin in the text, by name. */
const elements = (html: string): string[] =>
  [...new Set([...html.matchAll(/<([a-z][a-z0-9]*)\b/gi)].map((found) => found[1]!.toLowerCase()))].sort();

describe('a report as HTML', () => {
  it('is a page that stands alone', async () => {
    const html = await page('# Upgrade\n\n| a | b |\n|---|---|\n| 1 | `2` |\n');
    expect(html).toContain('<td><code>2</code></td>');
    expect(html).toMatch(/^<!doctype html>\n<html lang="en">/);
    expect(html).toMatch(/default-src 'none'; style-src 'sha256-[\w+/]+=*'/);
    expect(html).not.toMatch(/\b(?:src|href|action|srcset)\s*=|url\(|@import|https?:/i);
  });

  it.each(hostile)('keeps what a host named %j a text', async (text) => {
    const known = elements(await page('[x](https://x)\n\n- `x`\n\n| a |\n|---|\n| x |\n'));
    for (const markdown of [
      text,
      `- ${plain(text)}\n- ${code(text)}`,
      `| a |\n|---|\n| ${plain(text)} ${code(text)} |\n`,
    ]) {
      const html = await page(markdown, text);
      expect(elements(html).filter((name) => !known.includes(name))).toEqual([]);
      expect(html).not.toMatch(/<[^>]+\son\w+\s*=/i);
      expect(html).not.toMatch(/<[^<>]*\s(?:src\s*=|href\s*=\s*"(?!https:))/i);
      // Only the style's own end, however the text tries to end it.
      expect(html.match(/<\/style>/g)).toHaveLength(1);
    }
  });

  it('keeps https links', async () => {
    expect(await page('[notes](https://www.debian.org/)')).toContain(
      '<a href="https://www.debian.org/" rel="noopener noreferrer">notes</a>',
    );
  });
});
