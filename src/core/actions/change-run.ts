import { AppError, toAppError } from '../../shared/domain/errors.ts';
import type { StartableAction } from '../../shared/domain/unions.ts';
import { recordArtifact, writeDataFile } from '../artifacts/index.ts';
import { isoNow } from '../context.ts';
import { newId } from '../db/ids.ts';
import { createStatusParser } from '../debian/status-fd.ts';
import { recordEvent } from '../events/index.ts';
import {
  executionById,
  executionOfJob,
  insertExecution,
  noPlan,
  updateExecution,
  type ImportantJson,
} from '../executions/index.ts';
import type { StoredPlan } from '../plans/index.ts';
import type { RunEnd } from '../remote/types.ts';
import type { TemplateVariables } from '../templates/manifest.ts';
import { renderTemplate } from '../templates/render.ts';
import { concludeRun } from './conclude-run.ts';
import type { ActionDeps } from './deps.ts';
import { nonceOf } from './run-nonce.ts';
import { openRunLog } from './run-log.ts';
import { startSteps } from './run-steps.ts';
import { createTracker, type ChangeStep, type RunTracker } from './run-tracker.ts';
import type { ActionJob, ActionOutcome, CancelOutcome } from './types.ts';
import { waitForVault } from './wait-for-vault.ts';

export interface ChangeSpec {
  readonly action: StartableAction;
  readonly template: string;
  readonly variables: TemplateVariables;
  readonly steps: readonly ChangeStep[];
  /** What the run is bound to; null where the action has no plan. */
  readonly plan: StoredPlan | null;
}

/**
 * Makes the execution, launches its script as a detached run and follows that to its end. The execution is stored before
 * anything is sent, so that a crash at any moment leaves something to take up.
 */
export async function carryOutChange(
  deps: ActionDeps,
  job: ActionJob,
  spec: ChangeSpec,
): Promise<ActionOutcome> {
  const { context } = deps;
  const executionId = newId();
  const variables = { ...spec.variables, nonce: nonceOf(executionId) };
  const { script } = renderTemplate(deps.templatesDir, spec.template, variables);
  const file = await writeDataFile(context, `artifacts/${executionId}.sh`, script);
  const important: ImportantJson = spec.plan
    ? { planned: spec.plan.planned, planMode: spec.plan.mode, words: spec.plan.words }
    : noPlan;
  context.database.tx(() => {
    recordArtifact(context, job.machineId, 'rendered_template', file, { metadata: { executionId } });
    insertExecution(context, {
      id: executionId,
      machineId: job.machineId,
      action: spec.action,
      mode: 'manual',
      startedAt: isoNow(context),
      status: 'running',
      jobId: job.jobId,
      importantJson: JSON.stringify(important),
      rawLogPath: `runs/${executionId}.log`,
      remoteState: 'launching',
      planHash: spec.plan?.planHash ?? null,
      stepsJson: JSON.stringify(startSteps(spec.steps)),
    });
    recordEvent(context, {
      machineId: job.machineId,
      eventType: 'run.started',
      severity: 'info',
      actorType: 'user',
      executionId,
      jobId: job.jobId,
      message: `${spec.action} started.`,
      data: { action: spec.action },
    });
  });
  job.remember({ executionId });
  const tracker = createTracker(deps, job, executionId);
  try {
    tracker.enter('connect');
    tracker.enter('launch');
    const launched = await deps.remote.launch({
      machineId: job.machineId,
      executionId,
      script,
      signal: job.signal,
    });
    updateExecution(context, executionId, { remoteState: 'launched', bootId: launched.bootId });
    return await followToEnd(deps, job, executionId, tracker);
  } catch (error) {
    return stopFollowing(deps, job, executionId, tracker, error);
  } finally {
    tracker.close();
    context.bus.publish('execution.changed', { executionId });
    context.bus.publish('log.appended', { executionId });
  }
}

/** Takes up the run of a job that a former process left: follows it, or collects what it left. */
export async function resumeChange(deps: ActionDeps, job: ActionJob): Promise<ActionOutcome> {
  const execution = executionOfJob(deps.context, job.jobId);
  if (!execution) {
    const error = new AppError(
      'execution_interrupted',
      'Homeport ended before anything was sent to the host',
    );
    return { status: 'error', error };
  }
  if (execution.status !== 'running') return outcomeOf(execution.status, null);
  return takeUp(deps, job, execution.id);
}

/** Follows an execution whose script may be on the host already. */
export async function takeUp(deps: ActionDeps, job: ActionJob, executionId: string): Promise<ActionOutcome> {
  const tracker = createTracker(deps, job, executionId);
  try {
    return await followToEnd(deps, job, executionId, tracker);
  } catch (error) {
    return stopFollowing(deps, job, executionId, tracker, error);
  } finally {
    tracker.close();
    deps.context.bus.publish('execution.changed', { executionId });
    deps.context.bus.publish('log.appended', { executionId });
  }
}

async function followToEnd(
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

async function follow(
  deps: ActionDeps,
  job: ActionJob,
  executionId: string,
  tracker: RunTracker,
): Promise<RunEnd> {
  const row = executionById(deps.context, executionId);
  const log = await openRunLog(deps, row);
  const status = createStatusParser();
  try {
    const end = await deps.remote.follow(
      row.machineId,
      executionId,
      // The status lines are few: reading them again restores steps and percentages after a restart.
      { output: log.offset, progress: 0 },
      {
        output: (offset, bytes) => log.append(offset, bytes),
        progress: async (_offset, bytes) => {
          for (const event of status.push(bytes)) tracker.apply(event);
        },
        linkDown: () => tracker.setLink(true),
        linkUp: () => tracker.setLink(false),
      },
      job.signal,
    );
    await log.finish();
    updateExecution(deps.context, executionId, { remoteState: 'ended' });
    return end;
  } finally {
    await log.close();
  }
}

/**
 * Following cannot go on. When the application closes, everything stays as it is and is taken up at the next start;
 * else the execution is left as interrupted and collected at the next contact with the machine.
 */
function stopFollowing(
  deps: ActionDeps,
  job: ActionJob,
  executionId: string,
  tracker: RunTracker,
  thrown: unknown,
): ActionOutcome {
  const { context } = deps;
  const error = toAppError(thrown);
  if (job.signal.aborted && job.signal.reason === 'closing') return { status: 'error', error };
  if (error.code === 'internal') {
    context.log.error('Following a run failed', {
      executionId,
      error: String(thrown),
      cause: String(error.cause),
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

/** Asks a run to stop: only while nothing is being unpacked. */
export async function cancelChange(
  deps: ActionDeps,
  jobId: string,
  machineId: string,
): Promise<CancelOutcome> {
  const { context } = deps;
  const execution = executionOfJob(context, jobId);
  if (!execution || execution.remoteState !== 'launched') {
    throw new AppError('conflict', 'The run is just being started or has just ended; try again', { jobId });
  }
  const accepted = await deps.remote.cancel(machineId, execution.id);
  if (!accepted) return 'refused_dpkg_running';
  updateExecution(context, execution.id, { cancelRequestedAt: isoNow(context) });
  context.bus.publish('execution.changed', { executionId: execution.id });
  return 'requested';
}

export function outcomeOf(
  status: 'ok' | 'warning' | 'error' | 'cancelled' | 'interrupted',
  error: AppError | null,
): ActionOutcome {
  return { status: status === 'interrupted' ? 'error' : status, ...(error && { error }) };
}
