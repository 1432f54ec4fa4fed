import { currentSchemaVersion } from '../../shared/domain/json-contract.ts';
import { planText } from '../../shared/domain/plan.ts';
import { cleanLogLine, reduceLog } from '../../shared/domain/reduction.ts';
import {
  updateSnapshotSchema,
  type AptSnapshot,
  type SnapshotError,
  type UpdateSnapshot,
} from '../../shared/domain/snapshot.ts';
import type { SnapshotStatus } from '../../shared/domain/unions.ts';
import { aptErrors } from './apt-errors.ts';
import { failureError, parseLocks, readAptFacts, type AptFacts, type HeldLock } from './apt-facts.ts';
import { readHost, type Host } from './host-facts.ts';
import { importantMessages, type ImportantMessage } from './messages.ts';
import { parseFilesystems } from './metrics.ts';
import type { OsIdentity } from './os-release.ts';
import { parseNeedrestart, rebootEvidence } from './reboot.ts';
import { settleRebootNeed, type FormerNeed } from './reboot-need.ts';
import { parseReplacedLibraries } from './replaced-libraries.ts';
import { commandResult, keyedLines, parseSections, type Sections } from './sections.ts';
import { printedName } from './upgradable.ts';

export interface AnalysisContext {
  readonly machineId: string;
  /** ISO time of the look, by our clock. */
  readonly checkedAt: string;
  /** The nonce that the script was rendered with. */
  readonly nonce: string;
  /** Lower-case hexadecimal SHA-256 of a text in UTF-8; the parsers themselves import no platform. */
  readonly sha256: (text: string) => string;
  /** What the machine's last look said about a reboot; a need is only given up for a reason. */
  readonly formerNeed?: FormerNeed | null;
  /**
   * The container that the newest look as root found the machine to be; null when it found none, or there was none. Asked
   * only where this look is not one of root.
   */
  readonly rootsContainer?: () => string | null;
}

export interface Analysis {
  readonly snapshot: UpdateSnapshot;
  readonly messages: readonly ImportantMessage[];
}

/**
 * The output of `apt_analyze` or `apt_refresh_analyze` as a snapshot. Never throws on any output. When a section that the
 * counts depend on failed, the snapshot's status is `error`, its reasons stand in `errors`, and no optional count is there:
 * counts are known if and only if `apt.distUpgradeCount` is.
 */
export function analyzeApt(output: string, context: AnalysisContext): Analysis {
  const framed = parseSections(output, context.nonce);
  if (!framed.ok) return { snapshot: blank(context, failureError(framed.error)), messages: [] };
  const sections = framed.value;
  const errors: SnapshotError[] = [];
  const host = readHost(sections, errors, context.rootsContainer);
  tellProxy(sections.get('proxy') ?? '', errors);
  const update = readUpdate(sections, errors);
  const apt = sections.has('noapt')
    ? withoutApt(host.os, errors)
    : readApt(sections, host, update, context, errors);
  const told = ['update', 'full', 'safe'].map((name) => sections.get(name) ?? '').join('\n');
  const unique = dedupe(errors);
  const status = worstStatus(apt, unique);
  const snapshot: UpdateSnapshot = {
    machineId: context.machineId,
    hostname: host.hostname,
    checkedAt: context.checkedAt,
    os: {
      family: host.os.family,
      version: host.os.version,
      ...(host.os.codename === null ? {} : { codename: host.os.codename }),
      ...(host.os.prettyName === null ? {} : { prettyName: host.os.prettyName }),
      ...(host.os.pointRelease === null ? {} : { pointRelease: host.os.pointRelease }),
    },
    status,
    schemaVersion: currentSchemaVersion,
    kind: 'apt_update_analyze',
    machineKind: host.machine.kind,
    apt: { ...apt, status },
    ...(unique.length > 0 ? { errors: unique } : {}),
    rawHints: { logImportantLines: reduceLog(told, 'apt', { maxLines: 200 }) },
    host: host.facts,
  };
  return { snapshot: updateSnapshotSchema.parse(snapshot), messages: importantMessages(told) };
}

/** Whether a snapshot's counts are findings rather than placeholders. */
export function hasAptCounts(snapshot: UpdateSnapshot): boolean {
  return snapshot.apt.distUpgradeCount !== undefined;
}

interface UpdateOutcome {
  readonly attempted: boolean;
  readonly complete: boolean;
}

