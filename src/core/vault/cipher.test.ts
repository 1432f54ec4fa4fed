import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { seal, unseal } from './cipher.ts';

const key = randomBytes(32);
const place = { table: 'machine_credentials', rowId: '0198', column: 'enc_password' };

describe('a sealed secret', () => {
  it('opens with its key at its place, whatever its bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (plaintext) => {
        expect(unseal(key, place, seal(key, place, plaintext))).toEqual(Buffer.from(plaintext));
      }),
    );
  });

  it('says v1, a nonce of 12 bytes, and the text with its tag', () => {
    const [version, nonce = '', body = ''] = seal(key, place, Buffer.from('abc')).split(':');
    expect(version).toBe('v1');
    expect(Buffer.from(nonce, 'base64')).toHaveLength(12);
    expect(Buffer.from(body, 'base64')).toHaveLength(3 + 16);
  });

  it('is another text each time', () => {
    const texts = new Set(Array.from({ length: 50 }, () => seal(key, place, Buffer.from('same'))));
    expect(texts.size).toBe(50);
  });

  it.each([
    ['another key', randomBytes(32), place],
    ['another table', key, { ...place, table: 'power_endpoints' }],
    ['another row', key, { ...place, rowId: '0199' }],
    ['another column', key, { ...place, column: 'enc_sudo_password' }],
  ])('does not open with %s', (_, otherKey, otherPlace) => {
    expect(unseal(otherKey, otherPlace, seal(key, place, Buffer.from('abc')))).toBeNull();
  });

  it('does not open when a character of it was changed, or a part is missing', () => {
    const text = seal(key, place, Buffer.from('a secret'));
    for (let i = 0; i < text.length; i++) {
      const changed = text.slice(0, i) + (text[i] === 'A' ? 'B' : 'A') + text.slice(i + 1);
      const opened = unseal(key, place, changed);
      // The last characters of base64 may hold bits that stand for nothing.
      if (opened) expect(opened.toString()).toBe('a secret');
      expect(unseal(key, place, text.slice(0, i))).toBeNull();
    }
    expect(unseal(key, place, '')).toBeNull();
    expect(unseal(key, place, 'v2' + text.slice(2))).toBeNull();
  });
});
