import type { Actions } from '../actions/types.ts';
import type { CoreContext } from '../context.ts';
import type { HoldSources } from './holds.ts';

export interface LiveProgress {
  readonly step: string;
  readonly percent: number | null;
}

/** A job that this process carries out. */
export interface Active {
  readonly partition: string;
  readonly abort: AbortController;
  done: Promise<void>;
  progress: LiveProgress;
}

/** What the parts of the queue share. */
export interface Desk {
  readonly context: CoreContext;
  readonly actions: Actions;
  readonly holds: HoldSources;
  readonly active: Map<string, Active>;
  /** Aborts when the application closes. */
  readonly closing: AbortSignal;
  /** Tells of a job that changed; after the commit. */
  news(jobId: string, machineId: string | null): void;
  /** Starts what can start. */
  wake(): void;
}
