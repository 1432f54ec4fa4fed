/** The current time; a test gives its own. */
export type Now = () => Date;

/** ISO 8601 in UTC with milliseconds, the form of every date in the database. */
export function isoNow(now: Now): string {
  return now().toISOString();
}
