import { execFileSync, spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { analyzeApt, hasAptCounts } from '../../src/core/debian/analysis.ts';
import { parseDpkgState } from '../../src/core/debian/dpkg-state.ts';
import { parseSimulation } from '../../src/core/debian/simulation.ts';
import { parseUpgradable } from '../../src/core/debian/upgradable.ts';
import { renderTemplate } from '../../src/core/templates/render.ts';
import { sha256Hex } from '../../src/core/templates/sha256.ts';
import { compareDebianVersions, parseDebianVersion } from '../../src/shared/domain/debian-version.ts';
import { planText } from '../../src/shared/domain/plan.ts';

const templates = fileURLToPath(new URL('../../resources/templates', import.meta.url));
const fixtures = fileURLToPath(new URL('../../src/core/debian/fixtures', import.meta.url));

const has = (tool: string): boolean =>
  spawnSync(tool, ['--version'], { stdio: 'ignore' }).error === undefined;
const hasDpkg = has('dpkg');
const hasApt = has('apt-get') && hasDpkg;
const hasBusybox = spawnSync('busybox', ['true'], { stdio: 'ignore' }).error === undefined;

const changeScript = () =>
  renderTemplate(templates, 'apt_apply_plan', { nonce: 'n', planMode: 'dist_upgrade', expectedPlan: [] })
    .script;

/** The function of the change script that makes the canonical lines, run by a shell on a simulation. */
function planLinesInShell(simulation: string, shell: readonly [string, ...string[]]): string {
  const script = changeScript();
  const body = /^plan_lines\(\) \{\n[\s\S]*?\n\}\n/m.exec(script)?.[0];
  if (body === undefined) throw new Error('The change script has no plan_lines');
  const [command, ...flags] = shell;
  const args = [...flags, '-c', `export LC_ALL=C\n${body}plan_lines`];
  return execFileSync(command, args, { input: simulation, encoding: 'utf8' });
}

const shells: [string, readonly [string, ...string[]]][] = [
  ['sh', ['/bin/sh']],
  ...(hasBusybox ? ([['busybox sh', ['busybox', 'sh']]] as [string, readonly [string, ...string[]]][]) : []),
];

describe.skipIf(!hasDpkg)('versions against dpkg (needs dpkg)', () => {
  const version = fc
    .stringMatching(/^([0-9]{1,2}:)?[0-9][A-Za-z0-9.+~-]{0,8}(-[A-Za-z0-9.+~]{1,4})?$/)
    .filter((text) => parseDebianVersion(text) !== null);

  it('agrees on random versions', () => {
    const pairs = fc.sample(fc.tuple(version, version), { numRuns: 400, seed: 20261120 });
    // One shell for all pairs: dpkg itself is quick.
    const script = pairs
      .map(([a, b]) => {
        const ask = (op: string): string => `dpkg --compare-versions '${a}' ${op} '${b}'`;
        return `if ${ask('lt')}; then echo -1; elif ${ask('eq')}; then echo 0; else echo 1; fi`;
      })
      .join('\n');
    const answers = execFileSync('/bin/sh', { input: script, encoding: 'utf8' })
      .trim()
      .split('\n')
      .map(Number);
    expect(pairs.map(([a, b]) => [a, b, Math.sign(compareDebianVersions(a, b))])).toEqual(
      pairs.map(([a, b], index) => [a, b, answers[index]]),
    );
  });
});

describe.each(shells)('canonical plan lines in %s', (_name, shell) => {
  const names = readdirSync(join(fixtures, 'simulation')).filter((file) => file.endsWith('.txt'));

  it.each(names)('%s', (file) => {
    const text = readFileSync(join(fixtures, 'simulation', file), 'utf8');
    const simulation = parseSimulation(text);
    if (!simulation.ok) return expect(simulation.error.kind).toBe('output_unparseable');
    expect(planLinesInShell(text, shell)).toBe(planText(simulation.value.packages));
  });
});

describe.skipIf(!hasApt)('a real APT on a state of its own (needs apt-get, neither root nor network)', () => {
  let root = '';
  const apt = (...args: string[]): string => {
    const options = [
      `Dir=${root}`,
      `Dir::State=${root}/state`,
      `Dir::State::status=${root}/status`,
      `Dir::Cache=${root}/cache`,
      `Dir::Etc=${root}/etc`,
      'APT::Architecture=amd64',
      'APT::Architectures::=i386',
      'APT::Sandbox::User=root',
      'APT::Color=0',
    ];
    const flags = options.flatMap((option) => ['-o', option]);
    const [command = '', ...rest] = args;
    return execFileSync(command, [...flags, ...rest], {
      encoding: 'utf8',
      env: { PATH: process.env.PATH, LC_ALL: 'C' },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
  };
  const stanza = (fields: Record<string, string>): string =>
    Object.entries({ Maintainer: 'T <t@example.org>', Description: 'test', ...fields })
      .map(([key, value]) => `${key}: ${value}\n`)
      .join('');

  beforeAll(() => {
    root = mkdtempSync(join(tmpdir(), 'homeport-apt-'));
    for (const path of ['state/lists/partial', 'cache/archives/partial', 'etc/preferences.d', 'repo']) {
      mkdirSync(join(root, path), { recursive: true });
    }
    const installed = (Package: string, Version: string, more: Record<string, string> = {}): string =>
      stanza({ Package, Status: 'install ok installed', Version, Architecture: 'amd64', ...more });
    const offered = (Package: string, Version: string, more: Record<string, string> = {}): string =>
      stanza({
        Package,
        Version,
        Architecture: 'amd64',
        Filename: `./${Package}_${Version}.deb`,
        Size: '1000',
        SHA256: sha256Hex(Package + Version),
        ...more,
      });
    const status = [
      installed('app', '1.0', { Depends: 'lib (>= 1.0)' }),
      installed('lib', '1.0', { 'Multi-Arch': 'same' }),
      installed('lib', '1.0', { 'Multi-Arch': 'same', Architecture: 'i386' }),
      installed('epoch', '1:2.0~rc1-1+b1'),
      installed('victim', '3'),
      installed('foreign-victim', '4', { Architecture: 'i386' }),
      installed('eater', '1'),
      installed('uninteresting', '7'),
    ];
    const packages = [
      offered('app', '2.0', { Depends: 'lib (>= 2.0), newlib' }),
      offered('lib', '2.0', { 'Multi-Arch': 'same', Breaks: 'app (<< 2.0)' }),
      offered('lib', '2.0', { 'Multi-Arch': 'same', Architecture: 'i386', Filename: './lib_i386.deb' }),
      offered('newlib', '0.1', { Architecture: 'all' }),
      offered('epoch', '1:2.0-1'),
      offered('eater', '2', { Conflicts: 'victim, foreign-victim' }),
    ];
    writeFileSync(join(root, 'status'), status.join('\n'));
    writeFileSync(join(root, 'repo', 'Packages'), packages.join('\n'));
    writeFileSync(join(root, 'etc', 'sources.list'), `deb [trusted=yes] file:${root}/repo ./\n`);
    apt('apt-get', '-q', 'update');
  });
  afterAll(() => rmSync(root, { recursive: true, force: true }));

  it('simulates a plan that both sides write alike, byte for byte', () => {
    const text = apt('apt-get', '-s', 'dist-upgrade');
    const simulation = parseSimulation(text);
    if (!simulation.ok) throw new Error(simulation.error.message);
    const expected = planText(simulation.value.packages);
    expect(expected.trim().split('\n')).toEqual([
      'install newlib:all - 0.1',
      'remove foreign-victim:i386 4 -',
      'remove victim:- 3 -',
      'upgrade app:amd64 1.0 2.0',
      'upgrade eater:amd64 1 2',
      'upgrade epoch:amd64 1:2.0~rc1-1+b1 1:2.0-1',
      'upgrade lib:amd64 1.0 2.0',
      'upgrade lib:i386 1.0 2.0',
    ]);
    for (const [, shell] of shells) expect(planLinesInShell(text, shell)).toBe(expected);
  });

  it('lists what can be upgraded', () => {
    const list = parseUpgradable(apt('apt', 'list', '--upgradable'));
    if (!list.ok) throw new Error(list.error.message);
    expect(list.value.map((item) => `${item.name}:${item.arch}`).sort()).toEqual([
      'app:amd64',
      'eater:amd64',
      'epoch:amd64',
      'lib:amd64',
      'lib:i386',
    ]);
  });
});

describe.skipIf(!hasApt || !existsSync('/etc/debian_version'))(
  'the analysis of this very machine (needs a Debian-family one; reads only)',
  () => {
    it('is whole, and agrees with dpkg and apt', { timeout: 300_000 }, () => {
      const { script } = renderTemplate(templates, 'apt_analyze', { nonce: 'local1' });
      const output = execFileSync('/bin/sh', { input: script, encoding: 'utf8', maxBuffer: 1 << 26 });
      const { snapshot } = analyzeApt(output, {
        machineId: 'local',
        checkedAt: new Date().toISOString(),
        nonce: 'local1',
        sha256: sha256Hex,
      });
      expect(snapshot.os.family).not.toBe('unknown');
      expect(snapshot.hostname).toBe(execFileSync('uname', ['-n'], { encoding: 'utf8' }).trim());
      expect(snapshot.host?.architecture).toBe(
        execFileSync('dpkg', ['--print-architecture'], { encoding: 'utf8' }).trim(),
      );
      expect(hasAptCounts(snapshot) || (snapshot.errors ?? []).length > 0).toBe(true);
      const env = { PATH: process.env.PATH, LC_ALL: 'C' };
      const list = spawnSync('apt', ['list', '--upgradable'], { encoding: 'utf8', env });
      if (hasAptCounts(snapshot) && list.status === 0) {
        const upgradable = list.stdout
          .split('\n')
          .filter((line) => line.includes('[upgradable from: ')).length;
        const planned = (snapshot.apt.upgradePackages ?? []).filter(
          (item) => item.operation === 'upgrade',
        ).length;
        expect(planned + (snapshot.apt.keptBack ?? []).length).toBe(upgradable);
      }
    });

    it('reads the package list that a change script leaves', () => {
      const script = changeScript();
      const body = /^package_states\(\) \{\n[\s\S]*?\n\}\n/m.exec(script)?.[0] ?? '';
      const directory = mkdtempSync(join(tmpdir(), 'homeport-states-'));
      try {
        execFileSync('/bin/sh', { input: `set -e\n${body}package_states before\n`, cwd: directory });
        const state = parseDpkgState(readFileSync(join(directory, 'before'), 'utf8'));
        if (!state.ok) throw new Error(state.error.message);
        expect(state.value.packages.get('dpkg')?.state).toBe('ii ');
      } finally {
        rmSync(directory, { recursive: true, force: true });
      }
    });
  },
);