/** A failed refresh is reported and the analysis goes on with the lists that there are: they may be old, not wrong. */
function readUpdate(sections: Sections, errors: SnapshotError[]): UpdateOutcome {
  if (!sections.has('update')) return { attempted: false, complete: false };
  const result = commandResult(sections, 'update');
  if (!result.ok) {
    errors.push(failureError(result.error));
    return { attempted: true, complete: false };
  }
  const told = aptErrors(result.value.output);
  if (told.length === 0 && result.value.exitCode !== 0) {
    const message = `apt-get update ended with status ${result.value.exitCode}`;
    told.push({ source: 'apt', kind: 'unknown', severity: 'warning', message });
  }
  const blocking = new Set(['apt_disk_full', 'apt_sources_malformed', 'read_only_filesystem']);
  for (const error of told) {
    errors.push(blocking.has(error.kind) ? error : { ...error, severity: 'warning' });
  }
  return { attempted: true, complete: told.length === 0 };
}

/** `W: FILE …`: the proxy could not be set where it was wanted; it is used for this run all the same. */
function tellProxy(text: string, errors: SnapshotError[]): void {
  for (const [, message = '', path = ''] of text.matchAll(/^W: ((\/\S+) .*)$/gm)) {
    errors.push({ source: 'apt', kind: 'conflict', severity: 'warning', message, data: { path } });
  }
}

function withoutApt(os: OsIdentity, errors: SnapshotError[]): AptSnapshot {
  errors.push({
    source: 'apt',
    kind: os.family === 'unknown' ? 'unsupported_os' : 'apt_missing',
    severity: 'error',
    message: 'The machine has no apt-get',
    data: { system: os.prettyName ?? os.version },
  });
  return { enabled: false, count: 0, rebootRequired: false, packages: [] };
}

function readApt(
  sections: Sections,
  host: Host,
  update: UpdateOutcome,
  context: AnalysisContext,
  errors: SnapshotError[],
): AptSnapshot {
  const needrestart = sections.has('needrestart')
    ? parseNeedrestart(sections.get('needrestart') ?? '')
    : null;
  const evidence = settleRebootNeed(
    context.formerNeed ?? null,
    rebootEvidence(
      sections.get('reboot') ?? '',
      sections.get('kernel') ?? '',
      host.machine.isContainer,
      needrestart,
    ),
    { bootId: host.facts.bootId, needrestartKernel: needrestart?.kernel ?? null },
  );
  const replaced = parseReplacedLibraries(sections.get('mapped'));
  const locks = parseLocks(sections.get('locks') ?? '');
  const base = {
    enabled: true,
    rebootRequired: evidence.required === true,
    rebootEvidence: evidence,
    rebootPkgs: [...evidence.packages],
    locks: [...locks],
    ...listsAge(sections, update, context),
    ...(needrestart ? { servicesToRestart: [...needrestart.services] } : {}),
    ...(replaced && !needrestart
      ? { servicesToRestart: [...replaced.services], replacedLibraries: [...replaced.libraries] }
      : {}),
  };
  const facts = readAptFacts(sections, errors);
  tellDpkgTroubles(sections, facts, locks, errors);
  if (!facts) return { ...base, count: 0, packages: [] };

  const packages = [...facts.full.packages];
  const upgradePackages = [...facts.safe.packages];
  const autoremove = [...facts.autoremove.packages];
  const changes = (list: AptSnapshot['packages']): number =>
    list.filter((p) => p.operation !== 'remove').length;
  const named = (operation: string): string[] =>
    packages
      .filter((p) => p.operation === operation)
      .map((p) => printedName(p.name, p.arch, facts.nativeArch));
  const waiting = (reason: string): string[] =>
    facts.keptBack
      .filter((p) => p.reason === reason)
      .map((p) => printedName(p.name, p.arch, facts.nativeArch));
  tellLackOfSpace(sections, facts, errors);
  return {
    ...base,
    count: changes(packages),
    packages,
    upgradeCount: changes(upgradePackages),
    distUpgradeCount: changes(packages),
    installed: named('install'),
    removed: named('remove'),
    held: waiting('held'),
    keptBack: [...facts.keptBack],
    phased: waiting('phased'),
    autoremovable: facts.autoremove.steps.filter(isRemoval).map((step) => step.printedName),
    autoremovePackages: autoremove,
    autoremovePlanHash: context.sha256(planText(autoremove)),
    upgradePackages,
    security: packages.filter((p) => p.severityHint === 'security').length,
    ...(facts.sizes ? { downloadBytes: facts.sizes.downloadBytes } : {}),
    ...(facts.safeDownloadBytes === null ? {} : { upgradeDownloadBytes: facts.safeDownloadBytes }),
    ...(facts.sizes?.diskBytes === null || !facts.sizes ? {} : { diskBytes: facts.sizes.diskBytes }),
    planHash: context.sha256(planText(packages)),
    upgradePlanHash: context.sha256(planText(upgradePackages)),
    pendingRepair: [...facts.full.pendingRepair],
    editedConffiles: parseConffiles(sections.get('conffiles') ?? ''),
  };
}

const isRemoval = ({ operation }: { operation: string }): boolean =>
  operation === 'remove' || operation === 'purge';

