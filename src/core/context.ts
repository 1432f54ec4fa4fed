import type { Bus } from './bus.ts';
import type { Database } from './db/open.ts';

/** Where the core writes what only developers read. Never given a secret. */
export interface Log {
  info(message: string, data?: Record<string, unknown>): void;
  error(message: string, data?: Record<string, unknown>): void;
}

/** What every feature of the core gets. */
export interface CoreContext {
  readonly database: Database;
  readonly bus: Bus;
  readonly dataDir: string;
  readonly log: Log;
  /** The time now; replaced by tests. */
  readonly now: () => Date;
}

export const isoNow = (context: Pick<CoreContext, 'now'>): string => context.now().toISOString();

/** JSON text of a column, or the fallback when the column is null. A text that is not JSON throws: it was written by us. */
export function fromJson<T>(text: string | null, fallback: T): T {
  return text === null ? fallback : (JSON.parse(text) as T);
}
