import type { NamedMachine } from '../../shared/contract/models.ts';
import { AppError } from '../../shared/domain/errors.ts';
import type { ScheduleSkipReason, ScheduleTrigger } from '../../shared/domain/unions.ts';
import { wavesOf } from '../../shared/domain/waves.ts';
import { armedOfDue } from '../armed/index.ts';
import type { CoreContext } from '../context.ts';
import { recordEvent } from '../events/index.ts';
import { runPlanOf, type RunPlan, type ScheduleRow } from './model.ts';
import { advance, type After, type Desk } from './progress.ts';
import { insertMembers } from './run-machines.ts';
import { machinesOfScope } from './scope.ts';
import * as store from './store.ts';

export interface Due {
  /** ISO 8601 UTC. */
  readonly dueAt: string;
  readonly trigger: ScheduleTrigger;
  readonly missed: number;
  readonly missedSince: string | null;
}

const nothing: After = { cancel: [], hasChanged: true };

/** From when the window counts: a run that is made up for has its whole length. */
function windowEnd(context: CoreContext, plan: RunPlan, { dueAt, trigger }: Due): string | null {
  if (plan.windowMinutes === null) return null;
  const from = trigger === 'due' ? Date.parse(dueAt) : context.now().getTime();
  return new Date(from + plan.windowMinutes * 60_000).toISOString();
}

/** The machines of a run, those first that it works on itself. `onlyArmed`: the others of the scope are left as missed. */
function putMembers(
  context: CoreContext,
  runId: string,
  schedule: ScheduleRow,
  plan: RunPlan,
  scope: readonly NamedMachine[],
  dueAt: string,
  onlyArmed: boolean,
): void {
  const armed = armedOfDue(context, schedule.id, dueAt);
  // What was taken back before is an ordinary machine of the run again.
  for (const [machineId, { row }] of armed) if (row.status === 'revoked') armed.delete(machineId);
  const own = scope.map(({ id }) => id).filter((id) => !armed.has(id));
  const waves = wavesOf(own.length, plan.wave);
  insertMembers(context, runId, [
    ...own.map((machineId, i) =>
      onlyArmed
        ? ({ machineId, wave: waves[i] ?? 0, state: 'left', leftReason: 'missed' } as const)
        : ({ machineId, wave: waves[i] ?? 0, state: 'waiting', leftReason: null } as const),
    ),
    ...[...armed.keys()].map(
      (machineId) => ({ machineId, wave: 0, state: 'armed', leftReason: null }) as const,
    ),
  ]);
}

/**
 * Stores a run and starts its first steps, inside the caller's transaction. A due moment that has a run already is left alone;
 * while another run of the schedule goes on, where no machine matches, and where the saved view that says where was deleted, it
 * is noted as skipped.
 * @returns the run's id, or null when its moment had one
 */
export function beginRun(
  desk: Desk,
  schedule: ScheduleRow,
  due: Due,
  onlyArmed = false,
): { runId: string | null; after: After } {
  const { context } = desk;
  const plan = runPlanOf(schedule);
  const armed = [...armedOfDue(context, schedule.id, due.dueAt).values()];
  const isArmed = armed.some(({ row }) => row.status !== 'revoked');
  if (store.runningRuns(context).some((run) => run.scheduleId === schedule.id)) {
    return { runId: skipRun(context, schedule, due, 'overlap'), after: nothing };
  }
  const scope = scopeOrGone(context, plan);
  if (!isArmed && (scope === 'view_gone' || scope.length === 0)) {
    const reason = scope === 'view_gone' ? scope : 'no_machines';
    return { runId: skipRun(context, schedule, due, reason), after: nothing };
  }
  const runId = store.insertRun(context, {
    scheduleId: schedule.id,
    ...due,
    status: 'running',
    // What hosts were handed is collected all the same; for the others it did not run.
    skipReason: scope === 'view_gone' ? scope : null,
    windowEndsAt: windowEnd(context, plan, due),
    plan,
  });
  if (runId === null) return { runId, after: nothing };
  putMembers(context, runId, schedule, plan, scope === 'view_gone' ? [] : scope, due.dueAt, onlyArmed);
  tellStarted(context, schedule, runId, due);
  return { runId, after: advance(desk, runId) };
}

