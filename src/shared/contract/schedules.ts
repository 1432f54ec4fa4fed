import { z } from 'zod';
import { figureIds } from '../domain/fleet-figures.ts';
import {
  armedStatuses,
  bulkFailureRules,
  catchUpRules,
  conffilePolicies,
  executionStatuses,
  jobStatuses,
  machineKinds,
  notRunReasons,
  requestStatuses,
  scheduleConditions,
  scheduleLeftReasons,
  scheduleMachineStates,
  scheduleOutcomes,
  scheduleRunStatuses,
  scheduleSkipReasons,
  scheduleStepStates,
  scheduleTriggers,
  startableActions,
} from '../domain/unions.ts';
import { call, events } from './define.ts';
import { none, byId } from './inputs.ts';
import * as m from './models.ts';

const everywhere = ['ui', 'web', 'api', 'mcp'] as const;
const people = ['ui', 'web', 'api'] as const;

const ids = z.array(m.id).max(1000);

/** Which machines, judged anew at each run: all, some by name, or those that match every part that is not empty. */
export const scheduleScope = z.discriminatedUnion('by', [
  z.object({ by: z.literal('all'), exceptTagIds: ids.default([]) }),
  z.object({ by: z.literal('machines'), machineIds: ids.min(1) }),
  z.object({
    by: z.literal('filter'),
    /** Any of these. */
    tagIds: ids.default([]),
    groups: z.array(m.groupText).max(200).default([]),
    kinds: z.array(z.enum(machineKinds)).max(machineKinds.length).default([]),
    /** Part of the name or address. */
    search: z.string().trim().max(100).default(''),
    exceptTagIds: ids.default([]),
  }),
  z.object({
    /** What the search of the fleet finds, among what one of its figures counts. */
    by: z.literal('search'),
    query: z.string().trim().max(200),
    filter: z.enum(figureIds).default('machines'),
    exceptTagIds: ids.default([]),
  }),
  z.object({
    /** What a saved view of the fleet shows; a run is refused once it was deleted. */
    by: z.literal('view'),
    viewId: m.id,
    /** As it was called when it was chosen: to say which one is missing. */
    viewName: m.fleetViewName,
    exceptTagIds: ids.default([]),
  }),
]);
export type ScheduleScope = z.output<typeof scheduleScope>;

export const scheduleStep = z.object({
  action: z.enum(startableActions),
  condition: z.enum(scheduleConditions).default('always'),
  /** Of an upgrade: installs the security updates of its plan alone, with what they need. Absent: all of it. */
  packages: z.literal('security').exactOptional(),
});
export type ScheduleStep = z.output<typeof scheduleStep>;

export const cronText = z.string().trim().min(1).max(200);
export const timezoneText = z.string().trim().min(1).max(64);

/** What a person says of a schedule. */
export const scheduleInput = z.object({
  name: z.string().trim().min(1).max(80),
  cron: cronText,
  timezone: timezoneText,
  scope: scheduleScope,
  steps: z.array(scheduleStep).min(1).max(12),
  wave: m.waveRule.default('all'),
  concurrency: z.number().int().min(1).max(200).default(16),
  onFailure: z.enum(bulkFailureRules).default('stop'),
  /** No step starts later than so long after the run began; null: no limit. */
  windowMinutes: z.number().int().min(5).max(10_080).nullable().default(null),
  conffiles: z.enum(conffilePolicies).default('keep'),
  /** Without it, a plan that removes packages is not applied. */
  allowRemovals: z.boolean().default(false),
  /** A person approves, machine by machine, what a run would change before it does. */
  asksApproval: z.boolean().default(false),
  /** How long that may take; never longer than the window. */
  approvalHours: z
    .number()
    .int()
    .min(1)
    .max(24 * 30)
    .default(24),
  catchUp: z.enum(catchUpRules).default('skip'),
  notifyOn: z
    .array(z.enum(scheduleOutcomes))
    .max(scheduleOutcomes.length)
    .default(['warning', 'error', 'skipped']),
});
export type ScheduleInput = z.output<typeof scheduleInput>;

