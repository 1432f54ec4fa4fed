import { describe, expect, it } from 'vitest';
import { code, plain } from './markdown.ts';
import { plainText } from './plain-text.ts';

describe('plain text of a report', () => {
  it('has the words and none of the marks', () => {
    expect(
      plainText(
        [
          '# Upgrade: nas, 2026\\-11\\-20',
          '',
          '| Machine | nas |',
          '|---|---|',
          '| Outcome | **Succeeded** |',
          '',
          '- **apt\\_lock\\_busy**: held',
          '  - `E: Could not get lock`',
        ].join('\n'),
      ),
    ).toBe(
      'Upgrade: nas, 2026-11-20\nMachine  nas\nOutcome  Succeeded\napt_lock_busy: held\nE: Could not get lock',
    );
  });

  it('gives back what a host wrote, whatever it wrote', () => {
    const text = 'a_b*c`d` [x](y) <script> 1. #2 | e\\f & !';
    expect(plainText(`- ${plain(text)}`)).toBe(text);
    expect(plainText(code('libc6:amd64'))).toBe('libc6:amd64');
  });
});
