import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compareDebianVersions, parseDebianVersion } from './debian-version.ts';

/** Each row ascends strictly; the cases are those on which naive comparisons fail. */
const ascending: readonly (readonly string[])[] = [
  ['1.0~beta1~svn1245', '1.0~beta1', '1.0'],
  ['~~', '~~a', '~', '', 'a'],
  ['1.0~rc1-1', '1.0-1', '1.0-1+b1', '1.0-1+deb12u1', '1.0-2'],
  ['1.0-1~bpo12+1', '1.0-1'],
  ['9', '10', '1:0'],
  ['1:0.4', '10:1.3'],
  ['1.2.3', '1.2.3-1', '1.2.3-2', '1.2.3a', '1.2.3+b', '1.2.3.1'],
  ['2.36-9', '2.36-9+deb12u3', '2.36-9+deb12u10', '2.36-10'],
  ['1.002', '1.3'],
  ['7.4.052-1', '7.4.52-2'],
  ['0.99', '0.100'],
  ['99999999999999999998', '99999999999999999999', '100000000000000000000'],
  ['1.0a', '1.0b', '1.0z', '1.0+', '1.0.'],
  ['1.0A', '1.0a'],
  ['6.1.0-9-amd64', '6.1.0-10-amd64', '6.1.0-40-amd64'],
];
const equal: readonly (readonly [string, string])[] = [
  ['1.0', '0:1.0'],
  ['1.0', '1.00'],
  ['1.0-0', '1.0'],
  ['1.0-00', '1.0'],
  ['0', '00'],
];

const version = fc.oneof(
  fc.stringMatching(/^([0-9]:)?[0-9][A-Za-z0-9.+~-]{0,8}(-[A-Za-z0-9.+~]{1,4})?$/),
  fc.string({ maxLength: 8 }),
);

describe('compareDebianVersions', () => {
  it.each(ascending.map((row) => [row]))('%j ascends', (row) => {
    for (const [i, a] of row.entries()) {
      for (const [j, b] of row.entries()) {
        expect(Math.sign(compareDebianVersions(a, b)), `${a} against ${b}`).toBe(Math.sign(i - j));
      }
    }
  });

  it.each(equal)('%s is %s', (a, b) => {
    expect(compareDebianVersions(a, b)).toBe(0);
    expect(compareDebianVersions(b, a)).toBe(0);
  });

  it('is a total order', () => {
    fc.assert(
      fc.property(version, version, version, (a, b, c) => {
        expect(compareDebianVersions(a, a)).toBe(0);
        expect(compareDebianVersions(a, b)).toBe(0 - compareDebianVersions(b, a));
        if (compareDebianVersions(a, b) <= 0 && compareDebianVersions(b, c) <= 0) {
          expect(compareDebianVersions(a, c)).toBeLessThanOrEqual(0);
        }
      }),
      { numRuns: 2000 },
    );
  });
});

describe('parseDebianVersion', () => {
  it('takes epoch, upstream version and revision apart', () => {
    expect(parseDebianVersion('2:1.0-rc-3+b1')).toEqual({ epoch: 2, upstream: '1.0-rc', revision: '3+b1' });
    expect(parseDebianVersion('1.0')).toEqual({ epoch: 0, upstream: '1.0', revision: '' });
  });

  it.each(['', 'a1', '1.0-', ':1', 'x:1', '1 0', '4294967296:1', '1.0_1'])('refuses %j', (text) => {
    expect(parseDebianVersion(text)).toBeNull();
  });
});