/** Lines `PACKAGE FILE`: edited configuration files. */
export function parseConffiles(text: string): { package: string; path: string }[] {
  return text.split('\n').flatMap((line) => {
    const match = /^(\S+) (\/.+)$/.exec(line);
    return match ? [{ package: match[1] ?? '', path: match[2] ?? '' }] : [];
  });
}

/** By the host's clock for the age, by ours for the moment: the two may differ. */
function listsAge(
  sections: Sections,
  update: UpdateOutcome,
  context: AnalysisContext,
): Pick<AptSnapshot, 'listsAgeSeconds' | 'listsUpdatedAt'> {
  const times = keyedLines(sections.get('lists') ?? '');
  const seconds = (key: string): number => Number(times.get(key)?.[0] ?? NaN);
  const latest = Math.max(...['lists', 'success'].map(seconds).filter(Number.isSafeInteger));
  const measured = seconds('now') - latest;
  const age = update.complete ? 0 : Math.max(0, measured);
  if (!Number.isSafeInteger(age)) return {};
  const updatedAt = new Date(Date.parse(context.checkedAt) - age * 1000);
  return { listsAgeSeconds: age, listsUpdatedAt: updatedAt.toISOString() };
}

/** What dpkg's own state says. While another process holds the lock, an unfinished state is that process's work. */
function tellDpkgTroubles(
  sections: Sections,
  facts: AptFacts | null,
  locks: readonly HeldLock[],
  errors: SnapshotError[],
): void {
  const holder = locks.find((lock) => lock.file.startsWith('/var/lib/dpkg/'));
  if (holder) {
    const message = `${holder.command ?? 'A process'} (${holder.pid}) is changing packages`;
    errors.push({ source: 'apt', kind: 'apt_lock_busy', severity: 'info', message, data: { ...holder } });
    return;
  }
  if (/^[0-9]+$/m.test(sections.get('journal') ?? '')) {
    errors.push({
      source: 'apt',
      kind: 'dpkg_interrupted',
      severity: 'error',
      message: 'dpkg was interrupted and has not finished its work',
    });
  }
  for (const item of facts?.broken ?? []) {
    errors.push({
      source: 'apt',
      kind: 'apt_package_failed',
      severity: 'warning',
      message: `${item.printedName} ${item.version} is not wholly installed (${item.state.trim()})`,
      data: { package: item.printedName, version: item.version, state: item.state.trim() },
    });
  }
}

function tellLackOfSpace(sections: Sections, facts: AptFacts, errors: SnapshotError[]): void {
  const needed = facts.sizes?.downloadBytes ?? 0;
  const path = '/var/cache/apt/archives';
  const holding = parseFilesystems(sections.get('space') ?? '')
    .filter((fs) => fs.mount === '/' || path === fs.mount || path.startsWith(`${fs.mount}/`))
    .sort((a, b) => b.mount.length - a.mount.length)[0];
  if (!holding || needed <= holding.availableBytes) return;
  errors.push({
    source: 'apt',
    kind: 'apt_disk_full',
    severity: 'warning',
    message: `The archives need ${needed} bytes, ${holding.mount} has ${holding.availableBytes}`,
    data: { path: holding.mount, neededBytes: needed, availableBytes: holding.availableBytes },
  });
}

function worstStatus(apt: AptSnapshot, errors: readonly SnapshotError[]): SnapshotStatus {
  const isKnown = apt.distUpgradeCount !== undefined;
  if (!isKnown || errors.some((error) => error.severity === 'error')) return 'error';
  const wantsAttention = (apt.removed?.length ?? 0) > 0 || (apt.held?.length ?? 0) > 0;
  if (wantsAttention || errors.some((error) => error.severity === 'warning')) return 'warning';
  return apt.packages.length > 0 ? 'updates_available' : 'ok';
}

/** One matter told by several sections is told once, with its worst severity. */
function dedupe(errors: readonly SnapshotError[]): SnapshotError[] {
  const unique = new Map<string, SnapshotError>();
  for (const error of errors) {
    const cleaned = { ...error, message: cleanLogLine(error.message) };
    const key = `${error.kind} ${cleaned.message}`;
    const known = unique.get(key);
    if (!known || (known.severity !== 'error' && error.severity === 'error')) unique.set(key, cleaned);
  }
  return [...unique.values()];
}

function blank(context: AnalysisContext, error: SnapshotError): UpdateSnapshot {
  return {
    machineId: context.machineId,
    hostname: '',
    checkedAt: context.checkedAt,
    os: { family: 'unknown', version: '' },
    status: 'error',
    schemaVersion: currentSchemaVersion,
    kind: 'apt_update_analyze',
    apt: { enabled: true, count: 0, rebootRequired: false, packages: [], status: 'error' },
    errors: [error],
  };
}
