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
  return context.database.tx(() => {
    let told = 0;
    for (const run of reading.runs) {
      const isNew = store.markSeen(context, machineId, sha256Hex(run.identity), run.entry.startedAt);
      if (!isNew || isOurs(context, machineId, run)) continue;
      tell(context, machineId, run, reading);
      told++;
    }
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
    return told;
  });
}

function isOurs(context: CoreContext, machineId: string, { homeportRun }: HistoryRun): boolean {
  return homeportRun !== null && ownsRun(context, machineId, homeportRun);
}

function tell(context: CoreContext, machineId: string, run: HistoryRun, reading: HistoryReading): void {
  const { entry } = run;
  const { who, user, tool } = culpritOf(run);
  const count = (...operations: HistoryChange['operation'][]) =>
    entry.changes.filter(({ operation }) => operations.includes(operation)).length;
  const counts = {
    installed: count('install', 'reinstall'),
    upgraded: count('upgrade', 'downgrade'),
    removed: count('remove', 'purge'),
  };
  recordEvent(context, {
    machineId,
    eventType: 'apt.changed_by_others',
    severity: entry.error === null && entry.endedAt !== null ? 'info' : 'warning',
    actorType: 'system',
    at: momentOf(context, run, reading),
    message:
      `${user ?? tool ?? who} changed packages: ${counts.installed} installed, ${counts.upgraded} upgraded, ` +
      `${counts.removed} removed.`,
    data: {
      who,
      user,
      tool,
      commandLine: shownCommandLine(entry.commandLine),
      startedAtLocal: entry.startedAt,
      /** False: it was killed, or the machine went down. */
      finished: entry.endedAt !== null,
      error: entry.error?.slice(0, 300) ?? null,
      ...counts,
      packages: entry.changes
        .slice(0, PACKAGES_LIMIT)
        .map(({ name, fromVersion, toVersion, operation }) => ({ name, fromVersion, toVersion, operation })),
      packagesLeftOut: Math.max(0, entry.changes.length - PACKAGES_LIMIT),
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
