import type { Failure, NamedMachine } from '../../shared/contract/models.ts';
import { AppError, toAppError } from '../../shared/domain/errors.ts';
import { changeSpec, isPlanBound, selectionOf } from '../actions/apt-change.ts';
import { armRun } from '../actions/armed-runs.ts';
import type { ActionDeps } from '../actions/index.ts';
import { liveArmedOf } from '../armed/index.ts';
import { refuseRemovals, simulateSecurity } from '../plans/index.ts';
import { isSecurityOnly, runPlanOf, type ScheduleRow } from './model.ts';
import { machinesOfScope } from './scope.ts';

/** Machines that are armed at the same time. */
const AT_ONCE = 8;
/** Nearer than that there is no time left to reach a machine. One that is reached too late is told apart. */
const LEAST_AHEAD_MS = 15_000;
/** How late a host may begin where the schedule has no window. */
const EXPIRY_MS = 2 * 3_600_000;
const SIMULATION_LIMIT_MS = 2 * 60_000;

export interface Armed extends Pick<NamedMachine, 'id' | 'name'> {
  readonly error: Failure | null;
  /** The link was lost on the way: only the host knows. */
  readonly isUnknown: boolean;
}

/**
 * Hands the first change of packages of a schedule's next run to each of its machines, bound to the plan of its newest analysis.
 * Each machine is told apart: some may have nothing to do, no systemd, or be away.
 * @throws AppError conflict: the schedule is off, has no such step, or is due too soon
 */
export async function armNextRun(
  deps: ActionDeps,
  schedule: ScheduleRow,
): Promise<{ dueAt: string; machines: Armed[] }> {
  const { context } = deps;
  const plan = runPlanOf(schedule);
  const step = plan.steps.find(({ action }) => isPlanBound(action));
  if (schedule.nextRunAt === null || !step || plan.asksApproval) {
    throw new AppError('conflict', 'There is nothing that could be armed', {
      scheduleId: schedule.id,
      // Nobody could be asked: the host does it by itself.
      reason: plan.asksApproval ? 'asks' : step ? 'off' : 'no_change',
    });
  }
  const dueAt = new Date(schedule.nextRunAt);
  if (dueAt.getTime() - context.now().getTime() < LEAST_AHEAD_MS) {
    throw new AppError('conflict', 'The run is due too soon', {
      scheduleId: schedule.id,
      reason: 'too_soon',
    });
  }
  const lengthMs = plan.windowMinutes === null ? EXPIRY_MS : plan.windowMinutes * 60_000;
  const expiresAt = new Date(dueAt.getTime() + lengthMs);
  const machines = machinesOfScope(context, plan.scope);
  const results: Armed[] = [];
  let next = 0;
  const work = async () => {
    for (let machine = machines[next++]; machine; machine = machines[next++]) {
      const error = await armOne(machine.id);
      results.push({ ...machine, error, isUnknown: error !== null && isLeftOpen(machine.id) });
    }
  };
  const isLeftOpen = (machineId: string): boolean =>
    liveArmedOf(context, machineId).some(
      (row) => row.scheduleId === schedule.id && row.dueAt === dueAt.toISOString() && row.status === 'arming',
    );
  const armOne = async (machineId: string): Promise<Failure | null> => {
    try {
      const selection = isSecurityOnly(step) ? selectionOf(step.action) : null;
      // No ordinary look has asked what they alone would do.
      if (selection !== null) {
        await simulateSecurity(deps, machineId, selection, AbortSignal.timeout(SIMULATION_LIMIT_MS));
      }
      const options = { conffiles: plan.conffiles, security: selection !== null };
      const spec = changeSpec(deps, machineId, step.action, options);
      refuseRemovals(machineId, spec.plan?.planned ?? null, plan.allowRemovals);
      const { id: scheduleId } = schedule;
      await armRun(deps, { scheduleId, machineId, action: step.action, spec, dueAt, expiresAt });
      return null;
    } catch (thrown) {
      const { code, message, data } = toAppError(thrown);
      if (code === 'internal') context.log.error('A machine could not be armed', { error: String(thrown) });
      return { kind: code, message, data };
    }
  };
  await Promise.all(Array.from({ length: Math.min(AT_ONCE, machines.length) }, work));
  results.sort((a, b) => a.name.localeCompare(b.name, 'en', { numeric: true }));
  return { dueAt: dueAt.toISOString(), machines: results };
}
