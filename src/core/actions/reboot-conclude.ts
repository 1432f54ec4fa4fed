import { join } from 'node:path';
import { AppError, toAppError, type ErrorKind } from '../../shared/domain/errors.ts';
import {
  executionResultSchema,
  type ExecutionResult,
  type RebootExecution,
} from '../../shared/domain/execution-result.ts';
import type { SnapshotError } from '../../shared/domain/json-contract.ts';
import type { ExecutionStatus, RebootOutcome } from '../../shared/domain/unions.ts';
import { writeDataFile } from '../artifacts/index.ts';
import { isoNow } from '../context.ts';
import { recordEvent } from '../events/index.ts';
import { executionById, fileSize, sha256OfFile } from '../executions/index.ts';
import { markSeen } from '../fleet/index.ts';
import { machineById } from '../machines/index.ts';
import { earlierReboots, rebootReport, recommendedWaitSeconds, type WatchEnd } from '../reboot/index.ts';
import { reportLanguage } from '../reports/index.ts';
import { latestAnalysis } from '../snapshots/index.ts';
import { updateSnapshotSchema } from '../../shared/domain/snapshot.ts';
import { analyzeMachine } from './analyze-machine.ts';
import type { RebootRun } from './reboot-live.ts';
import { storeEnded } from './run-records.ts';
import type { ActionOutcome } from './types.ts';

export type RebootEnd =
  | { readonly kind: 'watched'; readonly watch: WatchEnd }
  | {
      readonly kind: 'command_failed';
      readonly exitCode: number;
      readonly words: string;
      readonly watch: WatchEnd;
    }
  /** Waiting was given up; the machine may come back all the same. */
  | { readonly kind: 'cancelled'; readonly error: AppError }
  | { readonly kind: 'failed'; readonly error: AppError };

const kinds: Record<Exclude<RebootOutcome, 'ok'>, ErrorKind> = {
  reboot_command_failed: 'reboot_command_failed',
  ssh_never_went_down: 'reboot_ssh_never_went_down',
  machine_did_not_return: 'reboot_machine_did_not_return',
  boot_id_unchanged: 'reboot_boot_id_unchanged',
  timeout: 'reboot_timeout',
};

const sentences: Record<Exclude<RebootOutcome, 'ok'>, string> = {
  reboot_command_failed: 'The reboot command failed',
  ssh_never_went_down: 'The machine did not go down',
  machine_did_not_return: 'The machine has not come back',
  boot_id_unchanged: 'The machine answers and has not rebooted',
  timeout: 'The return of the machine could not be verified in time',
};

/** Looks at the machine again when it is back, then stores result, report, artifacts and event in one transaction. */
export async function concludeReboot(run: RebootRun, end: RebootEnd): Promise<ActionOutcome> {
  const { deps, job, executionId, action } = run;
  const { context } = deps;
  const watch = 'watch' in end ? end.watch : null;
  const isBack = watch?.outcome === 'ok' && watch.afterBootId !== null;
  if (isBack) {
    run.advance({
      phase: 'back',
      afterBootId: watch.afterBootId,
      cameBackAt: watch.cameBackAtMs === null ? null : iso(watch.cameBackAtMs),
    });
  }
  const stillNeeded = isBack && action === 'reboot_verified' ? await lookAgain(run) : null;
  // Closing while looking: the job is taken up again and looks again.
  if (job.signal.aborted && job.signal.reason === 'closing') {
    return { status: 'error', error: new AppError('cancelled', 'Homeport closes') };
  }
  const main = errorOf(run, end);
  const error = main && toSnapshotError(main, end.kind === 'cancelled');
  const reboot = blockOf(run, end, error);
  const row = executionById(context, executionId);
  const status: Exclude<ExecutionStatus, 'running' | 'interrupted'> =
    end.kind === 'cancelled' ? 'cancelled' : main ? 'error' : 'ok';
  await run.log.write(`ended: ${reboot?.status ?? end.kind}`);
  run.enter('report');
  const result: ExecutionResult = executionResultSchema.parse({
    executionId,
    machineId: row.machineId,
    startedAt: row.startedAt,
    finishedAt: isoNow(context),
    mode: row.mode,
    action,
    status: status === 'cancelled' ? 'warning' : status,
    rebootRequiredAfterRun: stillNeeded === true,
    importantLogLines: [],
    rawLogRef: null,
    reportRef: null,
    schemaVersion: 1,
    ...(reboot && { reboot }),
    ...(error && !reboot && { errors: [error] }),
  } satisfies ExecutionResult);
  const machine = machineById(context, row.machineId, true);
  const report = rebootReport({
    language: reportLanguage(run.deps.context),
    machine: {
      name: machine.name,
      address: `${machine.username}@${machine.hostname}:${machine.port}`,
      system: [machine.osFamily, machine.osVersion, machine.osCodename].filter(Boolean).join(' '),
    },
    result,
    isCancelled: end.kind === 'cancelled',
    stillNeeded,
  });
  const reportFile = await writeDataFile(context, `reports/${executionId}.md`, report.markdown);
  const logPath = row.rawLogPath ?? '';
  const logFile = join(context.dataDir, logPath);
  const log = { path: logPath, bytes: await fileSize(logFile), sha256: await sha256OfFile(logFile) };
  const steps = run.end(status === 'ok' ? 'ok' : 'error');
  storeEnded(context, row, {
    status,
    result,
    report: {
      title: report.title,
      path: reportFile.path,
      summary: { status, outcome: reboot?.status ?? null },
    },
    log,
    steps,
    exitCode: end.kind === 'command_failed' ? end.exitCode : null,
    error: main,
    event: {
      eventType: 'reboot.finished',
      severity: status === 'ok' ? 'info' : status === 'cancelled' ? 'warning' : 'error',
      message: main ? main.message : isBack ? 'The machine has rebooted.' : 'The machine went down.',
      data: {
        action,
        status,
        outcome: reboot?.status ?? null,
        waitedSeconds: reboot?.waitedSeconds ?? null,
        stillNeeded,
      },
    },
    also: () => {
      // Whatever came out: a machine that let us in is there.
      if (watch?.afterBootId) markSeen(context, row.machineId);
    },
  });
  return { status, ...(main && { error: main }) };
}

