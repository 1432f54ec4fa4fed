import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cleanLogLine, redactUrls, reduceLog } from './reduction.ts';

const log = [
  'Reading package lists...',
  'Inst libc6 [2.36-9] (2.36-10 Debian:12.15/oldstable [amd64])',
  '(Reading database ... 5%\r(Reading database ... 100%\rdpkg: error processing package tb-fail (--configure):',
  'Setting up libc6 (2.36-10) ...',
  '\x1b[1mE:\x1b[0m Sub-process /usr/bin/dpkg returned an error code (1)\r',
  'W: Failed to fetch https://user:secret@repo.example/dists/x  401  Unauthorized',
  'Err:4 http://deb.example stable InRelease',
  '*** System restart required ***',
  'Remv old [1]',
  'Remv old [1]',
].join('\n');

describe('reduceLog', () => {
  it('keeps the lines that matter, cleaned and once', () => {
    expect(reduceLog(log, 'apt')).toEqual([
      'Inst libc6 [2.36-9] (2.36-10 Debian:12.15/oldstable [amd64])',
      'dpkg: error processing package tb-fail (--configure):',
      'E: Sub-process /usr/bin/dpkg returned an error code (1)',
      'W: Failed to fetch https://***@repo.example/dists/x  401  Unauthorized',
      'Err:4 http://deb.example stable InRelease',
      '*** System restart required ***',
      'Remv old [1]',
    ]);
  });

  it('knows what Docker says', () => {
    const lines = ['app Pulling', 'Digest: sha256:aa', 'noise', 'Total reclaimed space: 12MB'];
    expect(reduceLog(lines.join('\n'), 'docker')).toEqual([lines[0], lines[1], lines[3]]);
  });

  it('is bounded in lines and in their length', () => {
    const long = Array.from({ length: 1000 }, (_, i) => `E: ${i} ${'x'.repeat(2000)}`).join('\n');
    const lines = reduceLog(long, 'apt', { maxLines: 11, maxLineLength: 40 });
    expect(lines).toHaveLength(11);
    expect(lines[5]).toBe('… 990 lines left out …');
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(40);
  });

  it('gives the same for its own result and never a control character', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 200 }), (noise) => {
        const once = reduceLog(`E: ${noise}`, 'apt');
        expect(reduceLog(once.join('\n'), 'apt')).toEqual(once);
        // eslint-disable-next-line no-control-regex -- what must not be there
        for (const line of once) expect(line).not.toMatch(/[\x00-\x08\x0a-\x1f\x7f]/);
      }),
    );
  });
});

describe('cleaning', () => {
  it('shows what a terminal would', () => {
    expect(cleanLogLine('10%\r20%\rdone\r')).toBe('done');
    expect(cleanLogLine('\x1b]0;title\x07text\x1b[0m')).toBe('text');
  });

  it('takes the credentials out of URLs', () => {
    expect(redactUrls('http://u:p@h/x and https://h/y@z')).toBe('http://***@h/x and https://h/y@z');
  });
});
