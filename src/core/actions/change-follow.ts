import { AppError, toAppError } from '../../shared/domain/errors.ts';
import { isoNow } from '../context.ts';
import { createStatusParser } from '../debian/status-fd.ts';
import { executionById, updateExecution } from '../executions/index.ts';
import type { FollowSink, RunEnd } from '../remote/types.ts';
import { attachmentOf, loseSession, lostSession, runsOf } from './attachment.ts';
import { concludeRun } from './conclude-run.ts';
import type { ActionDeps } from './deps.ts';
import { openRunLog, type RunLog } from './run-log.ts';
import type { RunTracker } from './run-tracker.ts';
import type { ActionJob, ActionOutcome } from './types.ts';
import { waitForVault } from './wait-for-vault.ts';

/** How long a machine may be away before the question what became of an attached run is left to the next contact. */
const LOST_PATIENCE_MS = 60_000;

/** Follows a run on its host to its end over any number of connections, then concludes it. */
export async function followToEnd(
  deps: ActionDeps,
  job: ActionJob,
  executionId: string,
  tracker: RunTracker,
): Promise<ActionOutcome> {
  for (;;) {
    try {
      const end = await follow(deps, job, executionId, tracker);
      return await concludeRun(deps, job, executionId, end, tracker);
    } catch (error) {
      if (toAppError(error).code !== 'vault_locked' || job.signal.aborted) throw error;
      job.progress('waiting_for_vault', null);
      await waitForVault(deps, job.signal);
    }
  }
}

/** Runs the script within one SSH session to its end. When the session is lost, asks the host what became of the run. */
export async function holdToEnd(
  deps: ActionDeps,
  job: ActionJob,
  executionId: string,
  script: string,
  tracker: RunTracker,
): Promise<ActionOutcome> {
  const { context } = deps;
  let log: RunLog | null = null;
  let held;
  try {
    log = await openRunLog(deps, executionById(context, executionId));
    held = await deps.attached.hold(
      { machineId: job.machineId, executionId, script, signal: job.signal },
      sinkOf(log, tracker),
      (bootId) => updateExecution(context, executionId, { remoteState: 'launched', bootId }),
    );
    if (held.kind === 'ended') {
      await log.finish();
      updateExecution(context, executionId, { remoteState: 'ended' });
    }
  } catch (error) {
    // Nothing was started: there is nothing to collect.
    if (log === null || executionById(context, executionId).remoteState === 'launching')
      updateExecution(context, executionId, { remoteState: 'cleaned' });
    throw error;
  } finally {
    await log?.close();
  }
  if (held.kind === 'ended') return concludeRun(deps, job, executionId, held.end, tracker);
  if (job.signal.aborted && job.signal.reason === 'closing') return { status: 'error', error: held.error };
  if (held.error.code === 'internal' || held.error.code === 'local_disk_full') {
    context.log.error('Holding an attached run failed', {
      executionId,
      error: held.error.message,
    });
  }
  loseSession(context, executionId, 'connection_lost');
  return followToEnd(deps, job, executionId, tracker);
}

function sinkOf(log: RunLog, tracker: RunTracker): FollowSink {
  const status = createStatusParser();
  return {
    output: (offset, bytes) => log.append(offset, bytes),
    progress: async (_offset, bytes) => {
      for (const event of status.push(bytes)) tracker.apply(event);
    },
    linkDown: () => tracker.setLink(true),
    linkUp: () => tracker.setLink(false),
  };
}

async function follow(
  deps: ActionDeps,
  job: ActionJob,
  executionId: string,
  tracker: RunTracker,
): Promise<RunEnd> {
  const row = executionById(deps.context, executionId);
  const log = await openRunLog(deps, row);
  tracker.startOver();
  const sink = sinkOf(log, tracker);
  const patience = attachmentOf(row) === undefined ? null : createPatience(job.signal, sink);
  try {
    const end = await runsOf(deps, row).follow(
      row.machineId,
      executionId,
      // The status lines are few: reading them again restores steps and percentages after a restart.
      { output: log.offset, progress: 0 },
      patience?.sink ?? sink,
      patience?.signal ?? job.signal,
    );
    await log.finish();
    updateExecution(deps.context, executionId, { remoteState: 'ended' });
    return end;
  } catch (error) {
    throw patience?.isOver() === true
      ? new AppError('ssh_unreachable', 'The machine did not come back')
      : error;
  } finally {
    patience?.release();
    await log.close();
  }
}

/** A signal that also aborts when the link stays down for too long. */
function createPatience(outer: AbortSignal, sink: FollowSink) {
  const controller = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  let over = false;
  const onAbort = () => controller.abort(outer.reason);
  if (outer.aborted) onAbort();
  else outer.addEventListener('abort', onAbort, { once: true });
  return {
    signal: controller.signal,
    isOver: () => over,
    sink: {
      ...sink,
      linkDown(error: AppError) {
        sink.linkDown(error);
        timer = setTimeout(() => {
          over = true;
          controller.abort();
        }, LOST_PATIENCE_MS);
      },
      linkUp() {
        clearTimeout(timer);
        sink.linkUp();
      },
    },
    release() {
      clearTimeout(timer);
      outer.removeEventListener('abort', onAbort);
    },
  };
}

/**
 * Following cannot go on. When the application closes, everything stays as it is and is taken up at the next start;
 * else the execution is left as interrupted and collected at the next contact with the machine.
 */
export function stopFollowing(
  deps: ActionDeps,
  job: ActionJob,
  executionId: string,
  tracker: RunTracker,
  thrown: unknown,
): ActionOutcome {
  const { context } = deps;
  const cause = toAppError(thrown);
  if (job.signal.aborted && job.signal.reason === 'closing') return { status: 'error', error: cause };
  const lost = lostSession(executionById(context, executionId));
  const error = lost
    ? new AppError(
        'execution_interrupted',
        `${lost.message}; what became of it is looked at when the machine answers again`,
        { ...lost.data, cause: cause.code },
      )
    : cause;
  if (cause.code === 'internal') {
    context.log.error('Following a run failed', {
      executionId,
      error: String(thrown),
      cause: String(cause.cause),
    });
  }
  const steps = tracker.end('error');
  context.database.tx(() => {
    updateExecution(context, executionId, {
      status: 'interrupted',
      finishedAt: isoNow(context),
      errorKind: error.code,
      errorMessage: error.message,
      errorDataJson: JSON.stringify(error.data),
      stepsJson: JSON.stringify(steps),
      progressPercent: null,
      currentStep: null,
    });
  });
  return { status: 'error', error };
}
