import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formsOf } from './forms.ts';
import { createRedactor, redactionMark, redactText } from './redactor.ts';

/** What a redactor must do, said slowly: mark every place of every form, join what overlaps, replace. */
function slowly(bytes: Buffer, secrets: readonly string[]): Buffer {
  const spans = secrets
    .flatMap(formsOf)
    .flatMap((form) => {
      const found: [number, number][] = [];
      for (let at = bytes.indexOf(form); at !== -1; at = bytes.indexOf(form, at + 1))
        found.push([at, at + form.length]);
      return found;
    })
    .sort((a, b) => a[0] - b[0] || a[1] - b[1]);
  const joined: [number, number][] = [];
  for (const [start, end] of spans) {
    const last = joined.at(-1);
    if (last && start < last[1]) last[1] = Math.max(last[1], end);
    else joined.push([start, end]);
  }
  const parts: Buffer[] = [];
  let from = 0;
  for (const [start, end] of joined) {
    parts.push(bytes.subarray(from, start), Buffer.from(redactionMark));
    from = end;
  }
  return Buffer.concat([...parts, bytes.subarray(from)]);
}

/** Cuts bytes at the given places (taken modulo the length). */
function cut(bytes: Buffer, cuts: readonly number[]): Buffer[] {
  const places = [...new Set(cuts.map((place) => place % (bytes.length + 1)))].sort((a, b) => a - b);
  return [...places, bytes.length].map((place, i) => bytes.subarray(places[i - 1] ?? 0, place));
}

function stream(chunks: readonly Uint8Array[], secrets: readonly string[]): Buffer {
  const redactor = createRedactor(secrets);
  return Buffer.concat([...chunks.map((chunk) => redactor.push(chunk)), redactor.flush()]);
}

// Few letters make secrets overlap, repeat and begin inside one another.
const letters = fc.constantFrom('a', 'b', 'é', "'", ' ', '\n');
const secret = fc.string({ unit: letters, minLength: 1, maxLength: 9 });
const secrets = fc.array(secret, { minLength: 1, maxLength: 4 });
const text = (inside: readonly string[]) =>
  fc
    .array(fc.oneof(letters, fc.constantFrom(...inside.flatMap(formsOf).map(String), 'b')), { maxLength: 40 })
    .map((parts) => Buffer.from(parts.join('')));
const scene = secrets.chain((inside) =>
  fc.record({
    secrets: fc.constant(inside),
    bytes: text(inside),
    cuts: fc.array(fc.nat(), { maxLength: 12 }),
  }),
);

describe('for any text, any secrets and any chunks', () => {
  it('the stream is redacted as the whole would be, by the slow rule', () => {
    fc.assert(
      fc.property(scene, ({ secrets, bytes, cuts }) => {
        const expected = slowly(bytes, secrets).toString();
        expect(stream(cut(bytes, cuts), secrets).toString()).toBe(expected);
        expect(stream([bytes], secrets).toString()).toBe(expected);
      }),
      { numRuns: 2_000 },
    );
  });

  it('no form of a secret remains', () => {
    fc.assert(
      fc.property(scene, ({ secrets, bytes, cuts }) => {
        const clean = stream(cut(bytes, cuts), secrets).toString().replaceAll(redactionMark, '#');
        for (const form of secrets.flatMap(formsOf)) expect(clean).not.toContain(form.toString());
      }),
      { numRuns: 1_000 },
    );
  });

  it('bytes without a secret come through unchanged, whatever they are', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 500 }), fc.array(fc.nat()), (bytes, cuts) => {
        const given = Buffer.from(bytes);
        expect(stream(cut(given, cuts), ['a secret that is not there', 'nor this one'])).toEqual(given);
      }),
    );
  });

  it('a new redactor goes on from the pending bytes as if nothing had happened', () => {
    fc.assert(
      fc.property(scene, fc.nat(), ({ secrets, bytes }, place) => {
        const stop = place % (bytes.length + 1);
        const first = createRedactor(secrets);
        const before = first.push(bytes.subarray(0, stop));
        const resumeAt = stop - first.pendingBytes();
        expect(resumeAt).toBeGreaterThanOrEqual(0);
        const after = stream([bytes.subarray(resumeAt)], secrets);
        expect(Buffer.concat([before, after]).toString()).toBe(stream([bytes], secrets).toString());
      }),
      { numRuns: 2_000 },
    );
  });
});

