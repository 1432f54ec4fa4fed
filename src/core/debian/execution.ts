import type { ErrorKind } from '../../shared/domain/errors.ts';
import type { AptExecution } from '../../shared/domain/execution-result.ts';
import { reduceLog } from '../../shared/domain/reduction.ts';
import { planLines, planText } from '../../shared/domain/plan.ts';
import type { AptPackage, RebootEvidence, SnapshotError } from '../../shared/domain/snapshot.ts';
import type { ApplyVerdict } from '../../shared/domain/unions.ts';
import { aptErrors } from './apt-errors.ts';
import { brokenPackages, diffDpkgStates, parseDpkgState, type DpkgState } from './dpkg-state.ts';
import { explain, judge, unchanged, withOrigins } from './judgement.ts';
import { identifyMachine } from './machine-kind.ts';
import type { Parsed } from './parsed.ts';
import { rebootEvidence } from './reboot.ts';
import { parseSections, type Sections } from './sections.ts';
import { parseSimulation } from './simulation.ts';
import type { StatusEvent } from './status-fd.ts';
import { printedName } from './upgradable.ts';

/** Exit statuses of the change scripts besides APT's own (which are 0 and 100). */
export const changeExitCodes = {
  planChanged: 81,
  repairWouldRemove: 82,
  repairFailed: 83,
  planUnavailable: 84,
  runDirectoryUnusable: 85,
  conffilesEdited: 86,
} as const;

const simulatedStep = /^(Inst|Conf|Remv|Purg) /;

export interface AptRun {
  /** The approved plan. */
  readonly planned: readonly AptPackage[];
  /** Names on hold, as the snapshot had them. */
  readonly held?: readonly string[];
  readonly planHash?: string;
  /** False: the action has no plan, so nothing is judged. Default true. */
  readonly isPlanBound?: boolean;
  /** The files that the script left; null where the run left none. */
  readonly before: string | null;
  readonly after: string | null;
  readonly evidence: string | null;
  /** The last simulation, where the run stopped because of it. */
  readonly simulation?: string | null;
  /** Lower-case hexadecimal SHA-256 of a text in UTF-8. */
  readonly sha256?: (text: string) => string;
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
  const framed = parseSections(run.evidence ?? '', run.nonce);
  const evidence = framed.ok ? readEvidence(framed.value) : null;
  const planChanged = run.exitCode === changeExitCodes.planChanged;
  errors.push(...runErrors(run), ...(after ? brokenErrors(after, run) : []));

  const applied = before && after ? diffDpkgStates(before, after) : [];
  // A run that stopped before applying has nothing to be judged by.
  const stoppedBefore = run.exitCode !== null && ownExits[run.exitCode] !== undefined;
  const isJudged = run.isPlanBound !== false && !stoppedBefore;
  const judged =
    before && after && isJudged
      ? explain(judge(run.planned, applied, before), {
          after,
          nonce: run.nonce,
          output: run.output,
          exitCode: run.exitCode,
          events: run.events,
          history: framed.ok ? (framed.value.get('history') ?? '') : '',
        })
      : null;
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
    ...(planChanged ? changedPlan(run) : {}),
    ...freed(run),
  };
  return {
    apt,
    status: statusOf(run, judged?.verdict, unique),
    // Of a plan that was not applied, the simulated steps are no news: the changed plan says them.
    importantLogLines: reduceLog(run.output, 'apt').filter(
      (line) => !planChanged || !simulatedStep.test(line),
    ),
  };
}

function statusOf(
  run: AptRun,
  verdict: ApplyVerdict | undefined,
  errors: readonly SnapshotError[],
): AptRunResult['status'] {
  if (run.exitCode !== 0 || errors.some((error) => error.severity === 'error')) return 'error';
  if (run.isPlanBound === false) return errors.length === 0 ? 'ok' : 'warning';
  if (verdict === undefined) return 'error';
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

/** What the machine would do now: from its own simulation where that is whole, else only the canonical lines. */
function changedPlan(run: AptRun): Partial<AptExecution> {
  const lines = run.events.flatMap((event) => (event.kind === 'plan_line' ? [event.line] : []));
  const simulation = parseSimulation(run.simulation ?? '');
  const packages = simulation.ok ? [...simulation.value.packages] : null;
  if (!packages || !run.sha256 || planLines(packages).join('\n') !== lines.join('\n')) {
    return { changedPlan: lines };
  }
  return {
    changedPlan: lines,
    changedPackages: packages,
    changedPlanHash: run.sha256(planText(packages)),
  };
}

function freed(run: AptRun): Partial<AptExecution> {
  const told = run.events.find((event) => event.kind === 'freed');
  return told ? { bytesFreed: told.bytes } : {};
}

function readEvidence(value: Sections): RebootEvidence {
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
  [changeExitCodes.conffilesEdited]: [
    'apt_conffile_prompt',
    'Edited configuration files wait for a decision; nothing was applied',
  ],
};

function runErrors(run: AptRun): SnapshotError[] {
  const log = aptErrors(run.output);
  const errors = [...log, ...streamErrors(run.events)];
  // A repair or a cleaning that ended well has dealt with what its log told.
  if (run.exitCode === 0 && run.isPlanBound === false) return [];
  // Repositories that failed earlier do not make a run that ended well a failure.
  const told = run.exitCode === 0 ? errors.map((e) => ({ ...e, severity: 'warning' as const })) : errors;
  if (run.exitCode === null) {
    return [...told, error('execution_interrupted', 'The run was interrupted and left no exit status')];
  }
  const own = ownExits[run.exitCode];
  if (own) {
    const [kind, message] = own;
    const ownError = { ...error(kind, message), ...ownData(run) };
    // Lines of a repair that succeeded are no errors of a run that stopped for its plan.
    if (stopsWithOwnReason.has(run.exitCode)) return [ownError];
    return errors.some((e) => e.severity === 'error') ? told : [...told, ownError];
  }
  const isExplained = run.exitCode === 0 || errors.some((e) => e.severity === 'error');
  return isExplained
    ? told
    : [...told, error('unknown', `The run ended with status ${run.exitCode} and gave no reason`)];
}

const stopsWithOwnReason = new Set<number>([
  changeExitCodes.planChanged,
  changeExitCodes.repairWouldRemove,
  changeExitCodes.conffilesEdited,
]);

/** What makes the script's own reason to stop exact. */
function ownData(run: AptRun): Pick<SnapshotError, 'data'> {
  if (run.exitCode === changeExitCodes.conffilesEdited) {
    const files = run.events.flatMap((event) =>
      event.kind === 'edited_conffile' ? [{ package: event.package, path: event.path }] : [],
    );
    return { data: { files, packages: [...new Set(files.map((file) => file.package))] } };
  }
  if (run.exitCode === changeExitCodes.repairWouldRemove) {
    const removes = [...run.output.matchAll(/^(?:Remv|Purg) (\S+)/gm)].map((match) => match[1] ?? '');
    return { data: { removes: [...new Set(removes)] } };
  }
  return {};
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
