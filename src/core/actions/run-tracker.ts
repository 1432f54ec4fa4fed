import type { RunStep } from '../../shared/contract/models.ts';
import { fromJson, isoNow } from '../context.ts';
import type { StatusEvent } from '../debian/status-fd.ts';
import { executionById, setLiveRun, updateExecution } from '../executions/index.ts';
import { pacedWrites } from '../paced-writes.ts';
import type { ActionDeps } from './deps.ts';
import { endSteps, enterStep, failWorkBefore, runningStep, stepDetail, stepPercent } from './run-steps.ts';
import type { ActionJob } from './types.ts';

/** What a change of packages may consist of; each action has its own selection. */
export type ChangeStep =
  'connect' | 'launch' | 'plan' | 'repair' | 'clean' | 'download' | 'install' | 'verify' | 'report';

const WRITE_GAP_MS = 250;

/** Keeps the steps of one run: in memory, in its row (at most four writes a second) and on the machine's tile. */
export interface RunTracker {
  enter(step: ChangeStep, detail?: string): void;
  /** The status lines are read again from their first. */
  startOver(): void;
  /** A status line of the host. */
  apply(event: StatusEvent): void;
  setLink(down: boolean): void;
  /** What the status stream told that matters to the result: failed packages, a plan that is another one, and the like. */
  readonly events: readonly StatusEvent[];
  /** Ends the steps. What failed is the step under way, or with `before` what was done before that step. */
  end(status: 'ok' | 'error', before?: ChangeStep): readonly RunStep[];
  close(): void;
}

export function createTracker(deps: ActionDeps, job: ActionJob, executionId: string): RunTracker {
  const { context } = deps;
  const row = executionById(context, executionId);
  let steps: RunStep[] = fromJson<RunStep[]>(row.stepsJson, []);
  const live = { linkDown: false, cancellable: false };
  const events: StatusEvent[] = [];
  setLiveRun(executionId, live);

  const writes = pacedWrites(
    WRITE_GAP_MS,
    () => {
      const running = runningStep(steps);
      updateExecution(context, executionId, {
        stepsJson: JSON.stringify(steps),
        progressPercent: running?.percent ?? null,
        currentStep: running?.name ?? null,
      });
      context.bus.publish('execution.changed', { executionId });
    },
    // A disk that is full ends the run where its output is written; here nobody could be told.
    (error) =>
      context.log.error('The progress of a run was not written', { executionId, error: String(error) }),
  );

  function write(now: boolean): void {
    const running = runningStep(steps);
    if (running) job.progress(live.linkDown ? 'link_down' : running.name, running.percent);
    if (now) writes.now();
    else writes.soon();
  }

  const has = (step: ChangeStep): boolean => steps.some(({ name }) => name === step);

  function enter(step: ChangeStep, detail?: string): void {
    if (!has(step)) return;
    const before = runningStep(steps)?.name;
    steps = enterStep(steps, step, isoNow(context), detail ?? null);
    // Until dpkg unpacks, stopping leaves nothing half-done.
    live.cancellable = step === 'plan' || step === 'download';
    write(before !== step);
  }

  return {
    enter,
    events,
    startOver() {
      events.length = 0;
    },
    apply(event) {
      switch (event.kind) {
        case 'phase':
          enterPhase(event.phase, event.detail ?? undefined);
          return;
        case 'download':
          if (runningStep(steps)?.name !== 'download') enter('download');
          steps = stepDetail(stepPercent(steps, 'download', event.percent), 'download', event.text);
          write(false);
          return;
        case 'install':
          if (runningStep(steps)?.name !== 'install') enter('install');
          steps = stepDetail(stepPercent(steps, 'install', event.percent), 'install', event.text);
          write(false);
          return;
        case 'package_error':
        case 'plan_line':
        case 'edited_conffile':
        case 'freed':
          events.push(event);
          return;
        case 'conffile':
        case 'media_change':
        case 'unreadable':
          return;
      }
    },
    setLink(down) {
      live.linkDown = down;
      write(true);
    },
    end(status, before) {
      writes.stop();
      steps = endSteps(steps, before === undefined ? status : 'ok', isoNow(context));
      if (status === 'error' && before !== undefined) steps = failWorkBefore(steps, before);
      return steps;
    },
    close() {
      writes.stop();
      setLiveRun(executionId, null);
    },
  };

  /** The step that begins with waiting for other processes. */
  function waitingStep(): ChangeStep {
    return has('plan') ? 'plan' : has('clean') ? 'clean' : 'repair';
  }

  function enterPhase(name: string, detail: string | undefined): void {
    if (name === 'prepare' || name === 'plan' || name === 'conffiles') enter('plan');
    else if (name === 'lock-wait') {
      enter(waitingStep(), detail);
      // Nothing may follow for minutes: what is waited for must be seen now.
      write(true);
    } else if (name === 'lock-free') {
      steps = stepDetail(steps, waitingStep(), null);
      write(true);
    } else if (name === 'clean') enter('clean');
    else if (name.startsWith('repair')) enter('repair', detail);
    else if (name === 'upgrade') enter('download');
    else if (name === 'done') enter('verify');
  }
}
