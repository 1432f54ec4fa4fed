import { randomBytes } from 'node:crypto';
import { AppError, toAppError } from '../../shared/domain/errors.ts';
import { writeDataFile } from '../artifacts/index.ts';
import { isoNow } from '../context.ts';
import { newId } from '../db/ids.ts';
import { executionOfJob, updateExecution } from '../executions/index.ts';
import {
  defaultWaitSeconds,
  earlierReboots,
  expectedSeconds,
  recommendedWaitSeconds,
  watchReboot,
  type RebootImportant,
  type RebootProgress,
  type Sighting,
  type WatchEnd,
} from '../reboot/index.ts';
import { systemClock } from '../remote/clock.ts';
import { renderTemplate } from '../templates/render.ts';
import type { ActionDeps } from './deps.ts';
import { refuseObstacles } from './reboot-contact.ts';
import { concludeReboot, type RebootEnd } from './reboot-conclude.ts';
import { openRun, rebootSteps, type RebootAction, type RebootRun } from './reboot-live.ts';
import { storeBegun, storeScript } from './run-records.ts';
import type { ActionJob, ActionOutcome } from './types.ts';
import { waitForVault } from './wait-for-vault.ts';

/** Stopping takes long where a service does not want to: systemd gives each 90 s. */
const DOWN_LIMIT_MS = 180_000;
const SETTLE_MS = 20_000;
/** After a command that failed: whether the machine goes down all the same. */
const FAILED_COMMAND_MS = 6_000;

/** Stores the execution before anything is sent, then checks, fires and waits. */
export async function carryOutReboot(
  deps: ActionDeps,
  job: ActionJob,
  action: RebootAction,
): Promise<ActionOutcome> {
  const { context } = deps;
  const executionId = newId();
  const earlier = earlierReboots(context, job.machineId);
  const progress: RebootProgress = {
    phase: 'check',
    beforeBootId: null,
    afterBootId: null,
    requestedAt: null,
    wentDownAt: null,
    cameBackAt: null,
    waitLimitSeconds:
      job.options.waitSeconds ?? (earlier.length > 0 ? recommendedWaitSeconds(earlier) : defaultWaitSeconds),
    expectedSeconds: expectedSeconds(earlier),
    watched: true,
  };
  const important: RebootImportant = { planned: [], reboot: progress };
  storeBegun(context, job, { executionId, action, important, steps: rebootSteps[action] });
  return withRun(deps, job, executionId, action, checkAndFire);
}

/**
 * Takes up a reboot that a former process left. What was stored before the command was sent decides: it is never sent
 * again, the boot id tells whether it did its work.
 */
export async function resumeReboot(
  deps: ActionDeps,
  job: ActionJob,
  action: RebootAction,
): Promise<ActionOutcome> {
  const execution = executionOfJob(deps.context, job.jobId);
  if (!execution) {
    return { status: 'error', error: notSent() };
  }
  if (execution.status !== 'running') {
    return { status: execution.status === 'interrupted' ? 'error' : execution.status };
  }
  return withRun(deps, job, execution.id, action, async (run) => {
    if (run.progress.phase === 'check') throw notSent();
    run.advance({ watched: false });
    await run.log.write('Homeport was started again and goes on waiting');
    return wait(run, { commandFailed: null });
  });
}

const notSent = () =>
  new AppError('execution_interrupted', 'Homeport ended before the reboot command was sent');

async function withRun(
  deps: ActionDeps,
  job: ActionJob,
  executionId: string,
  action: RebootAction,
  work: (run: RebootRun) => Promise<RebootEnd>,
): Promise<ActionOutcome> {
  const run = await openRun(deps, job, executionId, action);
  try {
    let end: RebootEnd;
    try {
      end = await work(run);
    } catch (thrown) {
      const error = toAppError(thrown);
      if (isClosing(job)) return { status: 'error', error };
      if (error.code === 'internal') {
        const cause = error.cause instanceof Error ? (error.cause.stack ?? error.cause.message) : null;
        deps.context.log.error('A reboot failed unexpectedly', { executionId, error: error.message, cause });
      }
      end = { kind: job.signal.aborted ? 'cancelled' : 'failed', error };
    }
    return await concludeReboot(run, end);
  } finally {
    await run.close();
  }
}

/** Aborts when the application closes, not when the job is cancelled: what is being sent is sent. */
function closingOnly(signal: AbortSignal): AbortSignal {
  const controller = new AbortController();
  const onAbort = () => {
    if (signal.reason === 'closing') controller.abort('closing');
  };
  if (signal.aborted) onAbort();
  else signal.addEventListener('abort', onAbort, { once: true });
  return controller.signal;
}

const isClosing = (job: ActionJob) => job.signal.aborted && job.signal.reason === 'closing';

