import type { HomeportHandlers } from '../../shared/contract/index.ts';
import type { Schedule, ScheduleInput } from '../../shared/contract/schedules.ts';
import { AppError } from '../../shared/domain/errors.ts';
import type { ActionDeps } from '../actions/index.ts';
import { revokeArmed } from '../actions/armed-runs.ts';
import { countLiveArmed, listArmed } from '../armed/index.ts';
import { isoNow, type CoreContext } from '../context.ts';
import { recordEvent } from '../events/index.ts';
import { changedIds } from '../watch.ts';
import { armNextRun } from './arming.ts';
import { checkCron, cronProblem, nextAfter, nextDates } from './cron.ts';
import { checkSteps, columnsOf, inputOf, planOf, type ScheduleRow } from './model.ts';
import { runMachines } from './run-machines.ts';
import { refuseArmed, type Schedules } from './schedules.ts';
import { machinesOfScope } from './scope.ts';
import * as store from './store.ts';

type Names = Extract<keyof HomeportHandlers, `schedules.${string}`>;

/** Least time between two messages of the watch: the whole is sent each time. */
const GAP_MS = 250;
const RUNS_SHOWN = 50;
const MACHINES_SHOWN = 50;
const DATES_SHOWN = 5;
const MOST_UPCOMING = 200;

