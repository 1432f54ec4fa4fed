import type { KeptBack } from '../../shared/domain/snapshot.ts';
import { parsed, unparseable, type Parsed } from './parsed.ts';
import type { Simulation } from './simulation.ts';

export interface UpgradablePackage {
  readonly name: string;
  readonly arch: string;
  readonly suites: readonly string[];
  readonly targetVersion: string;
  readonly currentVersion: string;
}

/** Reads `apt list --upgradable` in the C locale: `name/suite[,suite] NEW ARCH [upgradable from: OLD]` under `Listing...`. */
export function parseUpgradable(text: string): Parsed<readonly UpgradablePackage[]> {
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  const header = lines.shift();
  if (header === undefined || !header.startsWith('Listing...')) {
    return unparseable('The list of upgradable packages has no heading');
  }
  const packages: UpgradablePackage[] = [];
  for (const line of lines) {
    const match = /^([^\s/]+)\/(\S*) (\S+) (\S+) \[upgradable from: (\S+)\]$/.exec(line);
    if (!match)
      return unparseable('A line of the upgradable packages cannot be read', { line: line.slice(0, 300) });
    const [, name = '', suites = '', targetVersion = '', arch = '', currentVersion = ''] = match;
    packages.push({
      name,
      arch,
      suites: suites.split(',').filter((suite) => suite !== ''),
      targetVersion,
      currentVersion,
    });
  }
  return parsed(packages);
}

/** One package name a line, as `apt-mark showhold` prints them. */
export function parseNames(text: string): Parsed<readonly string[]> {
  const names = text.split('\n').filter((line) => line.trim() !== '');
  const odd = names.find((name) => !/^[a-z0-9][a-z0-9+.-]*(:[a-z0-9-]+)?$/.test(name));
  if (odd !== undefined) return unparseable('A line is no package name', { line: odd.slice(0, 300) });
  return parsed(names);
}

/** The phasing percentages that `apt-cache policy` shows beside candidate versions, by printed name. */
export function parsePhasing(text: string): ReadonlyMap<string, number> {
  const result = new Map<string, number>();
  let name = '';
  let candidate = '';
  for (const line of text.split('\n')) {
    const heading = /^([^\s]+):$/.exec(line);
    if (heading) {
      name = heading[1] ?? '';
      candidate = '';
      continue;
    }
    const chosen = /^ {2}Candidate: (\S+)/.exec(line);
    if (chosen) candidate = chosen[1] ?? '';
    const offer = /^(?: {5}| \*\*\* )(\S+) -?\d+ \(phased (\d{1,3})%\)/.exec(line);
    if (offer && offer[1] === candidate) result.set(name, Math.min(100, Number(offer[2])));
  }
  return result;
}

export interface KeptBackEvidence {
  readonly upgradable: readonly UpgradablePackage[];
  /** `apt-get -s dist-upgrade`. */
  readonly full: Simulation;
  /** `apt-get -s --with-new-pkgs upgrade`. */
  readonly safe: Simulation;
  /** Plain `apt-get -s upgrade`, where somebody asked for it. */
  readonly plain?: Simulation;
  readonly holds: readonly string[];
  readonly phasing: ReadonlyMap<string, number>;
  /** `dpkg --print-architecture`: packages of it and of `all` are printed without their architecture. */
  readonly nativeArch: string;
}

/** What can be upgraded and yet would not be by `upgrade`, each with its reason. */
export function keptBack(evidence: KeptBackEvidence): KeptBack[] {
  const { full, safe, plain, phasing, nativeArch } = evidence;
  const holds = new Set(evidence.holds);
  const changes = (simulation: Simulation): Set<string> =>
    new Set(simulation.steps.filter((s) => s.operation === 'install').map((s) => s.printedName));
  const inFull = changes(full);
  const inSafe = changes(safe);
  const inPlain = plain ? changes(plain) : inSafe;
  const result: KeptBack[] = [];
  for (const item of evidence.upgradable) {
    const printed = printedName(item.name, item.arch, nativeArch);
    if (inPlain.has(printed)) continue;
    const percent = phasing.get(printed);
    const reason = holds.has(printed)
      ? 'held'
      : inSafe.has(printed)
        ? 'needs_new_package'
        : inFull.has(printed)
          ? 'needs_removal'
          : percent !== undefined && percent < 100
            ? 'phased'
            : 'unknown';
    result.push({
      name: item.name,
      arch: item.arch,
      current: item.currentVersion,
      target: item.targetVersion,
      reason,
      ...(reason === 'phased' && percent !== undefined ? { phasedPercent: percent } : {}),
    });
  }
  return result;
}

/** The name as APT prints it on a machine: with its architecture only where that is a foreign one. */
export function printedName(name: string, arch: string | null | undefined, nativeArch: string): string {
  return arch === null || arch === undefined || arch === '-' || arch === nativeArch || arch === 'all'
    ? name
    : `${name}:${arch}`;
}
