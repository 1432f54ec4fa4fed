import { describe, expect, it } from 'vitest';
import { dedupKey, dockerDedupKey } from './dedup.ts';
import { planLines, planText } from './plan.ts';
import type { AptPackage } from './snapshot.ts';

const upgrade: AptPackage = {
  name: 'libc6',
  arch: 'amd64',
  currentVersion: '2.36-9',
  targetVersion: '2.36-10',
  origin: 'Debian:12.15/oldstable',
  operation: 'upgrade',
};
const install: AptPackage = {
  ...upgrade,
  name: 'zz',
  arch: 'all',
  currentVersion: null,
  operation: 'install',
};
const remove: AptPackage = {
  name: 'old',
  currentVersion: '1',
  targetVersion: '',
  origin: null,
  operation: 'remove',
};

describe('planLines', () => {
  it('is one sorted line a package', () => {
    const lines = planLines([upgrade, remove, install, { ...upgrade, name: 'held', operation: 'hold' }]);
    expect(lines).toEqual([
      'install zz:all - 2.36-10',
      'remove old:- 1 -',
      'upgrade libc6:amd64 2.36-9 2.36-10',
    ]);
  });

  it('does not depend on the order or on origins', () => {
    expect(planText([remove, upgrade])).toBe(planText([{ ...upgrade, origin: null }, remove]));
    expect(planText([])).toBe('');
  });

  it('differs as soon as a version does', () => {
    expect(planText([upgrade])).not.toBe(planText([{ ...upgrade, targetVersion: '2.36-11' }]));
  });
});

describe('dedup keys', () => {
  it('joins the fields', () => {
    expect(dedupKey('debian', 'libc6', '1', '2', 'Debian:12/stable')).toBe(
      'debian|libc6|1|2|Debian:12/stable',
    );
    expect(dedupKey('debian', 'x', null, '2', null)).toBe('debian|x||2|');
  });

  it('never lets two updates share a key', () => {
    expect(dedupKey('debian', 'a', 'b|c', 'd', null)).not.toBe(dedupKey('debian', 'a|b', 'c', 'd', null));
    expect(dedupKey('debian', 'a', '|', 'd', null)).not.toBe(dedupKey('debian', 'a', '%7C', 'd', null));
  });

  it('takes an image id where a digest is missing', () => {
    const ids = { image: 'app:1', fromImageId: 'i1', toImageId: 'i2' };
    expect(dockerDedupKey({ ...ids, toDigest: 'd2' })).toBe('app:1|i1|d2');
    expect(dockerDedupKey({ ...ids, fromDigest: null })).toBe('app:1|i1|i2');
  });
});
