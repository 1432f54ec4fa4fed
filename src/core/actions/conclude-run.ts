import { join } from 'node:path';
import { toAppError } from '../../shared/domain/errors.ts';
import {
  executionResultSchema,
  type AptExecution,
  type ExecutionResult,
} from '../../shared/domain/execution-result.ts';
import type { SnapshotError } from '../../shared/domain/json-contract.ts';
import type { ExecutionStatus } from '../../shared/domain/unions.ts';
import { writeDataFile } from '../artifacts/index.ts';
import { fromJson, isoNow } from '../context.ts';
import { assembleAptRun, changeExitCodes } from '../debian/execution.ts';
import { recordEvent } from '../events/index.ts';
import {
  deriveFromResult,
  executionById,
  fileSize,
  noPlan,
  sha256OfFile,
  tailOfFile,
  updateExecution,
  type ExecutionRow,
  type ImportantJson,
} from '../executions/index.ts';
import { machineById } from '../machines/index.ts';
import { storePlan } from '../plans/index.ts';
import type { RunEnd } from '../remote/types.ts';
import { runReport, reportLanguage } from '../reports/index.ts';
import { worstError } from '../snapshots/index.ts';
import { sha256Hex } from '../templates/sha256.ts';
import { lostSession, runsOf } from './attachment.ts';
import type { ActionDeps } from './deps.ts';
import { lookAfterLoss, lookAgain, lossErrors, type FoundAfterLoss } from './look-after-run.ts';
import { nonceOf } from './run-nonce.ts';
import { storeEnded } from './run-records.ts';
import type { RunTracker } from './run-tracker.ts';
import type { ActionJob, ActionOutcome } from './types.ts';

/** How much of the log's end is looked at for errors and important lines. */
const TAIL_BYTES = 2 * 1024 * 1024;
const FILE_LIMIT_BYTES = 8 * 1024 * 1024;

/**
 * Makes the result of an ended run: planned against applied, errors, report, artifacts, events and tile in one transaction;
 * then removes the run's directory on the host and looks at the machine again, so that the tile says what is true now.
 * @throws AppError ssh_* while the run's files cannot be read (nothing is stored then; it can be repeated)
 */
export async function concludeRun(
  deps: ActionDeps,
  job: ActionJob,
  executionId: string,
  end: RunEnd,
  tracker: RunTracker,
): Promise<ActionOutcome> {
  const { context } = deps;
  tracker.enter('verify');
  const row = executionById(context, executionId);
  const lost = lostSession(row);
  const found = lost && (await lookAfterLoss(deps, job, executionId));
  const result = await resultOf(deps, row, end, tracker, found);
  const logPath = row.rawLogPath ?? '';
  const logFile = join(context.dataDir, logPath);
  const sha256 = await sha256OfFile(logFile);
  const log = {
    bytes: await fileSize(logFile),
    sha256,
    verified: verification(row, end, sha256),
    redactedCount: row.redactedCount,
  };
  const exitCode = end.kind === 'exited' ? end.exitCode : null;
  const status = lost ? 'interrupted' : finalStatus(result, end, row);
  const machine = machineById(context, row.machineId, true);
  tracker.enter('report');
  const report = runReport({
    language: reportLanguage(context),
    machine: {
      name: machine.name,
      address: `${machine.username}@${machine.hostname}:${machine.port}`,
      system: [machine.osFamily, machine.osVersion, machine.osCodename].filter(Boolean).join(' '),
    },
    status,
    exitCode,
    result,
    log,
  });
  const reportFile = await writeDataFile(context, `reports/${executionId}.md`, report.markdown);
  const error = worstError([...(result.errors ?? []), ...(result.apt?.errors ?? [])]);
  const succeeded = status === 'ok' || status === 'warning';
  const steps = tracker.end(succeeded ? 'ok' : 'error', exitCode === 0 ? 'report' : 'verify');
  storeEnded(context, row, {
    status,
    result,
    report: {
      title: report.title,
      path: reportFile.path,
      summary: { status, verdict: result.apt?.verdict ?? null, changed: result.apt?.applied.length ?? 0 },
    },
    log: { path: logPath, bytes: log.bytes, sha256 },
    steps,
    exitCode,
    error,
    columns: { logVerified: log.verified, remoteState: end.kind === 'absent' ? 'cleaned' : 'ended' },
    event: {
      eventType: 'run.finished',
      severity: status === 'ok' ? 'info' : status === 'warning' ? 'warning' : 'error',
      message: `${row.action} ended: ${status}.`,
      data: {
        action: row.action,
        status,
        changed: result.apt?.applied.filter((c) => c.operation !== 'unchanged').length ?? 0,
        verdict: result.apt?.verdict ?? null,
      },
    },
    also: (archived) => {
      keepChangedPlan(deps, row, archived);
      deriveFromResult(context, archived, machine.osFamily, result.finishedAt);
    },
  });
  context.bus.publish('execution.changed', { executionId });
  await tidyUp(deps, job, row, end);
  return { status: status === 'interrupted' ? 'error' : status, ...(error && { error }) };
}

