/** A host gets so long to begin what it was handed before it is asked. */
const AFTER_DUE_MS = 20_000;
/** After a link that was lost in the midst of arming or taking back: it may be up again. */
const SOON_MS = 10_000;
const MINUTE_MS = 60_000;
/** Minutes between two questions to a host that could not be asked, or whose run could not be collected; then the last again. */
const PAUSES = [1, 2, 5, 10, 30, 60, 120, 240, 480, 720] as const;

const later = (from: Date, ms: number): string => new Date(from.getTime() + ms).toISOString();

/** When a host is asked first what became of work that is due at this moment. */
export const askAfterDue = (dueAt: string): string => later(new Date(dueAt), AFTER_DUE_MS);

/** When a host is asked whether it has what nobody confirmed. */
export const askSoon = (now: Date): string => later(now, SOON_MS);

/** When it is asked again. @param asks how often it was asked so far, this time included */
export const askAgainAt = (now: Date, asks: number): string =>
  later(now, (PAUSES[Math.min(asks, PAUSES.length) - 1] ?? 1) * MINUTE_MS);
