import type {
  AptChange,
  Explanation,
  ExtraChange,
  MissingPackage,
} from '../../shared/domain/execution-result.ts';
import { cleanLogLine } from '../../shared/domain/reduction.ts';
import type { AptPackage } from '../../shared/domain/snapshot.ts';
import type { ApplyVerdict } from '../../shared/domain/unions.ts';
import { brokenPackages, isPresent, type DpkgState } from './dpkg-state.ts';
import { parseHistoryLog, type HistoryEntry } from './history-log.ts';
import type { StatusEvent } from './status-fd.ts';
import { printedName } from './upgradable.ts';

export interface Judgement {
  readonly verdict: ApplyVerdict;
  readonly extra: readonly ExtraChange[];
  readonly missing: readonly MissingPackage[];
}

/** Compares the plan with what dpkg's lists say; the architecture of a package may change between `all` and the native one. */
export function judge(
  planned: readonly AptPackage[],
  applied: readonly AptChange[],
  before: DpkgState,
): Judgement {
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

/** What tells why planned and applied differ. */
export interface Circumstances {
  readonly after: DpkgState;
  /** What the run's commands carry as `Homeport::Run`. */
  readonly nonce: string;
  /** The run's log, or its end. */
  readonly output: string;
  /** Null: the run was interrupted. */
  readonly exitCode: number | null;
  readonly events: readonly StatusEvent[];
  /** What APT's history.log has gained since the run began. */
  readonly history: string;
}

/** Gives each package that differs from the plan the reason that the evidence holds. */
export function explain(judgement: Judgement, run: Circumstances): Judgement {
  if (judgement.verdict === 'exact') return judgement;
  const parsed = parseHistoryLog(run.history);
  const others = (parsed.ok ? parsed.value : []).filter(
    (entry) => entry.commandLine?.includes(`Homeport::Run=${run.nonce} `) !== true,
  );
  return {
    verdict: judgement.verdict,
    extra: judgement.extra.map((change) => ({ ...change, explanation: whyExtra(change, run, others) })),
    missing: judgement.missing.map((item) => ({ ...item, explanation: whyMissing(item, run, others) })),
  };
}

function whyExtra(change: AptChange, run: Circumstances, others: readonly HistoryEntry[]): Explanation {
  const by = culprit(change.name, others);
  if (by !== null) return { code: 'changed_meanwhile', by };
  const ofRun = touchedByRun(change.name, run);
  // Nobody told APT's history (dpkg alone, say), and our own log knows nothing of it.
  if (!ofRun) return { code: 'changed_meanwhile' };
  return { code: ofRun };
}

function whyMissing(item: AptPackage, run: Circumstances, others: readonly HistoryEntry[]): Explanation {
  const printed = printedName(item.name, item.arch, run.after.nativeArch);
  const now = run.after.packages.get(printed);
  if (hasFailed(item.name, printed, run)) return { code: 'failed_script' };
  if (now?.state.startsWith('h') === true && now.version === item.currentVersion) return { code: 'held' };
  const by = culprit(item.name, others);
  if (by !== null) return { code: 'changed_meanwhile', by };
  const version = now && isPresent(now) ? now.version : null;
  if (version !== item.currentVersion) {
    // Our own run brought another version than the planned one: nobody else touched the package.
    return { code: touchedByRun(item.name, run) ?? 'changed_meanwhile' };
  }
  if (run.exitCode === null) return { code: 'interrupted' };
  return { code: run.exitCode === 0 ? 'unknown' : 'run_failed' };
}

function culprit(name: string, others: readonly HistoryEntry[]): string | null {
  const entry = others.find((other) => other.changes.some((change) => change.name === name));
  if (!entry) return null;
  const user = entry.requestedBy ? ` (${entry.requestedBy.user})` : '';
  return cleanLogLine(`${entry.commandLine ?? 'APT'}${user}`).slice(0, 500);
}

/** Whether dpkg's lines in our own log name the package: in a repair, or in the upgrade itself. */
function touchedByRun(name: string, run: Circumstances): 'repair' | 'dependency_of' | null {
  const verb = /^(?:Unpacking|Setting up|Removing|Purging configuration files for) ([^\s:]+)(?::\S+)? \(/;
  // The simulation's lines stand between the repair and the upgrade.
  let isUpgrade = false;
  let found: 'repair' | 'dependency_of' | null = null;
  for (const raw of run.output.split('\n')) {
    const line = cleanLogLine(raw);
    if (/^(?:Inst|Conf|Remv) /.test(line)) isUpgrade = true;
    if (verb.exec(line)?.[1] === name) found = isUpgrade ? 'dependency_of' : 'repair';
  }
  return found;
}

function hasFailed(name: string, printed: string, run: Circumstances): boolean {
  if (brokenPackages(run.after).some((item) => item.name === name)) return true;
  if (run.events.some((event) => event.kind === 'package_error' && event.package === printed)) return true;
  const failed = /dpkg: error processing (?:package|archive) (\S+) \(/g;
  return [...run.output.matchAll(failed)].some((match) => {
    const subject = match[1] ?? '';
    const base = (subject.split('/').at(-1) ?? '').replace(/^\d+-/, '');
    return base === name || base === printed || base.startsWith(`${name}_`);
  });
}

export function withOrigins(applied: readonly AptChange[], planned: readonly AptPackage[]): AptChange[] {
  const origins = new Map(planned.map((item) => [`${item.name} ${item.targetVersion}`, item.origin]));
  return applied.map((change) => ({
    ...change,
    origin: origins.get(`${change.name} ${change.toVersion ?? ''}`) ?? null,
  }));
}

/** Planned packages that stayed as they were. */
export function unchanged(missing: readonly AptPackage[], after: DpkgState): AptChange[] {
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
