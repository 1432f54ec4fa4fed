import type { TimelineEvent } from '../../shared/contract/models.ts';

export interface NewEvent {
  readonly machineId: string | null;
  /** Past tense, dotted: `run.finished`. The page's catalogue has a sentence for each. */
  readonly eventType: string;
  readonly severity: TimelineEvent['severity'];
  readonly actorType: NonNullable<TimelineEvent['actorType']>;
  /** When it happened, where that is not now: ISO 8601 UTC. */
  readonly at?: string;
  readonly executionId?: string;
  readonly snapshotId?: string;
  readonly jobId?: string;
  /** One English sentence, for exports and logs. Never a secret. */
  readonly message: string;
  /** Values for the catalogue's sentence. Never a secret. */
  readonly data?: Record<string, unknown>;
}
