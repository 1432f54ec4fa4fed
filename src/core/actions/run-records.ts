import type { RunStep } from '../../shared/contract/models.ts';
import type { AppError } from '../../shared/domain/errors.ts';
import type { ExecutionResult } from '../../shared/domain/execution-result.ts';
import type { ExecutionStatus, Severity, StartableAction } from '../../shared/domain/unions.ts';
import { recordArtifact, type WrittenFile } from '../artifacts/index.ts';
import { isoNow, type CoreContext } from '../context.ts';
import { recordEvent } from '../events/index.ts';
import {
  insertExecution,
  updateExecution,
  type ExecutionPatch,
  type ExecutionRow,
} from '../executions/index.ts';
import { insertReport } from '../reports/index.ts';
import { startSteps } from './run-steps.ts';
import type { ActionJob } from './types.ts';

export interface BegunRun {
  readonly executionId: string;
  readonly action: StartableAction;
  /** What the row holds from its start; see ImportantJson and RebootImportant. */
  readonly important: unknown;
  readonly steps: readonly string[];
  /** The rendered script, where it is known before the start. */
  readonly script?: WrittenFile;
  readonly columns?: ExecutionPatch;
}

/** Stores a run before anything is sent to its host: row, script and event in one transaction; then its job knows it. */
export function storeBegun(context: CoreContext, job: ActionJob, run: BegunRun): void {
  const { executionId, action } = run;
  context.database.tx(() => {
    if (run.script) storeScript(context, job.machineId, executionId, run.script);
    insertExecution(context, {
      id: executionId,
      machineId: job.machineId,
      action,
      mode: job.mode ?? 'manual',
      startedAt: isoNow(context),
      status: 'running',
      jobId: job.jobId,
      importantJson: JSON.stringify(run.important),
      rawLogPath: `runs/${executionId}.log`,
      stepsJson: JSON.stringify(startSteps(run.steps)),
      ...run.columns,
    });
    recordEvent(context, {
      machineId: job.machineId,
      eventType: 'run.started',
      severity: 'info',
      actorType: job.mode === 'scheduled' ? 'schedule' : 'user',
      executionId,
      jobId: job.jobId,
      message: `${action} started.`,
      data: { action },
    });
  });
  job.remember({ executionId });
}

/** The script of a run as an artifact; within a transaction. */
export function storeScript(
  context: CoreContext,
  machineId: string,
  executionId: string,
  file: WrittenFile,
): void {
  recordArtifact(context, machineId, 'rendered_template', file, { metadata: { executionId } });
}

export interface EndedRun {
  readonly status: Exclude<ExecutionStatus, 'running'>;
  readonly result: ExecutionResult;
  readonly report: { readonly title: string; readonly path: string; readonly summary: unknown };
  readonly log: WrittenFile;
  readonly steps: readonly RunStep[];
  readonly exitCode: number | null;
  readonly error: AppError | null;
  readonly columns?: ExecutionPatch;
  readonly event: {
    readonly eventType: string;
    readonly severity: Severity;
    readonly message: string;
    readonly data: Record<string, unknown>;
  };
  /** More that belongs into the same transaction, before the event. */
  also?(archived: ExecutionResult): void;
}

/** Stores the end of a run: result, report, log artifact, row and event in one transaction. */
export function storeEnded(context: CoreContext, row: ExecutionRow, run: EndedRun): void {
  const { id: executionId, machineId } = row;
  const { status, result, log, error } = run;
  context.database.tx(() => {
    const artifactId = recordArtifact(context, machineId, 'raw_log', log, {
      policy: status === 'ok' ? 'default' : 'failed',
      metadata: { executionId },
    });
    const reportId = insertReport(context, { machineId, executionId, ...run.report });
    const archived: ExecutionResult = { ...result, rawLogRef: artifactId, reportRef: reportId };
    updateExecution(context, executionId, {
      status,
      finishedAt: result.finishedAt,
      resultJson: JSON.stringify(archived),
      rawArtifactId: artifactId,
      reportId,
      exitCode: run.exitCode,
      errorKind: error?.code ?? null,
      errorMessage: error?.message ?? null,
      errorDataJson: error ? JSON.stringify(error.data) : null,
      logSha256: log.sha256,
      stepsJson: JSON.stringify(run.steps),
      progressPercent: null,
      currentStep: null,
      ...run.columns,
    });
    run.also?.(archived);
    recordEvent(context, {
      machineId,
      actorType: 'system',
      executionId,
      ...(row.jobId && { jobId: row.jobId }),
      ...run.event,
    });
  });
}
