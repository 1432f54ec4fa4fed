import { desc, sql } from 'drizzle-orm';
import { index, integer, primaryKey, sqliteTable, text, uniqueIndex } from 'drizzle-orm/sqlite-core';
import type { ErrorKind } from '../../../shared/domain/errors.ts';
import {
  actionTypes,
  armedStatuses,
  bulkFailureRules,
  catchUpRules,
  conffilePolicies,
  notRunReasons,
  scheduleLeftReasons,
  scheduleMachineStates,
  scheduleRunStatuses,
  scheduleSkipReasons,
  scheduleStepStates,
  scheduleTriggers,
  type StartableAction,
} from '../../../shared/domain/unions.ts';
import { checksOf, createdAt, flag, id, updatedAt } from './columns.ts';
import { machines } from './machines.ts';

/** What shall happen when, and where. JSON columns hold the shapes of contract/schedules.ts. */
export const schedules = sqliteTable(
  'schedules',
  {
    id: id(),
    name: text('name').notNull(),
    enabled: flag('enabled').notNull().default(true),
    /** Five fields, read in `timezone` (an IANA name). */
    cron: text('cron').notNull(),
    timezone: text('timezone').notNull(),
    scopeJson: text('scope_json').notNull(),
    /** Steps in their order, each with its condition. */
    actionsJson: text('actions_json').notNull(),
    concurrency: integer('concurrency').notNull().default(1),
    waveJson: text('wave_json').notNull().default('"all"'),
    onFailure: text('on_failure', { enum: bulkFailureRules }).notNull().default('stop'),
    /** Length of the maintenance window: no step starts after it. Null: no limit. */
    windowMinutes: integer('window_minutes'),
    conffiles: text('conffiles', { enum: conffilePolicies }).notNull().default('keep'),
    /** Whether a plan that removes packages may be applied. */
    allowRemovals: flag('allow_removals').notNull().default(false),
    /** Whether a person approves what a run would change, and how long that may take. */
    asksApproval: flag('asks_approval').notNull().default(false),
    approvalHours: integer('approval_hours').notNull().default(24),
    catchUp: text('catch_up', { enum: catchUpRules }).notNull().default('skip'),
    /** Outcomes that notify. */
    notifyOnJson: text('notify_on_json'),
    lastRunAt: text('last_run_at'),
    /** The next due moment; null while it is off. */
    nextRunAt: text('next_run_at'),
    createdAt: createdAt(),
    updatedAt: updatedAt(),
    /** Removed, with its history, until that is undone. */
    deletedAt: text('deleted_at'),
  },
  (t) => [index('schedules_enabled_next_run_at').on(t.enabled, t.nextRunAt), ...checksOf(t)],
);

/** One run of a schedule. That a due moment has at most one is the unique index: no crash and no clock can double it. */
export const scheduleRuns = sqliteTable(
  'schedule_runs',
  {
    id: id(),
    scheduleId: text('schedule_id')
      .notNull()
      .references(() => schedules.id, { onDelete: 'cascade' }),
    dueAt: text('due_at').notNull(),
    trigger: text('trigger', { enum: scheduleTriggers }).notNull(),
    status: text('status', { enum: scheduleRunStatuses }).notNull(),
    skipReason: text('skip_reason', { enum: scheduleSkipReasons }),
    /** Due moments before this one that were missed and that this row stands for, and the first of them. */
    missed: integer('missed').notNull().default(0),
    missedSince: text('missed_since'),
    /** What the schedule asked for when the run began: changes to it do not touch a run under way. */
    planJson: text('plan_json').notNull(),
    windowEndsAt: text('window_ends_at'),
    createdAt: createdAt(),
    updatedAt: updatedAt(),
    startedAt: text('started_at'),
    finishedAt: text('finished_at'),
    cancelRequestedAt: text('cancel_requested_at'),
    /** The document about the whole run; null while it goes on, and where nothing was begun. */
    reportId: text('report_id'),
    /** The run has ended and its document is not written yet. */
    reportDue: flag('report_due').notNull().default(false),
  },
  (t) => [
    uniqueIndex('schedule_runs_schedule_id_due_at').on(t.scheduleId, t.dueAt),
    index('schedule_runs_status').on(t.status),
    index('schedule_runs_report_due')
      .on(t.finishedAt)
      .where(sql`"report_due" = 1`),
    ...checksOf(t),
  ],
);

