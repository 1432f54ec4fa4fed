import type { HardwareWarning, MachineProbe, ProbeFilesystem } from '../../shared/domain/probe.ts';
import { diskWarningCodes } from '../../shared/domain/probe.ts';
import type { HostFacts } from '../../shared/domain/snapshot.ts';
import type { MachineKind } from '../../shared/domain/unions.ts';
import type { CoreContext } from '../context.ts';
import { isForeignMount } from '../debian/probe-storage.ts';
import { recordEvent } from '../events/index.ts';
import { patchState, type StatePatch } from '../fleet/index.ts';
import { pointsToDrop } from './history.ts';
import * as store from './store.ts';
import { settleWarnings, type Observed } from './warnings.ts';

type Ctx = Pick<CoreContext, 'database' | 'now' | 'bus'>;

/** A look at a machine that told how it does: a refresh, or a probe with more. */
export interface Look {
  readonly machineId: string;
  readonly snapshotId: string;
  /** ISO time of the look, by our clock. */
  readonly at: string;
  readonly machineKind: MachineKind | undefined;
  readonly host: HostFacts | undefined;
  readonly probe: MachineProbe | null;
}

const percentUsed = (used: number, total: number): number | null => (total > 0 ? (100 * used) / total : null);

/**
 * Keeps what a look told: the newest metrics, a point of the history, the warnings with their counts on the tile. Call it in
 * the transaction that archives the look. With `quiet` no event is written: nothing happened, it is told again.
 */
export function recordMetrics(context: Ctx, look: Look, options: { quiet?: boolean } = {}): void {
  const { machineId, snapshotId, at } = look;
  const former = store.latestMetrics(context, machineId);
  const observed = observedIn(look, former?.cpuCores ?? null);
  const { load, memory, filesystems, threads } = observed;
  // A look that told nothing of this leaves what was known, with the time at which it was true.
  if (load === null && memory === null && filesystems === null) return;
  const settled = settleWarnings(store.warningsOf(former), observed, at);
  const usedBytes =
    memory === null || memory.availableBytes === null ? null : memory.totalBytes - memory.availableBytes;
  const memoryUsedPercent =
    memory === null || usedBytes === null ? null : percentUsed(usedBytes, memory.totalBytes);
  const root = filesystems?.find(({ mount }) => mount === '/');
  // As df counts it: blocks kept for root are neither used nor available.
  const rootUsedPercent = root ? percentUsed(root.usedBytes, root.usedBytes + root.availableBytes) : null;
  store.putMetrics(context, {
    machineId,
    snapshotId,
    collectedAt: at,
    cpuLoad1: load?.[0] ?? null,
    cpuLoad5: load?.[1] ?? null,
    cpuCores: threads,
    memoryTotalBytes: memory?.totalBytes ?? null,
    memoryUsedBytes: usedBytes,
    memoryAvailableBytes: memory?.availableBytes ?? null,
    memoryUsedPercent,
    filesystemsJson: JSON.stringify(filesystems ?? []),
    rootUsedPercent,
    warningsJson: JSON.stringify(settled.warnings),
  });
  store.addPoint(context, {
    machineId,
    collectedAt: at,
    cpuLoad1: load?.[0] ?? null,
    memoryUsedPercent,
    rootUsedPercent,
  });
  const times = store.pointTimes(context, machineId);
  store.dropPoints(context, machineId, pointsToDrop(times, context.now().getTime()));
  patchState(context, machineId, {
    metricsLastCollectedAt: at,
    cpuLoad1: load?.[0] ?? null,
    memoryUsedPercent,
    rootUsedPercent,
    ...warningColumns(settled.warnings),
  });
  if (options.quiet) return;
  for (const warning of settled.appeared) tell(context, look, 'hardware.warning', warning);
  for (const warning of settled.gone) tell(context, look, 'hardware.recovered', warning);
}

function warningColumns(warnings: readonly HardwareWarning[]): StatePatch {
  const ofDisks = warnings.filter(({ code }) => diskWarningCodes.has(code)).length;
  return {
    diskWarningsCount: ofDisks,
    hardwareWarningsCount: warnings.length - ofDisks,
    hardwareWarningsJson: JSON.stringify(warnings),
  };
}

/** Before the looks of a machine are read again: forgets what they made, and gives back the warnings that were known. */
export function forgetMetrics(context: Ctx, machineId: string): HardwareWarning[] {
  const former = store.warningsOf(store.latestMetrics(context, machineId));
  store.deleteMetrics(context, machineId);
  return former;
}

/** Afterwards: a warning that was known began when it was first seen, also where that look is no longer archived. */
export function keepBeginnings(context: Ctx, machineId: string, former: readonly HardwareWarning[]): void {
  const row = store.latestMetrics(context, machineId);
  if (!row) return;
  const warnings = store.warningsOf(row).map((warning) => {
    const known = former.find(({ code, subject }) => code === warning.code && subject === warning.subject);
    return known && known.since < warning.since ? { ...warning, since: known.since } : warning;
  });
  store.putMetrics(context, { ...row, warningsJson: JSON.stringify(warnings) });
  patchState(context, machineId, warningColumns(warnings));
}

function tell(
  context: Ctx,
  { machineId, snapshotId }: Look,
  eventType: 'hardware.warning' | 'hardware.recovered',
  { since: _, ...warning }: HardwareWarning,
): void {
  recordEvent(context, {
    machineId,
    eventType,
    severity: eventType === 'hardware.warning' ? warning.severity : 'info',
    actorType: 'system',
    snapshotId,
    message:
      `${eventType === 'hardware.warning' ? 'Warning' : 'Over'}: ${warning.code} ${warning.subject ?? ''}`.trim(),
    data: { warning },
  });
}

function observedIn({ host, probe, machineKind }: Look, knownThreads: number | null): Observed {
  return {
    load: host?.load ?? null,
    threads: probe?.processor.threads ?? knownThreads,
    memory:
      probe?.memory ??
      (host?.memoryTotalBytes
        ? { totalBytes: host.memoryTotalBytes, availableBytes: host.memoryAvailableBytes ?? null }
        : null),
    filesystems: probe ? probe.filesystems : refreshed(host?.filesystems),
    isContainer: machineKind === 'lxc',
    probe,
  };
}

/** The file systems of a refresh, which knows neither their types nor their inodes. */
function refreshed(filesystems: HostFacts['filesystems']): ProbeFilesystem[] | null {
  const own = (filesystems ?? []).filter(({ mount, device }) => !isForeignMount(mount, device, null));
  if (own.length === 0) return null;
  return own.map((one) => ({ ...one, type: null, readOnly: null, inodesTotal: null, inodesUsed: null }));
}
