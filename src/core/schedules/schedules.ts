import { AppError } from '../../shared/domain/errors.ts';
import { armedToAsk, askUnconfirmed, countLiveArmed, markAsked, nextAskAt } from '../armed/index.ts';
import { isoNow, type CoreContext } from '../context.ts';
import { recordEvent } from '../events/index.ts';
import { jobStatusOf, type Runner } from '../jobs/index.ts';
import type { Requests } from '../requests/index.ts';
import { beginAsked, beginRun } from './begin.ts';
import { runPlanOf } from './model.ts';
import { advance, type After, type Desk } from './progress.ts';
import { createReporting } from './reporting.ts';
import { membersOf } from './run-machines.ts';
import { machinesOfScope } from './scope.ts';
import * as store from './store.ts';
import { tickSchedule } from './tick.ts';

export interface Schedules {
  /** Looks at once at what is due; call it when schedules have changed. */
  look(): void;
  /**
   * Starts a run besides the dates.
   * @throws AppError not_found, conflict while a run goes on, schedule_view_gone
   */
  runNow(scheduleId: string): string;
  /** @throws AppError not_found, conflict when it does not ask any more, or while another run goes on */
  answer(runId: string, run: boolean): void;
  cancelRun(runId: string): 'cancelled' | 'already_ended';
  /** Takes up the runs that a former process left, then what became due meanwhile. Call it after the runner has started. */
  start(): void;
  /** Waits for a report that is being written. */
  close(): Promise<void>;
}

/** The longest wait of the timer: a clock that was set, and a computer that slept, are noticed by then. */
const LONGEST_WAIT_MS = 60_000;
/** After a failure of our own: a full disk, say. */
const AGAIN_MS = 5_000;

/**
 * Runs schedules when they are due, and each run to its end. A tick and what it starts are one transaction; everything that
 * decides is in the database, so that a process that starts later goes on where this one ended.
 */
