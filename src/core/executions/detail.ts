import type {
  AppliedPackage,
  ExecutionDetail,
  ExecutionSummary,
  RunStep,
} from '../../shared/contract/models.ts';
import type { ErrorData } from '../../shared/domain/errors.ts';
import type { AptChange, ExecutionResult, Explanation } from '../../shared/domain/execution-result.ts';
import { planDiff } from '../../shared/domain/plan-diff.ts';
import type { AptPackage } from '../../shared/domain/snapshot.ts';
import type { PlanMode } from '../../shared/domain/unions.ts';
import { fromJson } from '../context.ts';
import { toFailure, toPlanned } from '../contract-shapes.ts';
import { liveRun } from './live.ts';
import { rebootDetail } from '../reboot/progress.ts';
import type { ExecutionRow } from './store.ts';

/**
 * How a run hangs on the SSH session that started it: `held` by it, or that session is gone because the connection was lost or
 * Homeport ended.
 */
export type Attachment = 'held' | 'connection_lost' | 'app_ended';

/** What `important_json` of an execution holds from its start: the plan that it was bound to. */
export interface ImportantJson {
  readonly planned: readonly AptPackage[];
  /** Null: the action has no plan. */
  readonly planMode: PlanMode | null;
  /** For `selected`: the words that APT was given. */
  readonly words: readonly string[];
  /** Absent: the run was a unit of its own. */
  readonly attached?: Attachment;
}

export const noPlan: ImportantJson = { planned: [], planMode: null, words: [] };

const resultOf = (row: ExecutionRow) => fromJson<ExecutionResult | null>(row.resultJson, null);

export function toSummary(row: ExecutionRow, machineName: string): ExecutionSummary {
  const apt = resultOf(row)?.apt;
  return {
    id: row.id,
    machineId: row.machineId,
    machineName,
    action: row.action,
    mode: row.mode,
    status: row.status,
    startedAt: row.startedAt,
    finishedAt: row.finishedAt,
    jobId: row.jobId,
    reportId: row.reportId,
    exitCode: row.exitCode,
    error: row.errorKind
      ? {
          kind: row.errorKind,
          message: row.errorMessage ?? '',
          data: fromJson<ErrorData>(row.errorDataJson, {}),
        }
      : null,
    changedCount: apt ? apt.applied.filter((change) => change.operation !== 'unchanged').length : null,
    verdict: apt?.verdict ?? null,
  };
}

export function toDetail(row: ExecutionRow, machineName: string): ExecutionDetail {
  const result = resultOf(row);
  const live = liveRun(row.id);
  const reboot = rebootDetail(row.importantJson, result);
  const important = fromJson<ImportantJson>(row.importantJson, noPlan);
  return {
    ...toSummary(row, machineName),
    steps: fromJson<RunStep[]>(row.stepsJson, []),
    percent: row.progressPercent,
    ...(reboot && { reboot }),
    linkDown: live.linkDown,
    ...(important.attached !== undefined && { attached: true }),
    planned: (result?.apt?.planned ?? important.planned).map(toPlanned),
    applied: (result?.apt?.applied ?? []).map(toApplied),
    extra: (result?.apt?.extra ?? []).map(({ explanation, ...change }) => ({
      ...toApplied(change),
      explanation: toExplanation(explanation),
    })),
    missing: (result?.apt?.missing ?? []).map(({ explanation, ...item }) => ({
      ...toPlanned(item),
      explanation: toExplanation(explanation),
    })),
    changedPlan: toChangedPlan(result),
    bytesFreed: result?.apt?.bytesFreed ?? null,
    errors: [...(result?.errors ?? []), ...(result?.apt?.errors ?? [])].map(toFailure),
    rebootRequiredAfterRun: result?.apt?.rebootEvidence
      ? result.apt.rebootEvidence.required
      : (result?.rebootRequiredAfterRun ?? null),
    importantLines: result?.importantLogLines ?? [],
    logBytes: row.logBytes,
    logSha256: row.logSha256,
    logVerified: row.logVerified,
    cancellable: row.status === 'running' && live.cancellable && row.cancelRequestedAt === null,
  };
}

function toApplied(change: AptChange): AppliedPackage {
  return {
    name: change.name,
    arch: change.arch ?? null,
    fromVersion: change.fromVersion,
    toVersion: change.toVersion,
    operation: change.operation,
    origin: change.origin ?? null,
  };
}

const toExplanation = (
  explanation: Explanation | undefined,
): ExecutionDetail['extra'][number]['explanation'] => ({
  code: explanation?.code ?? 'unknown',
  by: explanation?.by ?? null,
});

function toChangedPlan(result: ExecutionResult | null): ExecutionDetail['changedPlan'] {
  const apt = result?.apt;
  if (!apt?.changedPackages || apt.changedPlanHash === undefined) return null;
  const { added, gone, different } = planDiff(apt.planned, apt.changedPackages);
  return {
    planHash: apt.changedPlanHash,
    planned: apt.changedPackages.map(toPlanned),
    added: added.map(toPlanned),
    gone: gone.map(toPlanned),
    different: different.map(({ before, now }) => ({ before: toPlanned(before), now: toPlanned(now) })),
  };
}
