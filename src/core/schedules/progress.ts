import { toAppError } from '../../shared/domain/errors.ts';
import type { ScheduleLeftReason, ScheduleOutcome, ScheduleRunStatus } from '../../shared/domain/unions.ts';
import type { ActionOptions } from '../actions/types.ts';
import { armedOfDue, type DueArmed } from '../armed/index.ts';
import { isoNow, type CoreContext } from '../context.ts';
import { recordEvent } from '../events/index.ts';
import type { Runner } from '../jobs/index.ts';
import type { Requests } from '../requests/index.ts';
import { isStepNeeded } from './judgement.ts';
import { askFor, needsApproval } from './approval.ts';
import { foreseenAfter, isSecurityOnly, planOf, type RunPlan } from './model.ts';
import { insertStep, membersOf, storeMember, type Member } from './run-machines.ts';
import { giveUp, leave, settleArmed, settleRequest, settleStep } from './settling.ts';
import * as store from './store.ts';

export interface Desk {
  readonly context: CoreContext;
  readonly runner: Pick<Runner, 'enqueue' | 'cancel'>;
  readonly requests: Pick<Requests, 'create' | 'withdraw'>;
  /** The run hears of the end of a job, and of what becomes of a request, from now on. */
  track(id: string, runId: string): void;
}

/** What has to be done once the transaction has ended. */
export interface After {
  /** Queued jobs that shall not start any more. */
  readonly cancel: readonly string[];
  /** False: nothing was stored, and there is nothing to tell. */
  readonly hasChanged: boolean;
}

const isOpen = ({ state }: Member): boolean =>
  state === 'waiting' || state === 'active' || state === 'held' || state === 'armed';

/**
 * Brings a run as far as it can go now: settles what has ended, starts the next steps within wave, concurrency and window,
 * leaves what may not begin any more, ends the run when nothing is open. Everything that decides is in the database;
 * call it inside a transaction, whose part the started jobs become.
 */
export function advance(desk: Desk, runId: string): After {
  const { context } = desk;
  const run = store.runById(context, runId);
  if (run.status !== 'running') return { cancel: [], hasChanged: false };
  const plan = planOf(run);
  const members = membersOf(context, runId);
  const before = new Map(members.map((member) => [member, snapshotOf(member)]));
  const stop = stopReason(context, run);

  const armed = members.some(({ state }) => state === 'armed')
    ? armedOfDue(context, run.scheduleId, run.dueAt)
    : new Map<string, DueArmed>();
  for (const member of members) {
    if (member.state === 'armed') settleArmed(member, armed.get(member.machineId));
    if (member.state === 'held') settleRequest(desk.requests, member, stop);
    if (member.state === 'active') settleStep(member, stop);
    // The job of an approved request was queued by the approval.
    if (member.openJob !== null) desk.track(member.openJob.id, runId);
  }
  const cancel = startWaves(desk, run, plan, members, stop);
  const changed = members.filter((member) => before.get(member) !== snapshotOf(member));
  for (const member of changed) storeMember(context, runId, member);
  const isOver = !members.some(isOpen);
  if (isOver) finish(context, run, plan, members);
  return { cancel, hasChanged: isOver || changed.length > 0 };
}

const snapshotOf = ({ state, leftReason, step }: Member): string => `${state} ${leftReason ?? ''} ${step}`;

function stopReason(context: CoreContext, run: store.RunRow): ScheduleLeftReason | null {
  if (run.cancelRequestedAt !== null) return 'cancelled';
  return run.windowEndsAt !== null && run.windowEndsAt <= isoNow(context) ? 'window' : null;
}

/** @returns jobs that wait in the queue and shall not start */
function startWaves(
  desk: Desk,
  run: store.RunRow,
  plan: RunPlan,
  members: readonly Member[],
  stop: ScheduleLeftReason | null,
): string[] {
  for (;;) {
    const open = members.filter((member) => isOpen(member) && member.state !== 'armed');
    if (open.length === 0) return [];
    const wave = Math.min(...open.map((member) => member.wave));
    const hasFailed = members.some((member) => member.state === 'error' && member.wave <= wave);
    const reason = stop ?? (plan.onFailure === 'stop' && hasFailed ? 'failure' : null);
    if (reason !== null) return open.flatMap((member) => stopMember(desk, run, plan, member, reason));
    let busy = open.filter(({ state }) => state === 'active').length;
    let isSettled = false;
    for (const member of open) {
      if (member.wave !== wave || member.openJob !== null || member.state === 'held') continue;
      if (member.state === 'waiting') {
        if (busy >= plan.concurrency) continue;
        member.state = 'active';
        busy++;
      }
      takeSteps(desk, run, plan, member, null);
      // Who waits for a person takes no place from the others.
      if (isOpen(member) && (member.state as string) !== 'held') continue;
      busy--;
      isSettled = true;
      // The rule of failures is looked at before the next machine begins.
      if ((member.state as string) === 'error') break;
    }
    if (!isSettled) return [];
  }
}