/**
 * The evidence after the new boot: this is what clears the tile. True when the machine still asks for a reboot; null where
 * nobody could look, and then the tile keeps what it said.
 */
async function lookAgain(run: RebootRun): Promise<boolean | null> {
  const { deps, job, executionId } = run;
  const { context } = deps;
  run.enter('verify');
  try {
    await analyzeMachine(deps, {
      machineId: job.machineId,
      jobId: job.jobId,
      executionId,
      refresh: false,
      foresee: job.options.foresee,
      signal: job.signal,
      reason: 'look after a reboot',
    });
    const row = latestAnalysis(context, job.machineId);
    const snapshot = row && updateSnapshotSchema.parse(JSON.parse(row.payloadJson));
    return snapshot?.apt.rebootEvidence?.required ?? null;
  } catch (thrown) {
    const { code, message } = toAppError(thrown);
    if (job.signal.aborted) return null;
    context.log.error('The look after a reboot failed', { executionId, code, message });
    recordEvent(context, {
      machineId: job.machineId,
      eventType: 'run.tidy_failed',
      severity: 'warning',
      actorType: 'system',
      executionId,
      message: `After the reboot, the machine could not be looked at: ${message}`,
      data: { kind: code },
    });
    return null;
  }
}

function errorOf(run: RebootRun, end: RebootEnd): AppError | null {
  const { machineId } = run.job;
  const { name, username } = run.deps.directory.target(machineId);
  const of = (outcome: Exclude<RebootOutcome, 'ok'>, data: Record<string, unknown> = {}) =>
    new AppError(kinds[outcome], sentences[outcome], { machineId, name, username, ...data });
  switch (end.kind) {
    case 'watched': {
      if (end.watch.outcome === 'ok') return null;
      return of(end.watch.outcome, { waitLimitSeconds: run.progress.waitLimitSeconds });
    }
    case 'command_failed': {
      const error = of('reboot_command_failed', { exitCode: end.exitCode, detail: end.words });
      return new AppError(
        error.code,
        `${error.message} with status ${end.exitCode}${end.words === '' ? '' : `: ${end.words}`}`,
        error.data,
      );
    }
    case 'cancelled': {
      const isSent = run.progress.requestedAt !== null;
      return new AppError(
        'cancelled',
        isSent
          ? 'Waiting was stopped; the machine may still come back'
          : 'Cancelled before the reboot command was sent',
        { machineId, name, isSent },
      );
    }
    case 'failed':
      return end.error;
  }
}

function toSnapshotError({ code, message, data }: AppError, isCancelled: boolean): SnapshotError {
  const words = data['detail'];
  return {
    source: code.startsWith('ssh_') ? 'ssh' : code.startsWith('apt_') ? 'apt' : 'system',
    kind: code,
    severity: isCancelled ? 'warning' : 'error',
    message,
    ...(typeof words === 'string' && words !== '' && { importantLines: [words] }),
    data,
  };
}

/** The block of the result; absent when the command was not sent. */
function blockOf(run: RebootRun, end: RebootEnd, error: SnapshotError | null): RebootExecution | null {
  const { progress, action, job } = run;
  const { context } = run.deps;
  if (progress.requestedAt === null) return null;
  const watch = 'watch' in end ? end.watch : null;
  const requestedAtMs = Date.parse(progress.requestedAt);
  const endedAtMs = watch?.endedAtMs ?? context.now().getTime();
  const waitedSeconds = Math.max(0, (endedAtMs - requestedAtMs) / 1000);
  // A wait that ended without an answer: nothing was verified, whoever may answer there now.
  const status =
    end.kind === 'command_failed'
      ? 'reboot_command_failed'
      : (watch?.outcome ?? (end.kind === 'failed' ? 'machine_did_not_return' : 'timeout'));
  const isMeasured = status === 'ok' && typeof watch?.afterBootId === 'string' && progress.watched;
  const block: RebootExecution = {
    beforeBootId: progress.beforeBootId,
    afterBootId: watch?.afterBootId ?? null,
    requestedAt: progress.requestedAt,
    sshWentDownAt: progress.wentDownAt,
    sshCameBackAt: typeof watch?.cameBackAtMs === 'number' ? iso(watch.cameBackAtMs) : null,
    waitedSeconds,
    status,
    ...(isMeasured && { lastRebootDurationSeconds: waitedSeconds }),
    ...(error && { errors: [error] }),
  };
  if (action === 'reboot') return block;
  const earlier = earlierReboots(context, job.machineId);
  const counts = end.kind !== 'cancelled' && (isMeasured || !('error' in end));
  return {
    ...block,
    nextRecommendedWaitSeconds: recommendedWaitSeconds(counts ? [block, ...earlier].slice(0, 5) : earlier),
  };
}

const iso = (ms: number) => new Date(ms).toISOString();
