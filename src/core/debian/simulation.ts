import type { AptPackage } from '../../shared/domain/snapshot.ts';
import { isSecurityOrigin } from './origin.ts';
import { parsed, unparseable, type Parsed } from './parsed.ts';

export type SimulatedOperation = 'install' | 'configure' | 'remove' | 'purge';

/** One line of a simulation. `arch` is what APT names: of the new version, or of a foreign package that goes. */
export interface SimulatedStep {
  readonly operation: SimulatedOperation;
  readonly name: string;
  readonly arch: string | null;
  /** The name as APT prints it, `:arch` where foreign. */
  readonly printedName: string;
  readonly currentVersion: string | null;
  readonly newVersion: string | null;
  readonly origins: readonly string[];
}

export interface Simulation {
  readonly steps: readonly SimulatedStep[];
  /** What would happen to each package, in APT's order, each package once. */
  readonly packages: readonly AptPackage[];
  /** Configured without being installed first: unpacked or half-configured now. */
  readonly pendingRepair: readonly string[];
  readonly counts: {
    readonly upgraded: number;
    readonly newlyInstalled: number;
    readonly reinstalled: number;
    readonly downgraded: number;
    readonly removed: number;
    readonly notUpgraded: number;
  };
}

const operations: Record<string, SimulatedOperation> = {
  Inst: 'install',
  Conf: 'configure',
  Remv: 'remove',
  Purg: 'purge',
};

/**
 * Reads the output of `apt-get -s …` in the C locale (APT's pkgSimulate::Describe):
 * `Inst PKG[:ARCH] [OLD] (NEW ORIGIN[, ORIGIN...] [ARCH]) [BROKEN]`, `Conf` alike, `Remv PKG[:ARCH] [OLD]`, `Purg` alike.
 * The summary line must be there and agree with the lines: a simulation that failed or was cut off is never an empty plan.
 */
export function parseSimulation(text: string): Parsed<Simulation> {
  const steps: SimulatedStep[] = [];
  let counts: Simulation['counts'] | null = null;
  for (const line of text.split('\n')) {
    const summary = parseSummary(line);
    if (summary) {
      counts = summary;
      continue;
    }
    if (!/^(Inst|Conf|Remv|Purg)( |$)/.test(line)) continue;
    const step = parseStep(line);
    if (!step) return unparseable('A line of the simulation cannot be read', { line: line.slice(0, 300) });
    steps.push(step);
  }
  if (!counts) return unparseable('The simulation has no summary line');
  const packages = collapse(steps);
  const removed = packages.filter((item) => item.operation === 'remove').length;
  const changed = packages.length - removed;
  const promised = counts.upgraded + counts.newlyInstalled + counts.reinstalled + counts.downgraded;
  if (changed !== promised || removed !== counts.removed) {
    return unparseable('The simulation does not agree with its own summary', {
      promised,
      found: changed,
      promisedRemovals: counts.removed,
      foundRemovals: removed,
    });
  }
  const installed = new Set(steps.filter((s) => s.operation === 'install').map((s) => s.printedName));
  const pendingRepair = steps
    .filter((step) => step.operation === 'configure' && !installed.has(step.printedName))
    .map((step) => step.printedName);
  return parsed({ steps, packages, pendingRepair, counts });
}

const summaryLine =
  /^(\d+) upgraded, (\d+) newly installed, (?:(\d+) reinstalled, )?(?:(\d+) downgraded, )?(\d+) to remove and (\d+) not upgraded\.$/;

function parseSummary(line: string): Simulation['counts'] | null {
  const match = summaryLine.exec(line);
  if (!match) return null;
  const number = (index: number): number => Number(match[index] ?? 0);
  return {
    upgraded: number(1),
    newlyInstalled: number(2),
    reinstalled: number(3),
    downgraded: number(4),
    removed: number(5),
    notUpgraded: number(6),
  };
}

/** A plan's longest true lines (many broken packages) stay far below; longer ones are hostile. */
const maxLineLength = 16_384;
const headPattern =
  /^(Inst|Conf|Remv|Purg) ([^\s:[\]()]+)(?::([a-z0-9-]+))?(?: \[([^\s[\]]+)\])?(?= |$)(.*)$/;
/** Greedy on purpose: the architecture stands before the last `])`, and a label may hold brackets and blanks. */
const versionPattern = /^ \((\S+)(?: (.*))? \[([a-z0-9-]+)\]\)(?: \[.*\])?$/;

function parseStep(line: string): SimulatedStep | null {
  const head = line.length > maxLineLength ? null : headPattern.exec(line);
  if (!head) return null;
  const [, verb = '', name = '', foreignArch, currentVersion, rest = ''] = head;
  const operation = operations[verb];
  if (!operation) return null;
  const common = {
    operation,
    name,
    printedName: foreignArch ? `${name}:${foreignArch}` : name,
    currentVersion: currentVersion ?? null,
  };
  if (operation === 'remove' || operation === 'purge') {
    if (currentVersion === undefined || !/^( \[.*\])?$/.test(rest)) return null;
    return { ...common, arch: foreignArch ?? null, newVersion: null, origins: [] };
  }
  const version = versionPattern.exec(rest);
  if (!version) return null;
  const [, newVersion = '', origins = '', arch = ''] = version;
  const listed = origins.trim();
  return { ...common, arch, newVersion, origins: listed === '' ? [] : listed.split(', ') };
}

/** APT may take a package away for a moment and install it again later: only the outcome counts. */
function collapse(steps: readonly SimulatedStep[]): AptPackage[] {
  const outcome = new Map<string, AptPackage>();
  for (const step of steps) {
    if (step.operation === 'install') {
      outcome.set(step.printedName, installation(step));
    } else if (step.operation !== 'configure') {
      if (outcome.get(step.printedName)?.operation !== 'remove' && outcome.has(step.printedName)) continue;
      outcome.set(step.printedName, {
        name: step.name,
        currentVersion: step.currentVersion,
        targetVersion: '',
        origin: null,
        operation: 'remove',
        severityHint: 'normal',
        ...(step.arch === null ? {} : { arch: step.arch }),
      });
    }
  }
  return [...outcome.values()];
}

function installation(step: SimulatedStep): AptPackage {
  return {
    name: step.name,
    currentVersion: step.currentVersion,
    targetVersion: step.newVersion ?? '',
    origin: step.origins.length === 0 ? null : step.origins.join(', '),
    operation: step.currentVersion === null ? 'install' : 'upgrade',
    severityHint: isSecurityOrigin(step.origins) ? 'security' : 'normal',
    ...(step.arch === null ? {} : { arch: step.arch }),
  };
}