export const scheduleRunSummary = z.object({
  id: m.id,
  scheduleId: m.id,
  dueAt: m.isoDate,
  trigger: z.enum(scheduleTriggers),
  status: z.enum(scheduleRunStatuses),
  skipReason: z.enum(scheduleSkipReasons).nullable(),
  /** Due moments before this one that were missed, which it stands for. */
  missed: z.number().int(),
  windowEndsAt: m.isoDate.nullable(),
  startedAt: m.isoDate.nullable(),
  finishedAt: m.isoDate.nullable(),
  cancelRequested: z.boolean(),
  /** The document about the whole run; null until it is written. */
  reportId: m.id.nullable(),
  machines: z.number().int(),
  counts: z.record(z.enum(scheduleMachineStates), z.number().int()),
});
export type ScheduleRunSummary = z.output<typeof scheduleRunSummary>;

export const scheduleRunMachine = z.object({
  machineId: m.id,
  machineName: z.string(),
  wave: z.number().int(),
  state: z.enum(scheduleMachineStates),
  leftReason: z.enum(scheduleLeftReasons).nullable(),
  /** Steps that were decided, in their order; those after them were not begun. */
  steps: z.array(
    z.object({
      step: z.number().int(),
      state: z.enum(scheduleStepStates),
      /** What a person was asked, where that was so. */
      request: z.object({ id: m.id, status: z.enum(requestStatuses) }).nullable(),
      jobStatus: z.enum(jobStatuses).nullable(),
      executionId: m.id.nullable(),
      error: m.failure.nullable(),
    }),
  ),
});
export type ScheduleRunMachine = z.output<typeof scheduleRunMachine>;

/** `steps`: what each machine goes through, the refresh that comes first included. */
export const scheduleRunDetail = scheduleRunSummary.extend({
  steps: z.array(scheduleStep),
  members: z.array(scheduleRunMachine),
});
export type ScheduleRunDetail = z.output<typeof scheduleRunDetail>;

export const armedRun = z.object({
  id: m.id,
  scheduleId: m.id,
  scheduleName: z.string(),
  machineId: m.id,
  machineName: z.string(),
  action: z.enum(startableActions),
  status: z.enum(armedStatuses),
  notRunReason: z.enum(notRunReasons).nullable(),
  dueAt: m.isoDate,
  expiresAt: m.isoDate,
  packages: z.number().int(),
  /** The run, once the host was asked and it has begun. */
  executionId: m.id.nullable(),
  /** How that ended; null while it is not collected. */
  outcome: z.enum(executionStatuses).nullable(),
  /**
   * When the host is asked next, and how often it was by now. Null: there is nothing to ask, or it is being handed over or taken
   * back this very moment.
   */
  askAt: m.isoDate.nullable(),
  asks: z.number().int(),
});
export type ArmedRun = z.output<typeof armedRun>;

export const schedule = scheduleInput.extend({
  id: m.id,
  enabled: z.boolean(),
  nextRunAt: m.isoDate.nullable(),
  /** The newest run, also one under way or asking. */
  lastRun: scheduleRunSummary.nullable(),
  /** Machines to which the next run is handed over. */
  armed: z.number().int(),
});
export type Schedule = z.output<typeof schedule>;

/** Why a pattern cannot be used. `never`: it names no day that exists. */
export const cronProblems = ['pattern', 'timezone', 'never'] as const;

