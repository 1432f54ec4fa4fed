const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** How close points may stand at an age; older than the last are gone. At most about a thousand points a machine. */
const steps = [
  { untilMs: DAY_MS, apartMs: 5 * MINUTE_MS },
  { untilMs: 14 * DAY_MS, apartMs: HOUR_MS },
  { untilMs: 365 * DAY_MS, apartMs: DAY_MS },
] as const;

/**
 * Which points of a history are too many: of those within one slot of their age the newest stays. Slots lie fixed in time, so
 * that asking often drops no more than asking once. The newest of all always stays.
 */
export function pointsToDrop(isoTimes: readonly string[], nowMs: number): string[] {
  const newestFirst = [...isoTimes].sort().reverse();
  const taken = new Set<string>();
  return newestFirst.filter((iso, position) => {
    const timeMs = Date.parse(iso);
    const ageMs = nowMs - timeMs;
    const step = steps.find(({ untilMs }) => ageMs < untilMs);
    if (step === undefined) return position > 0;
    const slot = `${step.apartMs} ${Math.floor(timeMs / step.apartMs)}`;
    if (taken.has(slot)) return true;
    taken.add(slot);
    return false;
  });
}
