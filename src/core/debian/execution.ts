import type { ErrorKind } from '../../shared/domain/errors.ts';
import type { AptChange, AptExecution } from '../../shared/domain/execution-result.ts';
import { reduceLog } from '../../shared/domain/reduction.ts';
import type { AptPackage, RebootEvidence, SnapshotError } from '../../shared/domain/snapshot.ts';
import type { ApplyVerdict } from '../../shared/domain/unions.ts';
import { aptErrors } from './apt-errors.ts';
import { brokenPackages, diffDpkgStates, isPresent, parseDpkgState, type DpkgState } from './dpkg-state.ts';
import { identifyMachine } from './machine-kind.ts';
import type { Parsed } from './parsed.ts';
import { rebootEvidence } from './reboot.ts';
import { parseSections } from './sections.ts';
import type { StatusEvent } from './status-fd.ts';
import { printedName } from './upgradable.ts';

/** Exit statuses of the change scripts besides APT's own (which are 0 and 100). */
export const changeExitCodes = {
  planChanged: 81,
  repairWouldRemove: 82,
  repairFailed: 83,
  planUnavailable: 84,
  runDirectoryUnusable: 85,
} as const;

export interface AptRun {
  /** The approved plan. */
  readonly planned: readonly AptPackage[];
  /** Names on hold, as the snapshot had them. */
  readonly held?: readonly string[];
  readonly planHash?: string;
  /** The files that the script left; null where the run left none. */
  readonly before: string | null;
  readonly after: string | null;
  readonly evidence: string | null;
  readonly nonce: string;
  /** The log, or its end; the script's own lines and APT's, in the C locale. */
  readonly output: string;
  /** Null: the run was interrupted and left no status. */
  readonly exitCode: number | null;
  readonly events: readonly StatusEvent[];
}

export interface AptRunResult {
  readonly apt: AptExecution;
  readonly status: 'ok' | 'warning' | 'error';
  readonly importantLogLines: readonly string[];
}

/**
 * What a change really did: planned against dpkg's own lists before and after, with the errors of the log, the status
 * stream and the final state. Without two whole lists there is no verdict, and the result is an error.
 */
export function assembleAptRun(run: AptRun): AptRunResult {
  const errors: SnapshotError[] = [];
  const before = readState(run.before, 'before', errors);
  const after = readState(run.after, 'after', errors);
  const evidence = readEvidence(run);
  const planChanged = run.exitCode === changeExitCodes.planChanged;
  errors.push(...runErrors(run), ...(after ? brokenErrors(after, run) : []));

  const applied = before && after ? diffDpkgStates(before, after) : [];
  // A run that stopped before applying has nothing to be judged by.
  const stoppedBefore = run.exitCode !== null && ownExits[run.exitCode] !== undefined;
  const judged = before && after && !stoppedBefore ? judge(run.planned, applied, before) : null;
  const required = evidence?.required === true;
  const unique = dedupe(errors);
  const native = after?.nativeArch ?? before?.nativeArch ?? '';
  const named = (operation: string): string[] =>
    applied.filter((c) => c.operation === operation).map((c) => printedName(c.name, c.arch, native));
  const apt: AptExecution = {
    planned: [...run.planned],
    applied: [
      ...withOrigins(applied, run.planned),
      ...(judged && after ? unchanged(judged.missing, after) : []),
    ],
    installed: named('installed'),
    removed: named('removed'),
    held: [...(run.held ?? [])],
    ...(unique.length > 0 ? { errors: unique } : {}),
    rebootRequiredAfterRun: required,
    ...(judged ? { verdict: judged.verdict, extra: [...judged.extra], missing: [...judged.missing] } : {}),
    ...(evidence ? { rebootEvidence: evidence } : {}),
    ...(run.planHash === undefined ? {} : { planHash: run.planHash }),
    ...(planChanged
      ? { changedPlan: run.events.flatMap((event) => (event.kind === 'plan_line' ? [event.line] : [])) }
      : {}),
  };
  return {
    apt,
    status: statusOf(run, judged?.verdict, unique),
    importantLogLines: reduceLog(run.output, 'apt'),
  };
}

function statusOf(
  run: AptRun,
  verdict: ApplyVerdict | undefined,
  errors: readonly SnapshotError[],
): AptRunResult['status'] {
  if (run.exitCode !== 0 || verdict === undefined) return 'error';
  if (errors.some((error) => error.severity === 'error')) return 'error';
  return verdict === 'exact' && errors.length === 0 ? 'ok' : 'warning';
}

function readState(text: string | null, which: string, errors: SnapshotError[]): DpkgState | null {
  const state: Parsed<DpkgState> =
    text === null
      ? {
          ok: false,
          error: { kind: 'output_unparseable', message: `The package list ${which} the run is missing` },
        }
      : parseDpkgState(text);
  if (state.ok) return state.value;
  const { kind, message } = state.error;
  errors.push({ source: 'apt', kind, severity: 'error', message, data: { list: which } });
  return null;
}

function readEvidence(run: AptRun): RebootEvidence | null {
  const sections = parseSections(run.evidence ?? '', run.nonce);
  if (!sections.ok) return null;
  const { value } = sections;
  const machine = identifyMachine(value.get('virt') ?? '', value.get('platform') ?? '');
  return rebootEvidence(value.get('reboot') ?? '', value.get('kernel') ?? '', machine.isContainer);
}