/** The run's directory goes, the tile is brought up to date. The result is stored: neither can undo it. */
async function tidyUp(deps: ActionDeps, job: ActionJob, row: ExecutionRow, end: RunEnd): Promise<void> {
  const { context } = deps;
  const executionId = row.id;
  try {
    if (end.kind !== 'absent') {
      await runsOf(deps, row).remove(job.machineId, executionId);
      updateExecution(context, executionId, { remoteState: 'cleaned' });
    }
    // Of a lost session that was done before, as a part of its result.
    if (lostSession(row) === null) await lookAgain(deps, job, executionId);
  } catch (error) {
    const { code, message } = toAppError(error);
    context.log.error('Tidying up after a run failed', { executionId, code, message });
    recordEvent(context, {
      machineId: job.machineId,
      eventType: 'run.tidy_failed',
      severity: 'warning',
      actorType: 'system',
      executionId,
      message: `After the run, the machine could not be looked at or cleaned: ${message}`,
      data: { kind: code },
    });
  }
}

async function resultOf(
  deps: ActionDeps,
  row: ExecutionRow,
  end: RunEnd,
  tracker: RunTracker,
  found: FoundAfterLoss | null,
): Promise<ExecutionResult> {
  const { context } = deps;
  const read = async (name: string): Promise<string | null> => {
    if (end.kind === 'absent') return null;
    const bytes = await runsOf(deps, row).readFile(row.machineId, row.id, name, FILE_LIMIT_BYTES);
    return bytes === null ? null : Buffer.from(bytes).toString('utf8');
  };
  const outputTail = await tailOfFile(join(context.dataDir, row.rawLogPath ?? ''), TAIL_BYTES);
  const { planned, planMode } = fromJson<ImportantJson>(row.importantJson, noPlan);
  const exitCode = end.kind === 'exited' ? end.exitCode : null;
  const outcome = assembleAptRun({
    nonce: nonceOf(row.id),
    planned,
    isPlanBound: planMode !== null,
    ...(row.planHash !== null && { planHash: row.planHash }),
    before: await read('before'),
    after: (await read('after')) ?? found?.packages ?? null,
    evidence: await read('evidence'),
    simulation: exitCode === changeExitCodes.planChanged ? await read('simulation') : null,
    sha256: sha256Hex,
    output: outputTail,
    exitCode,
    events: tracker.events,
  });
  const lost: SnapshotError[] = found
    ? lossErrors(row, end, found)
    : end.kind === 'exited'
      ? []
      : [
          {
            source: 'system',
            severity: 'error',
            kind: end.kind === 'absent' ? 'execution_output_lost' : 'execution_interrupted',
            message:
              end.kind === 'interrupted_by_reboot'
                ? 'The machine rebooted before the run had ended'
                : end.kind === 'interrupted'
                  ? 'The run was killed on the host before it had ended'
                  : 'The host has nothing of this run any more',
            data: { reason: end.kind },
          },
        ];
  return executionResultSchema.parse({
    executionId: row.id,
    machineId: row.machineId,
    startedAt: row.startedAt,
    finishedAt: isoNow(context),
    mode: row.mode,
    action: row.action,
    status: lost.length > 0 ? 'error' : outcome.status,
    rebootRequiredAfterRun: outcome.apt.rebootRequiredAfterRun,
    importantLogLines: [...outcome.importantLogLines],
    rawLogRef: null,
    reportRef: null,
    schemaVersion: 1,
    apt: lost.length > 0 ? withoutInterruption(outcome.apt) : outcome.apt,
    ...(lost.length > 0 && { errors: lost }),
  } satisfies ExecutionResult);
}

/** The plan for which a run stopped can be approved in its turn. */
function keepChangedPlan({ context }: ActionDeps, row: ExecutionRow, { apt }: ExecutionResult): void {
  const { planMode, words } = fromJson<ImportantJson>(row.importantJson, noPlan);
  if (planMode === null || !apt?.changedPackages?.length || apt.changedPlanHash === undefined) return;
  storePlan(context, row.machineId, {
    mode: planMode,
    planHash: apt.changedPlanHash,
    words,
    planned: apt.changedPackages,
  });
}

/** The run's own words for how it was lost say more than that it was. */
function withoutInterruption(apt: AptExecution): AptExecution {
  return { ...apt, errors: (apt.errors ?? []).filter((error) => error.kind !== 'execution_interrupted') };
}

function finalStatus(
  result: ExecutionResult,
  end: RunEnd,
  row: ExecutionRow,
): Exclude<ExecutionStatus, 'running'> {
  if (end.kind !== 'exited') return 'interrupted';
  if (end.exitCode !== 0 && row.cancelRequestedAt !== null) return 'cancelled';
  return result.status;
}

/** Whether the stored log equals the host's; null where that cannot be said. */
function verification(row: ExecutionRow, end: RunEnd, sha256: string): boolean | null {
  if (end.kind === 'absent' || row.redactedCount > 0) return null;
  return end.outputSha256 === sha256;
}
