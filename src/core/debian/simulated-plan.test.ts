import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readSimulatedPlan } from './simulated-plan.ts';

const sha256 = (text: string): string => `hash of ${text.length}`;
const simulation = readFileSync(new URL('./fixtures/simulation/bookworm-full.txt', import.meta.url), 'utf8');
const output = (plan: string, exitCode = 0, conffiles = ''): string =>
  [
    'noise of a login shell',
    '',
    '@@n0 ids',
    'architecture amd64',
    '',
    '@@n0 plan',
    plan,
    `rc=${exitCode}`,
    '',
    '@@n0 uris',
    "'http://deb.test/a.deb' a_1_amd64.deb 120 SHA256:00",
    'After this operation, 1,024 B of additional disk space will be used.',
    'rc=0',
    '',
    '@@n0 conffiles',
    conffiles,
    '@@n0 end',
    '',
  ].join('\n');
const read = (text: string, packages: readonly string[] = []) =>
  readSimulatedPlan(text, {
    nonce: 'n0',
    mode: packages.length > 0 ? 'selected' : 'dist_upgrade',
    packages,
    sha256,
  });
const upgrade = (name: string, to: string) => `Inst ${name} [1.0] (${to} Debian:12/stable [amd64])`;
const one = (...lines: string[]) =>
  [...lines, `${lines.length} upgraded, 0 newly installed, 0 to remove and 0 not upgraded.`].join('\n');

describe('readSimulatedPlan', () => {
  it('reads a whole plan with its sizes and edited files', () => {
    const result = read(output(simulation, 0, 'hp-conf /etc/hp conf/with blank\n'));
    expect(result).toMatchObject({
      ok: true,
      plan: {
        downloadBytes: 120,
        diskBytes: 1024,
        words: [],
        notPlanned: [],
        editedConffiles: [{ package: 'hp-conf', path: '/etc/hp conf/with blank' }],
      },
    });
    expect(result.ok && result.plan.removed.length).toBeGreaterThan(0);
  });

  it('pins the chosen packages to the versions that were shown, and only those', () => {
    const result = read(output(one(upgrade('a', '2'), upgrade('b', '3'))), ['a', 'c', 'a']);
    expect(result).toMatchObject({ ok: true, plan: { words: ['a=2'], notPlanned: ['c'] } });
  });

  it('names packages on hold', () => {
    const refused = output(
      'The following held packages will be changed:\n  a b\nE: Held packages were changed and -y was used without --allow-change-held-packages.',
      100,
    );
    expect(read(refused, ['a', 'b'])).toMatchObject({
      ok: false,
      error: { kind: 'conflict', data: { reason: 'held', packages: ['a', 'b'] } },
    });
  });

  it('takes no failure for an empty plan', () => {
    expect(read(output('', 100))).toMatchObject({ ok: false, error: { kind: 'unknown' } });
    expect(read(output(''))).toMatchObject({ ok: false, error: { kind: 'output_unparseable' } });
    expect(read('@@n0 noapt\n@@n0 end\n')).toMatchObject({ ok: false, error: { kind: 'apt_missing' } });
  });

  it('any cut-off or spoilt output is an error', () => {
    const whole = output(simulation);
    const end = whole.indexOf('@@n0 end');
    fc.assert(
      fc.property(fc.integer({ min: 0, max: end + 7 }), (length) => {
        expect(read(whole.slice(0, length)).ok).toBe(false);
      }),
    );
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 300 }), (text) => {
        expect(read(text).ok).toBe(false);
        expect(read(output(text)).ok).toBe(false);
      }),
    );
  });
});