const ownExits: Readonly<Record<number, readonly [ErrorKind, string]>> = {
  [changeExitCodes.planChanged]: [
    'apt_plan_changed',
    'The machine would now do something else; nothing was applied',
  ],
  [changeExitCodes.repairWouldRemove]: [
    'apt_unmet_dependencies',
    'Mending the dependencies would remove packages; nothing was applied',
  ],
  [changeExitCodes.repairFailed]: [
    'apt_unmet_dependencies',
    'The packages could not be repaired; nothing was applied',
  ],
  [changeExitCodes.planUnavailable]: ['unknown', 'The plan could not be simulated; nothing was applied'],
  [changeExitCodes.runDirectoryUnusable]: [
    'disk_full',
    'The run could not write its files; nothing was applied',
  ],
};

function runErrors(run: AptRun): SnapshotError[] {
  const log = aptErrors(run.output);
  const errors = [...log, ...streamErrors(run.events)];
  // Repositories that failed earlier do not make a run that ended well a failure.
  const told = run.exitCode === 0 ? errors.map((e) => ({ ...e, severity: 'warning' as const })) : errors;
  if (run.exitCode === null) {
    return [...told, error('execution_interrupted', 'The run was interrupted and left no exit status')];
  }
  const own = ownExits[run.exitCode];
  if (own) {
    const [kind, message] = own;
    const isExplained =
      run.exitCode !== changeExitCodes.planChanged && errors.some((e) => e.severity === 'error');
    // Lines of a repair that succeeded are no errors of a run that stopped for its plan.
    return run.exitCode === changeExitCodes.planChanged
      ? [error(kind, message)]
      : isExplained
        ? told
        : [...told, error(kind, message)];
  }
  const isExplained = run.exitCode === 0 || errors.some((e) => e.severity === 'error');
  return isExplained
    ? told
    : [...told, error('unknown', `The run ended with status ${run.exitCode} and gave no reason`)];
}

/** `pmerror` names the package even when the log is cut off. */
function streamErrors(events: readonly StatusEvent[]): SnapshotError[] {
  return events.flatMap((event) => {
    if (event.kind !== 'package_error') return [];
    const kind: ErrorKind = event.text.includes('conffile prompt')
      ? 'apt_conffile_prompt'
      : event.text.includes('No space left on device')
        ? 'apt_disk_full'
        : 'apt_package_failed';
    return [{ ...error(kind, `${event.package}: ${event.text}`), data: { package: event.package } }];
  });
}

function brokenErrors(after: DpkgState, run: AptRun): SnapshotError[] {
  return brokenPackages(after).map((item) => {
    const name = printedName(item.name, item.arch, after.nativeArch);
    const message = `${name} ${item.version} is not wholly installed (${item.state.trim()})`;
    return {
      ...error(
        'apt_package_failed',
        message,
        run.exitCode === changeExitCodes.planChanged ? 'warning' : 'error',
      ),
      data: { package: name, version: item.version, state: item.state.trim() },
    };
  });
}

function error(
  kind: ErrorKind,
  message: string,
  severity: SnapshotError['severity'] = 'error',
): SnapshotError {
  return { source: 'apt', kind, severity, message };
}

/** One failure told by log, stream and state is told once: by its kind and package. */
function dedupe(errors: readonly SnapshotError[]): SnapshotError[] {
  const unique = new Map<string, SnapshotError>();
  for (const item of errors) {
    const subject = item.data?.package;
    const key = typeof subject === 'string' ? `package ${subject}` : `${item.kind} ${item.message}`;
    const known = unique.get(key);
    if (!known) unique.set(key, item);
    else if (known.severity === 'warning' && item.severity === 'error')
      unique.set(key, { ...known, severity: 'error' });
  }
  return [...unique.values()];
}

interface Judgement {
  readonly verdict: ApplyVerdict;
  readonly extra: readonly AptChange[];
  readonly missing: readonly AptPackage[];
}

/** Compares the plan with what dpkg's lists say; the architecture of a package may change between `all` and the native one. */
function judge(planned: readonly AptPackage[], applied: readonly AptChange[], before: DpkgState): Judgement {
  const key = (name: string, arch: string | undefined, to: string | null): string =>
    `${printedName(name, arch, before.nativeArch)} ${to ?? '-'}`;
  const wanted = new Map<string, AptPackage>();
  for (const item of planned) {
    if (item.operation === 'hold') continue;
    wanted.set(key(item.name, item.arch, item.operation === 'remove' ? null : item.targetVersion), item);
  }
  const extra: AptChange[] = [];
  for (const change of applied) {
    const match = key(change.name, change.arch, change.toVersion);
    if (!wanted.delete(match)) extra.push(change);
  }
  const missing = [...wanted.values()];
  return { verdict: extra.length > 0 ? 'extra' : missing.length > 0 ? 'missing' : 'exact', extra, missing };
}

function withOrigins(applied: readonly AptChange[], planned: readonly AptPackage[]): AptChange[] {
  const origins = new Map(planned.map((item) => [`${item.name} ${item.targetVersion}`, item.origin]));
  return applied.map((change) => ({
    ...change,
    origin: origins.get(`${change.name} ${change.toVersion ?? ''}`) ?? null,
  }));
}

/** Planned packages that stayed as they were. */
function unchanged(missing: readonly AptPackage[], after: DpkgState): AptChange[] {
  return missing.map((item) => {
    const now = after.packages.get(printedName(item.name, item.arch, after.nativeArch));
    const version = now && isPresent(now) ? now.version : null;
    return {
      name: item.name,
      ...(item.arch === undefined ? {} : { arch: item.arch }),
      fromVersion: version,
      toVersion: version,
      operation: 'unchanged',
      origin: item.origin,
    };
  });
}