/**
 * What runs goes on; what waits in the queue or for a person is given back; what is between two steps ends there, unless nothing
 * was left to do.
 */
function stopMember(
  desk: Desk,
  run: store.RunRow,
  plan: RunPlan,
  member: Member,
  reason: ScheduleLeftReason,
): string[] {
  if (member.state === 'waiting') leave(member, reason);
  else if (member.state === 'held') giveUp(desk.requests, member, reason);
  else if (member.openJob === null) takeSteps(desk, run, plan, member, reason);
  else if (member.openJob.status === 'queued') return [member.openJob.id];
  return [];
}

/** What the job of a step gets. */
function optionsOf({ steps, conffiles }: RunPlan, at: number): ActionOptions {
  const foresee = foreseenAfter(steps, at);
  const step = steps[at];
  return {
    conffiles,
    ...(step && isSecurityOnly(step) && { security: true }),
    ...(foresee.length > 0 && { foresee }),
  };
}

/** Goes through the steps of a machine up to the next that becomes a job. `stop`: none may begin any more. */
function takeSteps(
  desk: Desk,
  run: store.RunRow,
  plan: RunPlan,
  member: Member,
  stop: ScheduleLeftReason | null,
): void {
  const { context, runner } = desk;
  const { machineId } = member;
  const since = run.startedAt ?? run.createdAt;
  for (let step = plan.steps[member.step]; step; step = plan.steps[member.step]) {
    try {
      if (isStepNeeded(context, machineId, step, { since, allowRemovals: plan.allowRemovals })) {
        if (stop !== null) return leave(member, stop);
        const options = optionsOf(plan, member.step);
        if (needsApproval(plan, member)) {
          const requestId = askFor(desk.requests, run, plan, member, step, options);
          insertStep(context, run.id, member, 'asked', { requestId });
          member.state = 'held';
          member.request = { id: requestId, status: 'pending' };
          desk.track(requestId, run.id);
          return;
        }
        const [job] = runner.enqueue(step.action, [machineId], options, undefined, 0, run.scheduleId);
        if (!job) return;
        insertStep(context, run.id, member, 'job', { jobId: job.jobId });
        member.openJob = { id: job.jobId, status: 'queued' };
        desk.track(job.jobId, run.id);
        return;
      }
    } catch (thrown) {
      const error = toAppError(thrown);
      // Not a refusal but trouble of our own: the whole is taken back and tried again.
      if (error.code === 'internal' || error.code === 'database_busy' || error.code === 'local_disk_full')
        throw thrown;
      if (error.data['nothingToDo'] !== true) {
        insertStep(context, run.id, member, 'refused', { error });
        member.state = 'error';
        return;
      }
    }
    insertStep(context, run.id, member, 'not_needed');
    member.step++;
  }
  member.state = member.hasWarning ? 'warning' : 'ok';
}

function statusOf(
  run: store.RunRow,
  members: readonly Member[],
): Exclude<ScheduleRunStatus, 'running' | 'asking' | 'skipped'> {
  const left = (reason: ScheduleLeftReason) => members.some(({ leftReason }) => leftReason === reason);
  const has = (state: Member['state']) => members.some((member) => member.state === state);
  if (left('failure')) return 'stopped';
  if (run.cancelRequestedAt !== null && left('cancelled')) return 'cancelled';
  if (has('error') || run.skipReason === 'view_gone') return 'error';
  return has('warning') || has('left') ? 'warning' : 'ok';
}

const outcomes: Partial<Record<ScheduleRunStatus, ScheduleOutcome>> = {
  ok: 'ok',
  warning: 'warning',
  error: 'error',
  stopped: 'error',
};

function finish(context: CoreContext, run: store.RunRow, plan: RunPlan, members: readonly Member[]): void {
  const status = statusOf(run, members);
  const finishedAt = isoNow(context);
  store.patchRun(context, run.id, { status, finishedAt, reportDue: true });
  store.patchSchedule(context, run.scheduleId, { lastRunAt: finishedAt });
  const outcome = outcomes[status];
  const count = (state: Member['state']) => members.filter((member) => member.state === state).length;
  recordEvent(context, {
    machineId: null,
    eventType: 'schedule.finished',
    severity: status === 'ok' ? 'info' : status === 'error' || status === 'stopped' ? 'error' : 'warning',
    actorType: 'schedule',
    message: `The schedule ${plan.name} ended: ${status}.`,
    data: {
      scheduleId: run.scheduleId,
      runId: run.id,
      name: plan.name,
      status,
      machines: members.length,
      skipReason: run.skipReason,
      failed: count('error'),
      left: count('left'),
      notify: outcome !== undefined && plan.notifyOn.includes(outcome),
    },
  });
}
