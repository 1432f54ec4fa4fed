import { parseLocks } from '../debian/apt-facts.ts';
import {
  culpritOf,
  readHistory,
  shownCommandLine,
  type HistoryReading,
  type HistoryRun,
} from '../debian/foreign-history.ts';
import type { HistoryChange } from '../debian/history-log.ts';
import { parseSections } from '../debian/sections.ts';
import type { CoreContext } from '../context.ts';
import { recordEvent } from '../events/index.ts';
import { ownsRun } from '../executions/index.ts';
import { sha256Hex } from '../templates/sha256.ts';
import * as store from './store.ts';

export { historyMark } from './store.ts';

/** Packages named in one event; the counts are of all. */
const PACKAGES_LIMIT = 50;

/** Between two steps of one unattended upgrade nothing happens but the next simulation. */
const STEP_GAP_MS = 5 * 60_000;

/**
 * Tells the timeline what others did with APT on a machine since we last looked, each run once and at its own time; runs of
 * ours are only marked as seen. `output` is that of an analysis; without readable history in it nothing happens.
 */
export function recordForeignRuns(
  context: CoreContext,
  machineId: string,
  output: string,
  nonce: string,
): number {
  const sections = parseSections(output, nonce);
  if (!sections.ok) return 0;
  const isBusy = parseLocks(sections.value.get('locks') ?? '').some(({ file }) => file.includes('/dpkg/'));
  const reading = readHistory(sections.value, isBusy);
  if (!reading) return 0;
  return context.database.relaxedTx(() => {
    const fresh = reading.runs.filter((run) => {
      const isNew = store.markSeen(context, machineId, sha256Hex(run.identity), run.entry.startedAt);
      return isNew && !isOurs(context, machineId, run);
    });
    const told = joinSteps(fresh);
    for (const steps of told) tell(context, machineId, steps, reading);
    for (const stanza of reading.unreadable) {
      if (!store.markSeen(context, machineId, sha256Hex(stanza), '')) continue;
      recordEvent(context, {
        machineId,
        eventType: 'apt.history_unreadable',
        severity: 'warning',
        actorType: 'system',
        message: "An entry of the machine's APT history cannot be read.",
        data: { text: stanza.slice(0, 300) },
      });
    }
    if (reading.mark !== null) store.saveMark(context, machineId, reading.mark);
    return told.length;
  });
}

type Steps = readonly [HistoryRun, ...HistoryRun[]];

/**
 * unattended-upgrades upgrades in minimal steps (Unattended-Upgrade::MinimalSteps, on by default), each a stanza of its own.
 * Those of one go are one event: same command, and each begins soon after the one before it has ended.
 */
function joinSteps(runs: readonly HistoryRun[]): Steps[] {
  const joined: [HistoryRun, ...HistoryRun[]][] = [];
  for (const run of runs) {
    const group = joined.at(-1);
    const before = group?.at(-1);
    if (group && before && isNextStep(before, run)) group.push(run);
    else joined.push([run]);
  }
  return joined;
}

function isNextStep(before: HistoryRun, run: HistoryRun): boolean {
  const isUnattended = [before, run].every((one) => culpritOf(one).who === 'unattended_upgrades');
  if (!isUnattended || before.entry.commandLine !== run.entry.commandLine) return false;
  if (before.entry.endedAt === null) return false;
  const gapMs = Date.parse(`${run.entry.startedAt}Z`) - Date.parse(`${before.entry.endedAt}Z`);
  return gapMs >= 0 && gapMs <= STEP_GAP_MS;
}

function isOurs(context: CoreContext, machineId: string, { homeportRun }: HistoryRun): boolean {
  return homeportRun !== null && ownsRun(context, machineId, homeportRun);
}

function tell(context: CoreContext, machineId: string, steps: Steps, reading: HistoryReading): void {
  const [first] = steps;
  const { who, user, tool } = culpritOf(first);
  const changes = steps.flatMap(({ entry }) => entry.changes);
  const error = steps.find(({ entry }) => entry.error !== null)?.entry.error ?? null;
  const isFinished = steps.every(({ entry }) => entry.endedAt !== null);
  const count = (...operations: HistoryChange['operation'][]) =>
    changes.filter(({ operation }) => operations.includes(operation)).length;
  const counts = {
    installed: count('install', 'reinstall'),
    upgraded: count('upgrade', 'downgrade'),
    removed: count('remove', 'purge'),
  };
  recordEvent(context, {
    machineId,
    eventType: 'apt.changed_by_others',
    severity: error === null && isFinished ? 'info' : 'warning',
    actorType: 'system',
    at: momentOf(context, first, reading),
    message:
      `${user ?? tool ?? who} changed packages: ${counts.installed} installed, ${counts.upgraded} upgraded, ` +
      `${counts.removed} removed.`,
    data: {
      who,
      user,
      tool,
      commandLine: shownCommandLine(first.entry.commandLine),
      startedAtLocal: first.entry.startedAt,
      /** False: it was killed, or the machine went down. */
      finished: isFinished,
      error: error?.slice(0, 300) ?? null,
      /** Stanzas of the history that it is made of. */
      steps: steps.length,
      ...counts,
      packages: changes
        .slice(0, PACKAGES_LIMIT)
        .map(({ name, fromVersion, toVersion, operation }) => ({ name, fromVersion, toVersion, operation })),
      packagesLeftOut: Math.max(0, changes.length - PACKAGES_LIMIT),
    },
  });
}

/** By our clock: what the machine's is ahead or behind is taken out. Never later than now, whatever its clock says. */
function momentOf(context: CoreContext, run: HistoryRun, { nowSeconds }: HistoryReading): string {
  const now = context.now().getTime();
  if (run.startedAtSeconds === null) return new Date(now).toISOString();
  const aheadMs = nowSeconds === null ? 0 : nowSeconds * 1000 - now;
  const at = run.startedAtSeconds * 1000 - aheadMs;
  // Before 2000 a clock was not set; such a time says nothing.
  return new Date(at > now || at < Date.UTC(2000) ? now : at).toISOString();
}
