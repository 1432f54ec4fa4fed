import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { AptPackage } from '../../shared/domain/snapshot.ts';
import { diffDpkgStates, parseDpkgState, type DpkgState } from './dpkg-state.ts';
import { explain, judge, type Circumstances } from './judgement.ts';

function state(...rows: readonly string[]): DpkgState {
  const lines = rows.map((row) => {
    const [name = '', version = '', abbreviation = 'ii '] = row.split('|');
    return `${name}\tamd64\t${version}\t${abbreviation}`;
  });
  const parsed = parseDpkgState(['native amd64', 'base\tall\t1\tii ', ...lines, 'end', ''].join('\n'));
  if (!parsed.ok) throw new Error(parsed.error.message);
  return parsed.value;
}
const planned = (name: string, to = '2'): AptPackage => ({
  name,
  arch: 'amd64',
  currentVersion: '1',
  targetVersion: to,
  origin: null,
  operation: 'upgrade',
});
function explained(
  plan: readonly AptPackage[],
  before: DpkgState,
  after: DpkgState,
  run: Partial<Circumstances> = {},
) {
  const whole = { after, nonce: 'n0', output: '', exitCode: 0, events: [], history: '', ...run };
  const { verdict, extra, missing } = explain(judge(plan, diffDpkgStates(before, after), before), whole);
  return {
    verdict,
    extra: extra.map((change) => [change.name, change.explanation]),
    missing: missing.map((item) => [item.name, item.explanation]),
  };
}
const stanza = (command: string, change: string) =>
  `\nStart-Date: 2026-11-20  10:00:00\nCommandline: ${command}\nRequested-By: eve (1001)\n${change}\nEnd-Date: 2026-11-20  10:00:01\n`;

describe('what no plan named', () => {
  const before = state('a|1');
  const after = state('a|2', 'x|1');

  it('is laid to whom the history names', () => {
    const history = stanza('apt install x', 'Install: x:amd64 (1)');
    expect(explained([planned('a')], before, after, { history })).toEqual({
      verdict: 'extra',
      extra: [['x', { code: 'changed_meanwhile', by: 'apt install x (eve)' }]],
      missing: [],
    });
  });

  it('is ours when our own log shows it, before or after the plan', () => {
    const unpacked = 'Unpacking x (1) ...\nSetting up x (1) ...\n';
    const simulated = 'Inst a [1] (2 Debian [amd64])\n';
    const history = stanza('apt-get -o Homeport::Run=n0 dist-upgrade', 'Install: x:amd64 (1)');
    const code = (output: string) => explained([planned('a')], before, after, { output, history }).extra;
    expect(code(simulated + unpacked)).toEqual([['x', { code: 'dependency_of' }]]);
    expect(code(unpacked + simulated)).toEqual([['x', { code: 'repair' }]]);
  });

  it('was somebody with dpkg where nothing names it', () => {
    expect(explained([planned('a')], before, after).extra).toEqual([['x', { code: 'changed_meanwhile' }]]);
  });
});

describe('what did not happen', () => {
  it.each([
    ['its script failed', state('a|1', 'b|2'), { output: 'dpkg: error processing archive /var/cache/apt/archives/a_2_amd64.deb (--unpack):\n', exitCode: 100 }, 'failed_script'],
    ['it is on hold', state('a|1|hi ', 'b|2'), {}, 'held'],
    ['it has another version', state('a|3', 'b|2'), {}, 'changed_meanwhile'],
    ['this run brought a newer one', state('a|3', 'b|2'), { output: 'Inst a [1] (2 Debian [amd64])\nUnpacking a (3) over (1) ...\n' }, 'dependency_of'],
    ['the run was cut off', state('a|1', 'b|2'), { exitCode: null }, 'interrupted'],
    ['the run failed', state('a|1', 'b|2'), { exitCode: 100 }, 'run_failed'],
    ['nobody knows', state('a|1', 'b|2'), {}, 'unknown'],
  ] as const)('because %s', (_why, after, run, code) => {
    const { missing } = explained([planned('a'), planned('b')], state('a|1', 'b|1'), after, run);
    expect(missing).toEqual([['a', { code }]]);
  }); // prettier-ignore
});

it('hostile logs and histories give a reason, never a crash, and change no verdict', () => {
  const text = fc.string({ unit: 'binary', maxLength: 400 });
  const before = state('a|1');
  const after = state('a|1', 'x|1');
  fc.assert(
    fc.property(text, text, (output, history) => {
      const { verdict, extra, missing } = explained([planned('a')], before, after, { output, history });
      expect(verdict).toBe('extra');
      expect([...extra, ...missing]).toHaveLength(2);
      for (const [, reason] of [...extra, ...missing]) expect(reason).toBeDefined();
    }),
  );
});
