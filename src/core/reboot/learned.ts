import type { RebootOutcome } from '../../shared/domain/unions.ts';

/** One earlier verified reboot of a machine. */
export interface EarlierReboot {
  readonly status: RebootOutcome;
  readonly waitedSeconds: number;
  /** Known only where the whole outage was watched. */
  readonly lastRebootDurationSeconds?: number | undefined;
}

export const defaultWaitSeconds = 600;
const shortestWaitSeconds = 60;
const longestWaitSeconds = 1_800;

/**
 * How long to wait for a machine, from its last reboots (newest first, at most five count): half as long again as the
 * longest and 30 s, between one and thirty minutes. One that had not come back in time took at least as long as was waited.
 */
export function recommendedWaitSeconds(earlier: readonly EarlierReboot[]): number {
  const durations = knownDurations(earlier);
  if (durations.length === 0) return defaultWaitSeconds;
  const wanted = Math.round(Math.max(...durations) * 1.5 + 30);
  return Math.min(longestWaitSeconds, Math.max(shortestWaitSeconds, wanted));
}

/** How long the machine is likely to take: the median of its last reboots, or null where none is known. */
export function expectedSeconds(earlier: readonly EarlierReboot[]): number | null {
  const known = earlier
    .slice(0, 5)
    .flatMap(({ lastRebootDurationSeconds }) => lastRebootDurationSeconds ?? [])
    .sort((a, b) => a - b);
  return known[Math.floor((known.length - 1) / 2)] ?? null;
}

function knownDurations(earlier: readonly EarlierReboot[]): number[] {
  return earlier.slice(0, 5).flatMap(({ status, waitedSeconds, lastRebootDurationSeconds }) => {
    if (lastRebootDurationSeconds !== undefined) return [lastRebootDurationSeconds];
    return status === 'machine_did_not_return' || status === 'timeout' ? [waitedSeconds] : [];
  });
}
