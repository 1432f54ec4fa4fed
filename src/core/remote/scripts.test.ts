import { execFileSync, spawnSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { armedStateScript, armedWrapper, armScript, revokeScript } from './armed-scripts.ts';
import { attachedScript } from './attached-script.ts';
import { followScript } from './follow-script.ts';
import { quote } from './quote.ts';
import * as scripts from './scripts.ts';
import { wrapperScript } from './wrapper-script.ts';

const has = (command: string) => spawnSync(command, ['--help'], { stdio: 'ignore' }).error === undefined;
const place = {
  nonce: '0123456789abcdef0123456789abcdef',
  runsDir: "/srv/it's here/runs",
  volatileDir: '/run/homeport',
  executionId: '0198c0de-0000-7000-8000-000000000000',
};
const rendered = {
  wrapper: wrapperScript,
  launch: scripts.launchScript({
    ...place,
    sizeBytes: 3,
    sha256: 'a'.repeat(64),
    startTimeoutSeconds: 10,
  }),
  follow: followScript({ ...place, outputOffset: 0, progressOffset: 0, maxHeartbeats: 300 }),
  inspect: scripts.inspectScript(place),
  readFile: scripts.readFileScript(place, 'before', 100),
  cancel: scripts.cancelScript(place),
  remove: scripts.removeScript(place),
  sweep: scripts.sweepScript(place, 60),
  arm: armScript({
    ...place,
    sizeBytes: 3,
    sha256: 'a'.repeat(64),
    onCalendar: '2026-11-26 03:00:00 UTC',
    expiryEpochSeconds: 1_795_662_000,
  }),
  armedWrapper: armedWrapper(1_795_662_000),
  armedState: armedStateScript(place),
  revoke: revokeScript(place),
  attached: attachedScript({ ...place, script: "echo 'it runs'", sha256: 'a'.repeat(64) }),
};

describe.each(Object.entries(rendered))('the %s script', (_name, text) => {
  it.skipIf(!has('shellcheck'))('satisfies shellcheck as POSIX sh (needs shellcheck)', () => {
    const found = spawnSync('shellcheck', ['-s', 'sh', '-f', 'gcc', '-'], { input: text, encoding: 'utf8' });
    expect(found.stdout).toBe('');
    expect(found.status).toBe(0);
  });

  it.skipIf(!has('dash'))('is read by dash without complaint (needs dash)', () => {
    const found = spawnSync('dash', ['-n'], { input: text, encoding: 'utf8' });
    expect(found.stderr).toBe('');
    expect(found.status).toBe(0);
  });

  it('fits into one message to a host', () => {
    expect(Buffer.byteLength(text)).toBeLessThan(32_768);
  });
});

describe('quote', () => {
  it.skipIf(process.platform === 'win32')('makes one word of any text (needs sh)', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        fc.pre(!text.includes('\0'));
        const printed = execFileSync('sh', ['-c', `printf '%s.' ${quote(text)}`]).toString('utf8');
        expect(printed).toBe(`${Buffer.from(text, 'utf8').toString('utf8')}.`);
      }),
      { numRuns: 60 },
    );
  });

  it('refuses a NUL', () => {
    expect(() => quote('a\0b')).toThrow(RangeError);
  });
});