export function createSchedules(
  context: CoreContext,
  runner: Runner,
  requests: Pick<Requests, 'create' | 'withdraw'>,
): Schedules {
  const { database, bus } = context;
  /** The run of each job that has not ended, and of each request that is not decided. */
  const runOf = new Map<string, string>();
  /** Runs that wait for what hosts were handed. */
  const waitingForHosts = new Set<string>();
  const due = new Set<string>();
  const reporting = createReporting(context);
  let timer: NodeJS.Timeout | undefined;
  let closing = false;

  const desk: Desk = { context, runner, requests, track: (id, runId) => runOf.set(id, runId) };

  const unsubscribe = [
    bus.subscribe('job.changed', ({ jobId }) => {
      const runId = runOf.get(jobId);
      if (runId === undefined) return;
      const status = jobStatusOf(context, jobId);
      if (status === 'queued' || status === 'running') return;
      runOf.delete(jobId);
      wake(runId);
    }),
    bus.subscribe('request.changed', ({ requestId }) => {
      const runId = runOf.get(requestId);
      if (runId !== undefined) wake(runId);
    }),
    bus.subscribe('execution.changed', () => {
      for (const runId of waitingForHosts) wake(runId);
    }),
    bus.subscribe('schedule.changed', () => {
      for (const runId of waitingForHosts) wake(runId);
    }),
  ];

  /** Looks at a run when what is going on now is done: news arrive in the midst of other transactions' callers. */
  function wake(runId: string): void {
    if (closing || due.has(runId)) return;
    due.add(runId);
    queueMicrotask(() => {
      due.delete(runId);
      if (!closing) goOn(runId);
    });
  }

  function goOn(runId: string): void {
    try {
      const { scheduleId, status } = store.runById(context, runId);
      if (status !== 'running') {
        waitingForHosts.delete(runId);
        return;
      }
      const after = database.tx(() => advance(desk, runId));
      // What waits for hosts hears of every change: it must not answer with one of its own where there was none.
      if (after.hasChanged || after.cancel.length > 0) done(after, scheduleId, runId);
    } catch (error) {
      context.log.error('A run of a schedule could not go on', { runId, error: text(error) });
    }
  }

  /** After the commit: gives back jobs that shall not start, and tells. */
  function done({ cancel }: After, scheduleId: string, runId?: string | null): void {
    for (const jobId of cancel) {
      runner.cancel(jobId).catch((error: unknown) => {
        context.log.error('A job of a schedule could not be cancelled', { jobId, error: text(error) });
      });
    }
    if (runId !== undefined && runId !== null) noteHosts(runId);
    // Who hears this may ask at once: the transaction of a caller must have ended.
    queueMicrotask(() => bus.publish('schedule.changed', { scheduleId }));
  }

  function noteHosts(runId: string): void {
    const { status } = store.runById(context, runId);
    const isWaiting =
      status === 'running' && membersOf(context, runId).some(({ state }) => state === 'armed');
    if (isWaiting) waitingForHosts.add(runId);
    else waitingForHosts.delete(runId);
    if (status === 'running') return;
    for (const [id, of] of runOf) if (of === runId) runOf.delete(id);
    reporting.look();
  }

  function tick(): void {
    clearTimeout(timer);
    if (closing) return;
    let nextMs = LONGEST_WAIT_MS;
    let leastMs = 0;
    try {
      for (const { id } of store.enabledSchedules(context)) if (!tickOne(id)) leastMs = AGAIN_MS;
      for (const run of store.runningRuns(context)) {
        if (run.windowEndsAt !== null && run.windowEndsAt <= isoNow(context)) wake(run.id);
        else if (run.windowEndsAt !== null) nextMs = Math.min(nextMs, msUntil(run.windowEndsAt));
      }
      askHosts();
      reporting.look();
      const askAt = nextAskAt(context);
      if (askAt !== null) nextMs = Math.min(nextMs, msUntil(askAt));
      const [first] = store.enabledSchedules(context);
      if (first?.nextRunAt) nextMs = Math.min(nextMs, msUntil(first.nextRunAt));
    } catch (error) {
      context.log.error('Schedules could not be looked at; trying again', { error: text(error) });
      leastMs = AGAIN_MS;
    }
    timer = setTimeout(tick, Math.max(leastMs, nextMs) + 1);
  }

  /** @returns false when it has to be tried again */
  function tickOne(scheduleId: string): boolean {
    try {
      const after = database.tx(() => tickSchedule(desk, store.scheduleById(context, scheduleId)));
      if (after === null) return true;
      done(after, scheduleId);
      for (const run of store.runningRuns(context)) if (run.scheduleId === scheduleId) noteHosts(run.id);
      return true;
    } catch (error) {
      // The others are looked at all the same; this one is tried again with the next look.
      context.log.error('A schedule could not be looked at', { scheduleId, error: text(error) });
      return false;
    }
  }

  const msUntil = (iso: string): number => Date.parse(iso) - context.now().getTime();

  /** What was handed to hosts is collected by a refresh: the first contact does it, whoever makes it. */
  function askHosts(): void {
    for (const [machineId, rows] of Map.groupBy(armedToAsk(context), (row) => row.machineId)) {
      database.tx(() => {
        for (const row of rows) markAsked(context, row);
        runner.enqueue('apt_update_analyze', [machineId], {}, undefined, 0, rows[0]?.scheduleId);
      });
      for (const { scheduleId } of rows) bus.publish('schedule.changed', { scheduleId });
    }
  }

  function refuseBusy(scheduleId: string): void {
    if (store.runningRuns(context).some((run) => run.scheduleId === scheduleId)) {
      throw new AppError('conflict', 'A run of this schedule goes on', { scheduleId, reason: 'running' });
    }
  }

  return {
    look: tick,

    runNow(scheduleId) {
      const schedule = store.scheduleById(context, scheduleId);
      refuseBusy(scheduleId);
      // Who asks for it is told at once.
      machinesOfScope(context, runPlanOf(schedule).scope);
      const dueAt = isoNow(context);
      const { runId, after } = database.tx(() =>
        beginRun(desk, schedule, { dueAt, trigger: 'manual', missed: 0, missedSince: null }),
      );
      if (runId === null)
        throw new AppError('conflict', 'A run of this moment is there already', { scheduleId });
      done(after, scheduleId, runId);
      return runId;
    },

    answer(runId, run) {
      const row = store.runById(context, runId);
      const schedule = store.scheduleById(context, row.scheduleId);
      if (row.status !== 'asking') {
        throw new AppError('conflict', 'The run does not ask any more', { runId, reason: 'answered' });
      }
      if (run) refuseBusy(schedule.id);
      const after = database.tx(() => {
        const { id: scheduleId, name } = schedule;
        const others = store.askingRuns(context).filter(({ id }) => id !== runId).length;
        recordEvent(context, {
          machineId: null,
          eventType: 'schedule.answered',
          severity: 'info',
          actorType: 'user',
          message: `A missed run of ${name} is ${run ? 'made up for' : 'left out'}.`,
          data: { scheduleId, runId, name, run, stillAsking: others },
        });
        if (!run) {
          const finishedAt = isoNow(context);
          store.patchRun(context, runId, { status: 'skipped', skipReason: 'dismissed', finishedAt });
        }
        const made = run ? beginAsked(desk, schedule, row) : { cancel: [], hasChanged: true };
        return made;
      });
      done(after, schedule.id, runId);
    },

    cancelRun(runId) {
      const run = store.runById(context, runId);
      if (run.status !== 'running') return 'already_ended';
      database.tx(() => store.patchRun(context, runId, { cancelRequestedAt: isoNow(context) }));
      goOn(runId);
      return 'cancelled';
    },

    start() {
      for (const run of store.runningRuns(context)) {
        for (const { openJob, request } of membersOf(context, run.id)) {
          if (openJob !== null) runOf.set(openJob.id, run.id);
          if (request !== null) runOf.set(request.id, run.id);
        }
        noteHosts(run.id);
        wake(run.id);
      }
      askUnconfirmed(context);
      tick();
    },

    async close() {
      closing = true;
      clearTimeout(timer);
      for (const stop of unsubscribe) stop();
      await reporting.close();
    },
  };
}

/** @throws AppError schedule_armed */
export function refuseArmed(context: CoreContext, scheduleId: string): void {
  const count = countLiveArmed(context, scheduleId);
  if (count === 0) return;
  throw new AppError('schedule_armed', 'Machines are armed for the next run of this schedule', {
    scheduleId,
    count,
  });
}

const text = (error: unknown): string =>
  error instanceof Error ? (error.stack ?? error.message) : String(error);