describe('holding back', () => {
  it('keeps only what may begin a secret, and nothing of other text', () => {
    const redactor = createRedactor(['hunter2']);
    expect(Buffer.from(redactor.push(Buffer.from('hello hun'))).toString()).toBe('hello ');
    expect(redactor.pendingBytes()).toBe(3);
    expect(Buffer.from(redactor.push(Buffer.from('dred'))).toString()).toBe('hundred');
    expect(redactor.pendingBytes()).toBe(0);
  });

  it('lets go of a secret that is complete', () => {
    const redactor = createRedactor(['hunter2']);
    expect(Buffer.from(redactor.push(Buffer.from('pw: hunter2'))).toString()).toBe('pw: [redacted]');
    expect(redactor.pendingBytes()).toBe(0);
  });

  it('gives back the beginning of a secret when the stream ends there', () => {
    expect(stream([Buffer.from('hunt')], ['hunter2']).toString()).toBe('hunt');
  });

  it('copies what it holds: the caller may use its buffer again', () => {
    const redactor = createRedactor(['hunter2']);
    const buffer = Buffer.from('xhunt');
    redactor.push(buffer);
    buffer.fill(0x2e);
    expect(Buffer.from(redactor.push(Buffer.from('ing'))).toString()).toBe('hunting');
  });

  it('stays small when secrets overlap for a long time', () => {
    const redactor = createRedactor(['aaaaaaaa']);
    const chunk = Buffer.alloc(65_536, 'a');
    for (let i = 0; i < 200; i++) expect(redactor.push(chunk)).toHaveLength(0);
    expect(redactor.pendingBytes()).toBe(200 * 65_536);
    expect(Buffer.from(redactor.push(Buffer.from('.'))).toString()).toBe('[redacted].');
  });
});

describe('spellings', () => {
  const password = `p"ä/s's\\w+rd 1!`;
  it.each([
    ['itself', password],
    ['base64', Buffer.from(password).toString('base64')],
    ['base64url', Buffer.from(password).toString('base64url')],
    ['encodeURIComponent', encodeURIComponent(password)],
    ['a form', new URLSearchParams({ q: password }).toString().slice(2)],
    ['lower-case percent', encodeURIComponent(password).replace(/%../g, (code) => code.toLowerCase())],
    ['JSON', JSON.stringify(password).slice(1, -1)],
    ['ASCII JSON', JSON.stringify(password).slice(1, -1).replace('ä', '\\u00e4')],
    ['single-quoted shell', password.replaceAll("'", `'\\''`)],
    ['single-quoted shell, the other way', password.replaceAll("'", `'"'"'`)],
    ['double-quoted shell', password.replace(/[$`"\\]/g, '\\$&')],
    ['printf %q', `p\\"ä/s\\'s\\\\w+rd\\ 1\\!`],
  ])('%s', (_, spelling) => {
    expect(redactText(`<${spelling}>`, [password])).toBe('<[redacted]>');
  });

  it('base64 of a line that holds it', () => {
    const clean = redactText(Buffer.from(`${password}\n`).toString('base64'), [password]);
    expect(clean).toMatch(/^\[redacted\].{0,3}$/);
  });

  it('base64 of a basic authorization, wherever the password stands in it', () => {
    for (const user of ['u', 'us', 'use', 'user']) {
      const header = Buffer.from(`${user}:hunter2hunter2`).toString('base64');
      const clean = redactText(`Authorization: Basic ${header}\n`, ['hunter2hunter2']);
      expect(clean).toContain(redactionMark);
      expect(Buffer.from(clean.slice(21).replace(redactionMark, ''), 'base64').toString()).not.toContain(
        'unter',
      );
    }
  });

  it('each line of a private key, also indented and with other line ends; the frame stays', () => {
    const body =
      randomBytes(400)
        .toString('base64')
        .match(/.{1,70}/g) ?? [];
    const frame = (kind: string) => `-----${kind} OPENSSH PRIVATE KEY-----`;
    const key = [frame('BEGIN'), ...body.slice(0, -1), frame('END'), ''].join('\n');
    const shown = key.replaceAll('\n', '\r\n    ');
    const clean = redactText(shown, [key]);
    for (const line of body.slice(0, -1)) expect(clean).not.toContain(line);
    expect(clean).toContain(frame('BEGIN'));
    expect(clean.split(redactionMark)).toHaveLength(body.length);
  });

  it('secrets too short to be told from ordinary text are left alone', () => {
    expect(redactText('abc abcd', ['abc', ''])).toBe('abc abcd');
    expect(redactText('abc abcd', ['abcd'])).toBe('abc [redacted]');
  });

  it('secrets that overlap are one mark, so that no rest of either shows', () => {
    expect(redactText('.abcdefg.', ['abcde', 'defg'])).toBe('.[redacted].');
    expect(redactText('.abcddefg.', ['abcd', 'defg'])).toBe('.[redacted][redacted].');
    expect(redactText('.abcdef.', ['bcde', 'abcdef'])).toBe('.[redacted].');
  });

  it('every byte value may be in a secret', () => {
    const all = String.fromCodePoint(...Array.from({ length: 0x700 }, (_, i) => i + 1));
    expect(redactText(`<${all}>`, [all])).toBe('<[redacted]>');
  });

  it('text that is no valid Unicode and holds no secret comes back as it was', () => {
    expect(redactText('a\ud800b', ['hunter2'])).toBe('a\ud800b');
  });
});
