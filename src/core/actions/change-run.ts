import { AppError } from '../../shared/domain/errors.ts';
import type { StartableAction } from '../../shared/domain/unions.ts';
import { writeDataFile } from '../artifacts/index.ts';
import { isoNow } from '../context.ts';
import { newId } from '../db/ids.ts';
import {
  executionById,
  executionOfJob,
  noPlan,
  updateExecution,
  type ImportantJson,
} from '../executions/index.ts';
import type { StoredPlan } from '../plans/index.ts';
import type { TemplateVariables } from '../templates/manifest.ts';
import { renderTemplate } from '../templates/render.ts';
import { attachmentOf, loseSession, runsOf } from './attachment.ts';
import { followToEnd, holdToEnd, stopFollowing } from './change-follow.ts';
import type { ActionDeps } from './deps.ts';
import { launchSignal } from './launch-signal.ts';
import { nonceOf } from './run-nonce.ts';
import { storeBegun } from './run-records.ts';
import { createTracker, type ChangeStep, type RunTracker } from './run-tracker.ts';
import type { ActionJob, ActionOutcome, CancelOutcome } from './types.ts';

export interface ChangeSpec {
  readonly action: StartableAction;
  readonly template: string;
  readonly variables: TemplateVariables;
  readonly steps: readonly ChangeStep[];
  /** What the run is bound to; null where the action has no plan. */
  readonly plan: StoredPlan | null;
  /** The run lives in its SSH session instead of as a unit of its own. */
  readonly isAttached: boolean;
}

/**
 * Makes the execution, launches its script as a detached run (or holds it in the SSH session) and follows that to its end.
 * The execution is stored before anything is sent, so that a crash at any moment leaves something to take up.
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
  const important: ImportantJson = {
    ...(spec.plan
      ? { planned: spec.plan.planned, planMode: spec.plan.mode, words: spec.plan.words }
      : noPlan),
    ...(spec.isAttached && { attached: 'held' }),
  };
  storeBegun(context, job, {
    executionId,
    action: spec.action,
    important,
    steps: spec.steps,
    script: file,
    columns: { remoteState: 'launching', planHash: spec.plan?.planHash ?? null },
  });
  return withTracker(deps, job, executionId, async (tracker) => {
    tracker.enter('connect');
    tracker.enter('launch');
    if (spec.isAttached) return holdToEnd(deps, job, executionId, script, tracker);
    const launched = await deps.remote.launch({
      machineId: job.machineId,
      executionId,
      script,
      signal: launchSignal(job.signal),
    });
    updateExecution(context, executionId, { remoteState: 'launched', bootId: launched.bootId });
    return followToEnd(deps, job, executionId, tracker);
  });
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

/** Follows an execution whose script may be on the host already. Of an attached one, its session ended with who held it. */
export async function takeUp(deps: ActionDeps, job: ActionJob, executionId: string): Promise<ActionOutcome> {
  const row = executionById(deps.context, executionId);
  if (attachmentOf(row) === 'held' && row.remoteState !== 'ended') {
    loseSession(deps.context, executionId, 'app_ended');
  }
  return withTracker(deps, job, executionId, (tracker) => followToEnd(deps, job, executionId, tracker));
}

async function withTracker(
  deps: ActionDeps,
  job: ActionJob,
  executionId: string,
  work: (tracker: RunTracker) => Promise<ActionOutcome>,
): Promise<ActionOutcome> {
  const tracker = createTracker(deps, job, executionId);
  try {
    return await work(tracker);
  } catch (error) {
    return stopFollowing(deps, job, executionId, tracker, error);
  } finally {
    tracker.close();
    deps.context.bus.publish('execution.changed', { executionId });
    deps.context.bus.publish('log.appended', { executionId });
  }
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
  const accepted = await runsOf(deps, execution).cancel(machineId, execution.id);
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
