import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { planDiff } from './plan-diff.ts';
import { planText } from './plan.ts';
import type { AptPackage } from './snapshot.ts';

const upgrade = (name: string, from: string | null, to: string, arch = 'amd64'): AptPackage => ({
  name,
  arch,
  currentVersion: from,
  targetVersion: to,
  origin: 'Debian:12/stable',
  operation: from === null ? 'install' : 'upgrade',
});
const removal = (name: string, from: string): AptPackage => ({
  name,
  currentVersion: from,
  targetVersion: '',
  origin: null,
  operation: 'remove',
});

describe('planDiff', () => {
  it('tells what is new, what is gone and what differs', () => {
    const before = [upgrade('a', '1', '2'), upgrade('b', '1', '2'), upgrade('c', null, '1')];
    const now = [upgrade('b', '1', '3'), upgrade('c', null, '1'), upgrade('d', null, '1')];
    const diff = planDiff(before, now);
    expect(diff.added.map((p) => p.name)).toEqual(['d']);
    expect(diff.gone.map((p) => p.name)).toEqual(['a']);
    expect(diff.different.map((d) => [d.before.targetVersion, d.now.targetVersion])).toEqual([['2', '3']]);
  });

  it('sees that an upgrade has become a removal, although APT then names no architecture', () => {
    const diff = planDiff([upgrade('a', '1', '2')], [removal('a', '1')]);
    expect(diff).toMatchObject({ added: [], gone: [], different: [{ now: { operation: 'remove' } }] });
  });

  it('keeps the architectures of one package apart', () => {
    const both = [upgrade('a', '1', '2'), upgrade('a', '1', '2', 'i386')];
    expect(planDiff(both, [upgrade('a', '1', '2')]).gone).toEqual([both[1]]);
  });

  it('does not look at origins or at what is on hold', () => {
    const held: AptPackage = { ...upgrade('h', '1', '2'), operation: 'hold' };
    const diff = planDiff([upgrade('a', '1', '2'), held], [{ ...upgrade('a', '1', '2'), origin: null }]);
    expect(diff).toEqual({ added: [], gone: [], different: [] });
  });

  it('is empty exactly when the canonical plans are the same', () => {
    const version = fc.constantFrom('1', '2', '3');
    const item = fc.oneof(
      fc
        .tuple(
          fc.constantFrom('a', 'b', 'c'),
          fc.option(version),
          version,
          fc.constantFrom('amd64', 'i386', 'all'),
        )
        .map(([name, from, to, arch]) => upgrade(name, from, to, arch)),
      fc.tuple(fc.constantFrom('a', 'b', 'c'), version).map(([name, from]) => removal(name, from)),
    );
    const plan = fc.uniqueArray(item, { selector: (p) => `${p.name}:${p.arch ?? '-'}`, maxLength: 6 });
    fc.assert(
      fc.property(plan, plan, (before, now) => {
        const { added, gone, different } = planDiff(before, now);
        const isEmpty = added.length + gone.length + different.length === 0;
        expect(isEmpty).toBe(planText(before) === planText(now));
      }),
    );
  });
});
