import type { KeptBack, SnapshotError } from '../../shared/domain/snapshot.ts';
import { aptErrors } from './apt-errors.ts';
import { parseBroken, type BrokenPackage } from './dpkg-state.ts';
import type { ParseFailure, Parsed } from './parsed.ts';
import { commandResult, keyedLines, requireSection, type Sections } from './sections.ts';
import { parseSimulation, type Simulation } from './simulation.ts';
import { safeDownloadBytes } from './safe-plan-size.ts';
import { parseSizes, type PlanSizes } from './sizes.ts';
import { keptBack, parseNames, parsePhasing, parseUpgradable, type UpgradablePackage } from './upgradable.ts';

export interface HeldLock {
  readonly file: string;
  readonly pid: number;
  readonly command: string | null;
}

export interface AptFacts {
  readonly nativeArch: string;
  readonly full: Simulation;
  readonly safe: Simulation;
  readonly upgradable: readonly UpgradablePackage[];
  readonly holds: readonly string[];
  readonly keptBack: readonly KeptBack[];
  readonly autoremove: Simulation;
  readonly broken: readonly BrokenPackage[];
  readonly sizes: PlanSizes | null;
  /** Bytes that the safe plan would fetch; null where the full plan's addresses do not tell. */
  readonly safeDownloadBytes: number | null;
}

/** A failed parse as it stands in a snapshot. */
export function failureError(failure: ParseFailure): SnapshotError {
  return {
    source: 'apt',
    kind: failure.kind,
    severity: 'error',
    message: failure.message,
    ...(failure.data ? { data: failure.data } : {}),
  };
}

/**
 * Reads the sections that a count depends on. Null as soon as one of them failed, with every reason in `errors`: there is
 * no count without all of them.
 */
export function readAptFacts(sections: Sections, errors: SnapshotError[]): AptFacts | null {
  const read = <T>(name: string, parse: (output: string) => Parsed<T>): T | null => {
    const result = commandResult(sections, name);
    if (!result.ok) {
      errors.push(failureError(result.error));
      return null;
    }
    const { output, exitCode } = result.value;
    if (exitCode !== 0) {
      const told = aptErrors(output).filter((error) => error.severity === 'error');
      // A step without a reason of its own (its messages went elsewhere) fails for the reason that another one told.
      const isExplained = told.length > 0 || errors.some((error) => error.severity === 'error');
      errors.push(...(isExplained ? told : [unexplained(name, exitCode)]));
      return null;
    }
    return keep(parse(output), errors);
  };

  const architecture = keyedLines(sections.get('ids') ?? '').get('architecture')?.[0] ?? null;
  if (architecture === null) {
    errors.push(failureError({ kind: 'output_unparseable', message: 'dpkg does not tell the architecture' }));
  }
  // A failing check explains best what ails the simulations, so it is read first.
  const check = read('check', () => ({ ok: true, value: true }));
  const full = read('full', parseSimulation);
  const safe = read('safe', parseSimulation);
  const holds = read('holds', parseNames);
  const upgradable = read('upgradable', parseUpgradable);
  const autoremove = read('autoremove', parseSimulation);
  const phasing = commandResult(sections, 'policy');
  if (!phasing.ok) errors.push(failureError(phasing.error));
  const brokenSection = requireSection(sections, 'broken');
  const broken = keep(
    brokenSection.ok ? parseBroken(brokenSection.value, architecture ?? '') : brokenSection,
    errors,
  );

  if (!full || !safe || !holds || !upgradable || !autoremove || !broken) return null;
  if (!phasing.ok || architecture === null || check === null) return null;
  return {
    nativeArch: architecture,
    full,
    safe,
    upgradable,
    holds,
    broken,
    keptBack: keptBack({
      upgradable,
      full,
      safe,
      holds,
      phasing: parsePhasing(phasing.value.output),
      nativeArch: architecture,
    }),
    autoremove,
    ...readSizes(sections, full, safe),
  };
}

/** Sizes only add to the picture: a plan whose sizes are not told is still a plan, and then none are shown. */
function readSizes(
  sections: Sections,
  full: Simulation,
  safe: Simulation,
): Pick<AptFacts, 'sizes' | 'safeDownloadBytes'> {
  const unknown = { sizes: null, safeDownloadBytes: null };
  const result = commandResult(sections, 'uris');
  if (!result.ok || result.value.exitCode !== 0) return unknown;
  const { output } = result.value;
  const installs = full.steps.some((step) => step.operation === 'install');
  if (installs && output.trim() === '') return unknown;
  const sizes = parseSizes(output);
  if (!sizes.ok) return unknown;
  return { sizes: sizes.value, safeDownloadBytes: safeDownloadBytes(output, full.packages, safe.packages) };
}

/** Lines `FILE PID COMMAND` of the section `locks`. */
export function parseLocks(text: string): HeldLock[] {
  return text.split('\n').flatMap((line) => {
    const match = /^(\/\S+) (\d+)(?: (.*))?$/.exec(line);
    if (!match) return [];
    return [{ file: match[1] ?? '', pid: Number(match[2]), command: match[3]?.trim() || null }];
  });
}

function keep<T>(result: Parsed<T>, errors: SnapshotError[]): T | null {
  if (result.ok) return result.value;
  errors.push(failureError(result.error));
  return null;
}

function unexplained(section: string, exitCode: number): SnapshotError {
  return {
    source: 'apt',
    kind: 'unknown',
    severity: 'error',
    message: `The step ${section} ended with status ${exitCode} and gave no reason`,
    data: { section, exitCode },
  };
}
