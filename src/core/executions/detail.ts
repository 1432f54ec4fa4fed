import type { ExecutionDetail, ExecutionSummary, RunStep } from '../../shared/contract/models.ts';
import type { ErrorData } from '../../shared/domain/errors.ts';
import type { ExecutionResult } from '../../shared/domain/execution-result.ts';
import type { AptPackage } from '../../shared/domain/snapshot.ts';
import { fromJson } from '../context.ts';
import { toFailure, toPlanned } from '../contract-shapes.ts';
import { liveRun } from './live.ts';
import type { ExecutionRow } from './store.ts';

/** What `important_json` of an execution holds from its start: the plan that it was bound to. */
export interface ImportantJson {
  readonly planned: readonly AptPackage[];
}

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
  const important = fromJson<ImportantJson>(row.importantJson, { planned: [] });
  return {
    ...toSummary(row, machineName),
    steps: fromJson<RunStep[]>(row.stepsJson, []),
    percent: row.progressPercent,
    linkDown: live.linkDown,
    planned: (result?.apt?.planned ?? important.planned).map(toPlanned),
    applied: (result?.apt?.applied ?? []).map((change) => ({
      name: change.name,
      arch: change.arch ?? null,
      fromVersion: change.fromVersion,
      toVersion: change.toVersion,
      operation: change.operation,
      origin: change.origin ?? null,
    })),
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
