import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseRebootCheck, parseRebootFired, parseRebootLook } from './reboot-answers.ts';
import { parseReplacedLibraries } from './replaced-libraries.ts';

const bootId = '0b5ae3b6-2f5f-4d7e-9a36-7d4ba6d4a7c1';
const check = (obstacles: string) => `\n@@n0 boot\n${bootId}\n\n@@n0 obstacles\n${obstacles}\n@@n0 end\n`;
const fired = `\n@@n0 boot\n${bootId}\n\n@@n0 obstacles\n\n@@n0 fire\nCall to Reboot failed: Access denied\nrc=1\n\n@@n0 end\n`;

describe('what a machine says around its reboot', () => {
  it('nothing in the way', () => {
    expect(parseRebootCheck(check(''), 'n0')).toEqual({ ok: true, value: { bootId, obstacles: [] } });
  });

  it('a lock and a run of ours', () => {
    const told = check(
      '/var/lib/dpkg/lock-frontend 812 apt-get\nrun 4711 0193b1c2-aaaa-7bbb-8ccc-0123456789ab\n',
    );
    const answer = parseRebootCheck(told, 'n0');
    expect(answer.ok && answer.value.obstacles).toEqual([
      { kind: 'lock', what: '/var/lib/dpkg/lock-frontend', pid: 812, command: 'apt-get' },
      { kind: 'run', what: '0193b1c2-aaaa-7bbb-8ccc-0123456789ab', pid: 4711, command: 'homeport' },
    ]);
  });

  it('an answer that is cut off or not understood never means that nothing is in the way', () => {
    const whole = check('/var/lib/dpkg/lock-frontend 812 apt-get\n');
    for (let length = 0; length < whole.length - 2; length++) {
      expect(parseRebootCheck(whole.slice(0, length), 'n0').ok).toBe(false);
    }
    expect(parseRebootCheck(check('something else\n'), 'n0').ok).toBe(false);
    expect(parseRebootCheck(`\n@@n0 boot\n${bootId}\n\n@@n0 end\n`, 'n0').ok).toBe(false);
  });

  it('the words and the status of the command', () => {
    expect(parseRebootFired(fired, 'n0')).toMatchObject({
      value: { isSent: true, exitCode: 1, words: 'Call to Reboot failed: Access denied' },
    });
  });

  it('cut off anywhere: no status is invented, and what was not sent is not called sent', () => {
    const at = fired.indexOf('@@n0 fire');
    for (let length = 0; length < fired.length - 2; length++) {
      const answer = parseRebootFired(fired.slice(0, length), 'n0');
      if (!answer.ok) continue;
      if (length < at) expect(answer.value.isSent).toBe(false);
      if (length < fired.indexOf('rc=1') + 4) expect(answer.value.exitCode).toBeNull();
    }
  });

  it('hostile text gives an error value or a value, never an exception and never another boot id', () => {
    const line = fc.oneof(
      fc.constantFrom(
        '@@n0 boot',
        '@@n0 fire',
        '@@n0 obstacles',
        '@@n0 end',
        '@@n0 mapped',
        bootId,
        'rc=0',
        'looked yes',
      ),
      fc.string(),
    );
    fc.assert(
      fc.property(
        fc.array(line).map((lines) => lines.join('\n')),
        (text) => {
          for (const answer of [
            parseRebootCheck(text, 'n0'),
            parseRebootFired(text, 'n0'),
            parseRebootLook(text, 'n0'),
          ]) {
            if (answer.ok) expect(answer.value.bootId).toBe(bootId);
          }
          parseReplacedLibraries(text);
        },
      ),
    );
  });
});