export const scheduleRunMachines = sqliteTable(
  'schedule_run_machines',
  {
    runId: text('run_id')
      .notNull()
      .references(() => scheduleRuns.id, { onDelete: 'cascade' }),
    machineId: text('machine_id')
      .notNull()
      .references(() => machines.id, { onDelete: 'cascade' }),
    position: integer('position').notNull(),
    wave: integer('wave').notNull(),
    state: text('state', { enum: scheduleMachineStates }).notNull(),
    leftReason: text('left_reason', { enum: scheduleLeftReasons }),
    /** The step that it is at, counted from 0. */
    step: integer('step').notNull().default(0),
  },
  (t) => [
    primaryKey({ columns: [t.runId, t.machineId] }),
    index('schedule_run_machines_machine_id').on(t.machineId),
    ...checksOf(t),
  ],
);

/** A step that was decided on a machine; once it has a job, the job's status is its status. */
export const scheduleRunSteps = sqliteTable(
  'schedule_run_steps',
  {
    runId: text('run_id')
      .notNull()
      .references(() => scheduleRuns.id, { onDelete: 'cascade' }),
    machineId: text('machine_id')
      .notNull()
      .references(() => machines.id, { onDelete: 'cascade' }),
    step: integer('step').notNull(),
    state: text('state', { enum: scheduleStepStates }).notNull(),
    jobId: text('job_id'),
    /** What a person was asked; its job is the step's. */
    requestId: text('request_id'),
    errorKind: text('error_kind').$type<ErrorKind>(),
    errorMessage: text('error_message'),
    errorDataJson: text('error_data_json'),
  },
  (t) => [
    // A step of a machine is taken once: no crash can start it twice.
    primaryKey({ columns: [t.runId, t.machineId, t.step] }),
    index('schedule_run_steps_machine_id').on(t.machineId),
    ...checksOf(t),
  ],
);

/** Work of a schedule that was handed to a host as a timer. The id is that of the execution that it becomes. */
export const armedRuns = sqliteTable(
  'armed_runs',
  {
    id: id(),
    scheduleId: text('schedule_id')
      .notNull()
      .references(() => schedules.id, { onDelete: 'cascade' }),
    machineId: text('machine_id')
      .notNull()
      .references(() => machines.id, { onDelete: 'cascade' }),
    action: text('action', { enum: actionTypes }).$type<StartableAction>().notNull(),
    status: text('status', { enum: armedStatuses }).notNull(),
    notRunReason: text('not_run_reason', { enum: notRunReasons }),
    dueAt: text('due_at').notNull(),
    /** The script refuses to begin after this. */
    expiresAt: text('expires_at').notNull(),
    planHash: text('plan_hash'),
    /** What the execution will hold from its start: plan, steps, script. */
    beginJson: text('begin_json').notNull(),
    /** Packages of the plan. */
    packages: integer('packages').notNull(),
    createdAt: createdAt(),
    updatedAt: updatedAt(),
    /** When a job was last queued to ask the host what became of it, and how often by now. */
    askedAt: text('asked_at'),
    asks: integer('asks').notNull().default(0),
    /** When the host is asked next; null: there is nothing to ask, or it is being handed over this very moment. */
    askAt: text('ask_at'),
    settledAt: text('settled_at'),
  },
  (t) => [
    index('armed_runs_machine_id_status').on(t.machineId, t.status),
    index('armed_runs_schedule_id_created_at').on(t.scheduleId, desc(t.createdAt)),
    index('armed_runs_status').on(t.status),
    index('armed_runs_ask_at')
      .on(t.askAt)
      .where(sql`"ask_at" is not null`),
    // A machine is armed once for a due moment.
    uniqueIndex('armed_runs_live')
      .on(t.scheduleId, t.machineId, t.dueAt)
      .where(sql`"status" in ('arming', 'armed', 'revoking', 'taken_up')`),
    ...checksOf(t),
  ],
);