export function scheduleHandlers(
  context: CoreContext,
  schedules: Schedules,
  deps: ActionDeps,
): Pick<HomeportHandlers, Names> {
  const { database, bus } = context;

  const shown = (row: ScheduleRow): Schedule => ({
    ...inputOf(row),
    id: row.id,
    enabled: row.enabled,
    nextRunAt: row.nextRunAt,
    lastRun: store.runSummaries(context, { scheduleId: row.id, limit: 1 })[0] ?? null,
    armed: countLiveArmed(context, row.id),
  });
  const all = () => ({ schedules: store.allSchedules(context).map(shown) });
  const nextOf = ({ cron, timezone }: Pick<ScheduleRow, 'cron' | 'timezone'>, enabled: boolean) =>
    enabled ? (nextAfter(cron, timezone, context.now())?.toISOString() ?? null) : null;

  /** @throws AppError schedule_pattern_invalid, invalid_input, schedule_view_gone */
  function check(input: ScheduleInput): void {
    checkCron(input.cron, input.timezone, context.now());
    checkSteps(input);
    machinesOfScope(context, input.scope);
  }

  /** One change of a schedule with its event; then the timer looks again. */
  function change(
    id: string,
    eventType: string,
    name: string,
    work: () => void,
    data: () => Record<string, unknown> = () => ({}),
  ): void {
    database.tx(() => {
      work();
      recordEvent(context, {
        machineId: null,
        eventType,
        severity: 'info',
        actorType: 'user',
        message: `${name}: ${eventType}.`,
        data: { scheduleId: id, name, ...data() },
      });
    });
    bus.publish('schedule.changed', { scheduleId: id });
    schedules.look();
  }

  return {
    'schedules.list': all,
    'schedules.watch': async function* (_input, { signal }) {
      for await (const _ of changedIds(bus, 'schedule.changed', (n) => [n.scheduleId], signal, GAP_MS)) {
        yield all();
      }
    },
    'schedules.get': ({ id }) => {
      const row = store.scheduleById(context, id);
      return {
        schedule: shown(row),
        runs: store.runSummaries(context, { scheduleId: id, limit: RUNS_SHOWN }),
        next: nextDates(row.cron, row.timezone, context.now(), DATES_SHOWN).map((date) => date.toISOString()),
        armed: listArmed(context, { scheduleId: id }),
      };
    },
    'schedules.run': ({ id }) => {
      const run = store.runById(context, id);
      const [summary] = store.runSummaries(context, { runId: id });
      if (!summary) throw new AppError('not_found', 'No such run of a schedule', { runId: id });
      return { ...summary, steps: planOf(run).steps, members: runMachines(context, id) };
    },
    'schedules.preview': ({ cron, timezone }) => {
      const now = context.now();
      const problem = cronProblem(cron, timezone, now);
      const next = problem === null ? nextDates(cron, timezone, now, DATES_SHOWN) : [];
      return { next: next.map((date) => date.toISOString()), problem };
    },
    'schedules.scope': ({ scope }) => {
      const machines = machinesOfScope(context, scope);
      return { total: machines.length, machines: machines.slice(0, MACHINES_SHOWN) };
    },
    'schedules.upcoming': ({ days }) => {
      const now = context.now();
      const until = new Date(now.getTime() + days * 86_400_000);
      const due = store.enabledSchedules(context).flatMap(({ id, cron, timezone }) =>
        nextDates(cron, timezone, now, MOST_UPCOMING)
          .filter((date) => date <= until)
          .map((date) => ({ scheduleId: id, at: date.toISOString() })),
      );
      due.sort((a, b) => a.at.localeCompare(b.at));
      return { due: due.slice(0, MOST_UPCOMING) };
    },
    'schedules.create': ({ enabled, ...input }) => {
      check(input);
      let id = '';
      database.tx(() => {
        id = store.insertSchedule(context, {
          ...columnsOf(input),
          enabled,
          nextRunAt: nextOf(input, enabled),
        });
      });
      change(id, 'schedule.created', input.name, () => undefined);
      return { id };
    },
    'schedules.update': ({ id, ...input }) => {
      const row = store.scheduleById(context, id);
      check(input);
      // What was handed to hosts is bound to the schedule as it was.
      refuseArmed(context, id);
      change(id, 'schedule.updated', input.name, () =>
        store.patchSchedule(context, id, { ...columnsOf(input), nextRunAt: nextOf(input, row.enabled) }),
      );
      return {};
    },
    'schedules.setEnabled': ({ id, enabled }) => {
      const row = store.scheduleById(context, id);
      if (row.enabled === enabled) return {};
      if (!enabled) refuseArmed(context, id);
      change(id, enabled ? 'schedule.enabled' : 'schedule.disabled', row.name, () =>
        store.patchSchedule(context, id, { enabled, nextRunAt: nextOf(row, enabled) }),
      );
      return {};
    },
    'schedules.remove': ({ id }) => {
      const row = store.scheduleById(context, id);
      refuseArmed(context, id);
      change(
        id,
        'schedule.removed',
        row.name,
        () => {
          store.patchSchedule(context, id, { deletedAt: isoNow(context), nextRunAt: null });
          for (const run of store.askingRuns(context, id)) {
            const finishedAt = isoNow(context);
            store.patchRun(context, run.id, { status: 'skipped', skipReason: 'dismissed', finishedAt });
          }
        },
        () => ({ stillAsking: store.askingRuns(context).length }),
      );
      return {};
    },
    'schedules.restore': ({ id }) => {
      const row = store.scheduleById(context, id, true);
      if (row.deletedAt === null) return {};
      change(id, 'schedule.restored', row.name, () =>
        store.patchSchedule(context, id, { deletedAt: null, nextRunAt: nextOf(row, row.enabled) }),
      );
      return {};
    },
    'schedules.runNow': ({ id }) => ({ runId: schedules.runNow(id) }),
    'schedules.answer': ({ runId, run }) => {
      schedules.answer(runId, run);
      return {};
    },
    'schedules.cancelRun': ({ runId }) => ({ outcome: schedules.cancelRun(runId) }),
    'schedules.arm': async ({ id }) => {
      const { dueAt, machines } = await armNextRun(deps, store.scheduleById(context, id));
      // A host may have to be asked soon.
      schedules.look();
      return {
        dueAt,
        machines: machines.map(({ id: machineId, name, ...told }) => ({
          machineId,
          machineName: name,
          ...told,
        })),
      };
    },
    'schedules.revoke': async ({ id }) => {
      try {
        return { outcome: await revokeArmed(deps, id) };
      } finally {
        schedules.look();
      }
    },
    'schedules.armedOn': ({ machineId }) => ({ armed: listArmed(context, { machineId }) }),
  };
}