export const scheduleProcedures = {
  'schedules.list': call({
    summary: 'All schedules with their next and newest run, by name',
    risk: 'read',
    surfaces: everywhere,
    input: none,
    output: z.object({ schedules: z.array(schedule) }),
  }),
  'schedules.watch': events({
    summary: 'All schedules; the whole at each change',
    risk: 'read',
    surfaces: people,
    input: none,
    output: z.object({ schedules: z.array(schedule) }),
  }),
  'schedules.get': call({
    summary: 'One schedule with its last runs, its next five dates and what is armed',
    risk: 'read',
    surfaces: everywhere,
    input: byId,
    output: z.object({
      schedule,
      runs: z.array(scheduleRunSummary),
      next: z.array(m.isoDate),
      armed: z.array(armedRun),
    }),
  }),
  'schedules.run': call({
    summary: 'One run of a schedule with each machine and step',
    risk: 'read',
    surfaces: everywhere,
    input: byId,
    output: scheduleRunDetail,
  }),
  'schedules.preview': call({
    summary: 'The next five dates of a pattern in a time zone, or why it cannot be used',
    risk: 'read',
    surfaces: people,
    input: z.object({ cron: z.string().max(200), timezone: z.string().max(64) }),
    output: z.object({ next: z.array(m.isoDate), problem: z.enum(cronProblems).nullable() }),
  }),
  'schedules.scope': call({
    summary: 'How many machines a scope matches now, and the first of them by name',
    risk: 'read',
    surfaces: people,
    input: z.object({ scope: scheduleScope }),
    output: z.object({ total: z.number().int(), machines: z.array(m.namedMachine) }),
  }),
  'schedules.upcoming': call({
    summary: 'What is due within the next days, in order; at most 200',
    risk: 'read',
    surfaces: everywhere,
    input: z.object({ days: z.number().int().min(1).max(31).default(7) }),
    output: z.object({ due: z.array(z.object({ scheduleId: m.id, at: m.isoDate })) }),
  }),
  'schedules.create': call({
    summary: 'Create a schedule',
    risk: 'change',
    surfaces: people,
    input: scheduleInput.extend({ enabled: z.boolean().default(true) }),
    output: z.object({ id: m.id }),
  }),
  'schedules.update': call({
    summary: 'Change a schedule; a run under way keeps what it began with',
    risk: 'change',
    surfaces: people,
    input: scheduleInput.extend({ id: m.id }),
    output: none,
  }),
  'schedules.setEnabled': call({
    summary: 'Switch a schedule on or off',
    risk: 'change',
    surfaces: people,
    input: z.object({ id: m.id, enabled: z.boolean() }),
    output: none,
  }),
  'schedules.remove': call({
    summary: 'Remove a schedule; can be undone',
    risk: 'change',
    surfaces: people,
    input: byId,
    output: none,
  }),
  'schedules.restore': call({
    summary: 'Undo the removal of a schedule',
    risk: 'change',
    surfaces: people,
    input: byId,
    output: none,
  }),
  'schedules.runNow': call({
    summary: 'Run a schedule now, besides its dates',
    risk: 'change',
    surfaces: people,
    input: byId,
    output: z.object({ runId: m.id }),
  }),
  'schedules.answer': call({
    summary: 'Decide on a missed run that asks: run it now, or leave it out',
    risk: 'change',
    surfaces: people,
    input: z.object({ runId: m.id, run: z.boolean() }),
    output: none,
  }),
  'schedules.cancelRun': call({
    summary: 'Start nothing more in a run of a schedule; what runs goes on to its end',
    risk: 'change',
    surfaces: people,
    input: z.object({ runId: m.id }),
    output: z.object({ outcome: z.enum(['cancelled', 'already_ended']) }),
  }),
  'schedules.arm': call({
    summary: 'Hand the package change of the next run to its machines as timers of systemd',
    risk: 'change',
    surfaces: people,
    input: byId,
    output: z.object({
      dueAt: m.isoDate,
      machines: z.array(
        z.object({
          machineId: m.id,
          machineName: z.string(),
          /** Null: it is armed. */
          error: m.failure.nullable(),
          /** The link was lost on the way: only the host knows whether it is armed, and is asked soon. */
          isUnknown: z.boolean(),
        }),
      ),
    }),
  }),
  'schedules.revoke': call({
    summary: 'Take armed work back from its host; refused once it has begun',
    risk: 'change',
    surfaces: people,
    input: byId,
    output: z.object({ outcome: z.enum(['revoked', 'started', 'not_there']) }),
  }),
  'schedules.armedOn': call({
    summary: 'What is armed on a machine now',
    risk: 'read',
    surfaces: everywhere,
    input: z.object({ machineId: m.id }),
    output: z.object({ armed: z.array(armedRun) }),
  }),
};
