import { createHmac, randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseKnownHosts, wildcardMatch } from './known-hosts.ts';
import { fingerprintOf, publicLine } from './testing/server.ts';

const key = publicLine('ed25519');
const one = (line: string) => {
  const { entries, unreadableLines } = parseKnownHosts(line);
  expect(unreadableLines).toEqual([]);
  const [entry] = entries;
  if (entry === undefined) throw new Error('no entry');
  return entry;
};

function hashedName(name: string): string {
  const salt = randomBytes(20);
  const hash = createHmac('sha1', salt).update(name).digest('base64');
  return `|1|${salt.toString('base64')}|${hash}`;
}

describe('parseKnownHosts', () => {
  it('reads a plain line with several names and a comment', () => {
    const entry = one(`web,Web.Example.org,192.0.2.7 ${key} root@web`);
    expect(entry).toMatchObject({
      line: 1,
      marker: 'host',
      hashed: false,
      keyType: 'ssh-ed25519',
      fingerprintSha256: fingerprintOf('ed25519'),
      patterns: ['web', 'Web.Example.org', '192.0.2.7'],
    });
    expect(entry.matches('web.example.ORG', 22)).toBe(true);
    expect(entry.matches('web', 2222)).toBe(false);
    expect(entry.matches('web2', 22)).toBe(false);
  });

  it('tells ports apart', () => {
    const entry = one(`[web]:2222,[2001:db8::1]:22 ${key}`);
    expect(entry.matches('web', 2222)).toBe(true);
    expect(entry.matches('web', 22)).toBe(false);
    expect(entry.matches('2001:db8::1', 22)).toBe(true);
    expect(entry.matches('[2001:db8::1]', 22)).toBe(true);
  });

  it('reads hashed names', () => {
    expect(one(`${hashedName('web')} ${key}`).matches('WEB', 22)).toBe(true);
    expect(one(`${hashedName('web')} ${key}`).matches('web', 23)).toBe(false);
    expect(one(`${hashedName('[web]:23')} ${key}`).matches('web', 23)).toBe(true);
  });

  it('honours wildcards and negations', () => {
    const entry = one(`*.example.org,!bad.example.org ${key}`);
    expect(entry.matches('a.example.org', 22)).toBe(true);
    expect(entry.matches('bad.example.org', 22)).toBe(false);
  });

  it('marks revoked keys and authorities', () => {
    expect(one(`@revoked web ${key}`).marker).toBe('revoked');
    expect(one(`@cert-authority\t*.org ${key}`).marker).toBe('cert-authority');
  });

  it('counts the lines that it cannot read, and skips comments', () => {
    const text = [
      '# comment',
      '',
      `web ${key}\r`,
      'web ssh-ed25519 AAAA',
      'web 2048 35 1234567890',
      '@other web x y',
      `|1|short|x ${key}`,
      `web ssh-rsa ${key.split(' ')[1] ?? ''}`,
    ].join('\n');
    const { entries, unreadableLines } = parseKnownHosts(text);
    expect(entries.map(({ line }) => line)).toEqual([3]);
    expect(unreadableLines).toEqual([4, 5, 6, 7, 8]);
  });

  it('never throws, whatever the text', () => {
    const piece = fc.oneof(
      fc.string(),
      fc.constantFrom(
        '@revoked ',
        '|1|',
        'ssh-ed25519 ',
        key,
        '\n',
        '\r\n',
        ',',
        '[a]:22',
        '*',
        '!',
        'AAAA',
        '\0',
      ),
    );
    fc.assert(
      fc.property(
        fc.array(piece, { maxLength: 30 }),
        fc.string(),
        fc.nat(70_000),
        (pieces, hostname, port) => {
          for (const entry of parseKnownHosts(pieces.join('')).entries) {
            expect(typeof entry.matches(hostname, port)).toBe('boolean');
          }
        },
      ),
    );
  });

  it('answers a hostile pattern in time', () => {
    const pattern = '*a'.repeat(3000);
    const startedMs = performance.now();
    expect(wildcardMatch(pattern, 'a'.repeat(2999) + 'b')).toBe(false);
    expect(performance.now() - startedMs).toBeLessThan(1000);
  });
});
