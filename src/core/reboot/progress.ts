import type { RebootDetail } from '../../shared/contract/models.ts';
import type { ExecutionResult } from '../../shared/domain/execution-result.ts';
import { fromJson } from '../context.ts';

/**
 * How far a reboot has come: stored with its execution before each thing that it tells, so that whoever takes it up knows
 * whether the command may have been sent. It is never sent twice.
 */
export interface RebootProgress {
  readonly phase: 'check' | 'fire' | 'wait' | 'back';
  readonly beforeBootId: string | null;
  readonly afterBootId: string | null;
  readonly requestedAt: string | null;
  readonly wentDownAt: string | null;
  readonly cameBackAt: string | null;
  /** The limit of the wait. */
  readonly waitLimitSeconds: number;
  /** What earlier reboots took; an estimate. */
  readonly expectedSeconds: number | null;
  /** False once the watching was interrupted: durations are then not learned from. */
  readonly watched: boolean;
}

/** What `important_json` of a reboot holds. Nothing is planned, but every execution's has that field. */
export interface RebootImportant {
  readonly planned: readonly [];
  readonly reboot: RebootProgress;
}

export function progressOf(importantJson: string | null): RebootProgress | null {
  return fromJson<Partial<RebootImportant> | null>(importantJson, null)?.reboot ?? null;
}

/** The reboot of an execution as the interface gets it; undefined for other actions. */
export function rebootDetail(
  importantJson: string | null,
  result: Pick<ExecutionResult, 'reboot'> | null,
): RebootDetail | undefined {
  const progress = progressOf(importantJson);
  const ended = result?.reboot;
  if (!progress && !ended) return undefined;
  return {
    outcome: ended?.status ?? null,
    beforeBootId: ended?.beforeBootId ?? progress?.beforeBootId ?? null,
    afterBootId: ended?.afterBootId ?? progress?.afterBootId ?? null,
    requestedAt: ended?.requestedAt ?? progress?.requestedAt ?? null,
    wentDownAt: ended?.sshWentDownAt ?? progress?.wentDownAt ?? null,
    cameBackAt: ended?.sshCameBackAt ?? progress?.cameBackAt ?? null,
    waitedSeconds: ended?.waitedSeconds ?? null,
    waitLimitSeconds: progress?.waitLimitSeconds ?? null,
    expectedSeconds: progress?.expectedSeconds ?? null,
    lastDurationSeconds: ended?.lastRebootDurationSeconds ?? null,
    nextRecommendedWaitSeconds: ended?.nextRecommendedWaitSeconds ?? null,
  };
}
