import type { AptChange } from '../../shared/domain/execution-result.ts';
import { parsed, unparseable, type Parsed } from './parsed.ts';
import { printedName } from './upgradable.ts';

export interface DpkgPackage {
  readonly name: string;
  readonly arch: string;
  readonly version: string;
  /** dpkg's abbreviation: desired, current, error; `ii `, `hi `, `iF `, `rc `. */
  readonly state: string;
}

export interface DpkgState {
  readonly nativeArch: string;
  /** By the name as APT prints it. */
  readonly packages: ReadonlyMap<string, DpkgPackage>;
}

const row = /^([a-z0-9][a-z0-9+.-]*)\t([a-z0-9-]+)\t(\S*)\t([uihrp][ncHUFWti][ R])$/;

/**
 * Reads a list that a change script left: `native ARCH`, one package a line (`Package\tArchitecture\tVersion\tStatus-Abbrev`),
 * and `end`. Without the end the list is cut off, and packages that are not in it would look removed.
 */
export function parseDpkgState(text: string): Parsed<DpkgState> {
  const lines = text.split('\n');
  if (lines.at(-1) === '') lines.pop();
  const nativeArch = /^native ([a-z0-9-]+)$/.exec(lines.shift() ?? '')?.[1];
  if (nativeArch === undefined) return unparseable('The package list has no heading');
  if (lines.pop() !== 'end') return unparseable('The package list is cut off');
  const packages = new Map<string, DpkgPackage>();
  for (const line of lines) {
    const match = row.exec(line);
    if (!match) return unparseable('A line of the package list cannot be read', { line: line.slice(0, 300) });
    const [, name = '', arch = '', version = '', state = ''] = match;
    packages.set(printedName(name, arch, nativeArch), { name, arch, version, state });
  }
  if (packages.size === 0) return unparseable('The package list is empty');
  return parsed({ nativeArch, packages });
}

/** Whether files of the package are there, configured or not. */
export function isPresent(item: DpkgPackage): boolean {
  return 'HUFWti'.includes(item.state.charAt(1)) && item.version !== '';
}

/** Packages that are neither wholly installed nor wholly gone. */
export function brokenPackages(state: DpkgState): DpkgPackage[] {
  return [...state.packages.values()].filter(
    (item) => 'HUF'.includes(item.state.charAt(1)) || item.state.charAt(2) === 'R',
  );
}

/** What changed between two lists, by version. A package that only finished its configuration did not change. */
export function diffDpkgStates(before: DpkgState, after: DpkgState): AptChange[] {
  const changes: AptChange[] = [];
  for (const key of [...new Set([...before.packages.keys(), ...after.packages.keys()])].sort()) {
    const old = before.packages.get(key);
    const now = after.packages.get(key);
    const fromVersion = old && isPresent(old) ? old.version : null;
    const toVersion = now && isPresent(now) ? now.version : null;
    if (fromVersion === toVersion) continue;
    const item = now ?? old;
    if (!item) continue;
    changes.push({
      name: item.name,
      arch: item.arch,
      fromVersion,
      toVersion,
      operation: fromVersion === null ? 'installed' : toVersion === null ? 'removed' : 'upgraded',
    });
  }
  return changes;
}

export interface BrokenPackage extends DpkgPackage {
  readonly printedName: string;
}

/**
 * Reads the section `broken`: packages that are neither wholly installed nor gone, in the same columns but the state
 * first, then `total N`, the number of packages that dpkg knows (0: dpkg did not answer).
 */
export function parseBroken(text: string, nativeArch: string): Parsed<readonly BrokenPackage[]> {
  const lines = text.split('\n');
  const total = /^total ([0-9]+)$/.exec(lines.pop() ?? '')?.[1];
  if (total === undefined) return unparseable('The list of broken packages is cut off');
  if (Number(total) === 0) return unparseable('dpkg does not tell its packages');
  const broken: BrokenPackage[] = [];
  for (const line of lines.filter((item) => item !== '')) {
    const [state = '', name = '', arch = '', version = ''] = line.split('\t');
    if (!row.test(`${name}\t${arch}\t${version}\t${state}`)) {
      return unparseable('A line of the broken packages cannot be read', { line: line.slice(0, 300) });
    }
    broken.push({ name, arch, version, state, printedName: printedName(name, arch, nativeArch) });
  }
  return parsed(broken);
}