function scopeOrGone(context: CoreContext, plan: RunPlan): NamedMachine[] | 'view_gone' {
  try {
    return machinesOfScope(context, plan.scope);
  } catch (error) {
    if (error instanceof AppError && error.code === 'schedule_view_gone') return 'view_gone';
    throw error;
  }
}

/** Makes up for a run that was asked about. Call it inside a transaction. @throws AppError schedule_view_gone */
export function beginAsked(desk: Desk, schedule: ScheduleRow, run: store.RunRow): After {
  const { context } = desk;
  const plan = runPlanOf(schedule);
  const due: Due = {
    dueAt: run.dueAt,
    trigger: 'catch_up',
    missed: run.missed,
    missedSince: run.missedSince,
  };
  store.patchRun(context, run.id, {
    status: 'running',
    trigger: 'catch_up',
    startedAt: context.now().toISOString(),
    planJson: JSON.stringify(plan),
    windowEndsAt: windowEnd(context, plan, due),
  });
  putMembers(context, run.id, schedule, plan, machinesOfScope(context, plan.scope), run.dueAt, false);
  tellStarted(context, schedule, run.id, due);
  return advance(desk, run.id);
}

function tellStarted(context: CoreContext, schedule: ScheduleRow, runId: string, due: Due): void {
  recordEvent(context, {
    machineId: null,
    eventType: 'schedule.started',
    severity: 'info',
    actorType: due.trigger === 'due' ? 'schedule' : 'user',
    message: `The schedule ${schedule.name} started.`,
    data: { scheduleId: schedule.id, runId, name: schedule.name, dueAt: due.dueAt, trigger: due.trigger },
  });
}

/** Notes a due moment as not run, and why. */
export function skipRun(
  context: CoreContext,
  schedule: ScheduleRow,
  due: Due,
  reason: ScheduleSkipReason,
): string | null {
  const plan = runPlanOf(schedule);
  const runId = store.insertRun(context, {
    scheduleId: schedule.id,
    ...due,
    status: 'skipped',
    skipReason: reason,
    windowEndsAt: null,
    plan,
  });
  if (runId !== null) {
    recordEvent(context, {
      machineId: null,
      eventType: 'schedule.skipped',
      severity: reason === 'view_gone' ? 'error' : 'warning',
      actorType: 'schedule',
      message: `The schedule ${schedule.name} did not run: ${reason}.`,
      data: {
        scheduleId: schedule.id,
        runId,
        name: schedule.name,
        status: 'skipped',
        skipReason: reason,
        dueAt: due.dueAt,
        missed: due.missed,
        notify:
          plan.notifyOn.includes('skipped') || (reason === 'view_gone' && plan.notifyOn.includes('error')),
      },
    });
  }
  return runId;
}

/** Asks a person about a missed run; an older question of the schedule is withdrawn. */
export function askAbout(context: CoreContext, schedule: ScheduleRow, due: Due): void {
  for (const run of store.askingRuns(context, schedule.id)) {
    store.patchRun(context, run.id, {
      status: 'skipped',
      skipReason: 'superseded',
      finishedAt: context.now().toISOString(),
    });
  }
  const runId = store.insertRun(context, {
    scheduleId: schedule.id,
    ...due,
    status: 'asking',
    skipReason: null,
    windowEndsAt: null,
    plan: runPlanOf(schedule),
  });
  if (runId === null) return;
  recordEvent(context, {
    machineId: null,
    eventType: 'schedule.asks',
    severity: 'warning',
    actorType: 'schedule',
    message: `The schedule ${schedule.name} missed a run and asks whether to make up for it.`,
    data: { scheduleId: schedule.id, runId, name: schedule.name, dueAt: due.dueAt, missed: due.missed },
  });
}
