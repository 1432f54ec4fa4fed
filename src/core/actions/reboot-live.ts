import type { RunStep } from '../../shared/contract/models.ts';
import { AppError } from '../../shared/domain/errors.ts';
import { fromJson, isoNow } from '../context.ts';
import { executionById, setLiveRun, updateExecution } from '../executions/index.ts';
import {
  openRebootLog,
  progressOf,
  type RebootImportant,
  type RebootLog,
  type RebootProgress,
} from '../reboot/index.ts';
import { redactText } from '../redact/redactor.ts';
import type { ActionDeps } from './deps.ts';
import { rebootContact, type RebootContact } from './reboot-contact.ts';
import { endSteps, enterStep, failWorkBefore, startSteps, stepDetail } from './run-steps.ts';
import type { ActionJob } from './types.ts';

export type RebootAction = 'reboot' | 'reboot_verified';

export const rebootSteps = {
  reboot: ['connect', 'check', 'reboot', 'going_down', 'report'],
  reboot_verified: ['connect', 'check', 'reboot', 'going_down', 'waiting', 'back', 'verify', 'report'],
} as const satisfies Record<RebootAction, readonly string[]>;
export type RebootStep = (typeof rebootSteps)[RebootAction][number];

/** One reboot in this process: its row, its steps, its log. */
export interface RebootRun {
  readonly deps: ActionDeps;
  readonly job: ActionJob;
  readonly executionId: string;
  readonly action: RebootAction;
  readonly log: RebootLog;
  readonly contact: RebootContact;
  readonly progress: RebootProgress;
  /** Stores how far it has come, in a transaction of its own. */
  advance(patch: Partial<RebootProgress>): void;
  enter(step: RebootStep, detail?: string): void;
  end(status: 'ok' | 'error'): readonly RunStep[];
  /** What a host said, on one line and without secrets. */
  clean(words: string): string;
  close(): Promise<void>;
}

/** Opens the reboot of a stored execution, where its row says that it stands. */
export async function openRun(
  deps: ActionDeps,
  job: ActionJob,
  executionId: string,
  action: RebootAction,
): Promise<RebootRun> {
  const { context } = deps;
  const row = executionById(context, executionId);
  const stored = progressOf(row.importantJson);
  if (!stored) throw new AppError('internal', 'The execution holds no reboot', { executionId });
  let progress: RebootProgress = stored;
  let steps = fromJson<RunStep[]>(row.stepsJson, startSteps(rebootSteps[action]));
  const log = await openRebootLog(context, executionId);
  setLiveRun(executionId, { linkDown: false, cancellable: true });
  return {
    deps,
    job,
    executionId,
    action,
    log,
    contact: rebootContact(deps, job.machineId),
    get progress() {
      return progress;
    },
    advance(patch) {
      progress = { ...progress, ...patch };
      updateExecution(context, executionId, {
        importantJson: JSON.stringify({ planned: [], reboot: progress } satisfies RebootImportant),
      });
      context.bus.publish('execution.changed', { executionId });
    },
    enter(step, detail) {
      // A machine that answers and then is gone again is waited for once more: the rail only goes forward.
      const running = steps.findIndex(({ status }) => status === 'running');
      const at = steps.findIndex(({ name }) => name === step);
      if (at < running) {
        const name = steps[running]?.name ?? step;
        if (detail !== undefined) steps = stepDetail(steps, name, detail);
        job.progress(name, null);
      } else {
        steps = enterStep(steps, step, isoNow(context), detail ?? null);
        job.progress(step, null);
      }
      updateExecution(context, executionId, {
        stepsJson: JSON.stringify(steps),
        currentStep: step,
        progressPercent: null,
      });
      context.bus.publish('execution.changed', { executionId });
    },
    end(status) {
      steps = endSteps(steps, 'ok', isoNow(context));
      if (status === 'error') steps = failWorkBefore(steps, 'report');
      return steps;
    },
    clean: (words) =>
      redactText(words, deps.credentials.currentSecrets(job.machineId))
        .replace(/[\p{C}\s]+/gu, ' ')
        .trim(),
    async close() {
      setLiveRun(executionId, null);
      await log.close();
      context.bus.publish('execution.changed', { executionId });
      context.bus.publish('log.appended', { executionId });
    },
  };
}