async function checkAndFire(run: RebootRun): Promise<RebootEnd> {
  const { deps, job, contact, log } = run;
  const { context } = deps;
  const { name } = deps.directory.target(job.machineId);
  run.enter('connect');
  const { bootId, obstacles } = await contact.check(job.signal);
  run.enter('check');
  refuseObstacles(obstacles, { machineId: job.machineId, name });
  await log.write(`boot ${bootId}`);

  const nonce = randomBytes(12).toString('hex');
  const rendered = renderTemplate(deps.templatesDir, 'reboot_now', { nonce, expectedBootId: bootId });
  const file = await writeDataFile(context, `artifacts/${run.executionId}.sh`, rendered.script);
  if (job.signal.aborted) throw new AppError('cancelled', 'Cancelled before the reboot command was sent');
  context.database.tx(() => {
    storeScript(context, job.machineId, run.executionId, file);
    updateExecution(context, run.executionId, { bootId });
    run.advance({ phase: 'fire', beforeBootId: bootId, requestedAt: isoNow(context) });
  });
  run.enter('reboot');
  let fired;
  try {
    fired = await contact.fire({ text: rendered.script, nonce }, closingOnly(job.signal));
  } catch (error) {
    // Known not to have been sent.
    run.advance({ phase: 'check', requestedAt: null });
    throw error;
  }
  if (fired && !fired.isSent) {
    if (fired.obstacles.length > 0 || fired.bootId !== bootId)
      run.advance({ phase: 'check', requestedAt: null });
    refuseObstacles(fired.obstacles, { machineId: job.machineId, name });
    if (fired.bootId !== bootId) {
      throw new AppError('conflict', 'The machine has just rebooted without being asked to', {
        machineId: job.machineId,
        name,
      });
    }
  }
  if (isClosing(job)) throw new AppError('cancelled', 'Homeport closes');
  const words = run.clean(fired?.words ?? '');
  await log.write(
    `reboot command: ${fired?.exitCode === undefined || fired.exitCode === null ? 'no answer' : `status ${fired.exitCode}`}${words === '' ? '' : `: ${words}`}`,
  );
  run.advance({ phase: 'wait' });
  const commandFailed = (fired?.exitCode ?? 0) === 0 ? null : { exitCode: fired?.exitCode ?? 0, words };
  return wait(run, { commandFailed });
}

/** Waits for the outcome, over a locked vault too. */
async function wait(
  run: RebootRun,
  { commandFailed }: { commandFailed: { exitCode: number; words: string } | null },
): Promise<RebootEnd> {
  const { deps, job } = run;
  for (;;) {
    try {
      const end = await watch(run, commandFailed !== null);
      if (commandFailed && end.outcome === 'ssh_never_went_down')
        return { kind: 'command_failed', ...commandFailed, watch: end };
      return { kind: 'watched', watch: end };
    } catch (error) {
      if (toAppError(error).code !== 'vault_locked' || job.signal.aborted) throw error;
      run.advance({ watched: false });
      job.progress('waiting_for_vault', null);
      await waitForVault(deps, job.signal);
    }
  }
}

function watch(run: RebootRun, commandFailed: boolean): Promise<WatchEnd> {
  const { deps, job, contact, action } = run;
  const { progress } = run;
  const requestedAtMs = Date.parse(progress.requestedAt ?? isoNow(deps.context));
  const totalMs = action === 'reboot' ? DOWN_LIMIT_MS : progress.waitLimitSeconds * 1000;
  const stop = () => {
    if (job.signal.aborted) throw new AppError('cancelled', 'Waiting for the machine was stopped');
  };
  let last = '';
  return watchReboot({
    beforeBootId: progress.beforeBootId ?? '',
    until: action === 'reboot' ? 'down' : 'return',
    unwatched: !progress.watched,
    requestedAtMs,
    wentDownAtMs: progress.wentDownAt === null ? null : Date.parse(progress.wentDownAt),
    limits: {
      totalMs,
      downMs: commandFailed ? FAILED_COMMAND_MS : Math.min(DOWN_LIMIT_MS, totalMs),
      settleMs: Math.min(SETTLE_MS, totalMs / 3),
    },
    look: async () => {
      const sighting = await contact.look(job.signal);
      stop();
      return sighting;
    },
    ring: async () => {
      const isThere = await contact.ring(job.signal);
      stop();
      return isThere;
    },
    clock: {
      now: () => deps.context.now().getTime(),
      sleep: async (ms) => {
        await systemClock.sleep(ms, job.signal);
        stop();
      },
    },
    async onSighting(sighting) {
      const words = describe(sighting);
      if (words === last) return;
      last = words;
      await run.log.write(run.clean(words));
    },
    onDown: (atMs) => run.advance({ wentDownAt: new Date(atMs).toISOString() }),
    onTick: (phase, elapsedMs) => {
      const elapsed = `${Math.round(elapsedMs / 1000)} s`;
      // An estimate of what it takes, and so never a percentage.
      const detail =
        progress.expectedSeconds === null
          ? elapsed
          : `${elapsed} / ≈ ${Math.round(progress.expectedSeconds)} s`;
      run.enter(action === 'reboot' ? 'going_down' : phase, detail);
    },
  });
}

function describe(sighting: Sighting): string {
  switch (sighting.kind) {
    case 'up':
      return `logged in: boot ${sighting.bootId}${sighting.stopping ? ', still stopping' : ''}`;
    case 'answering':
      return `answers, no login: ${sighting.detail}`;
    case 'away':
      return `away: ${sighting.detail}`;
  }
}
