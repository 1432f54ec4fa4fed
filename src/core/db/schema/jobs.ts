import { desc, sql } from 'drizzle-orm';
import { index, integer, primaryKey, sqliteTable, text, uniqueIndex } from 'drizzle-orm/sqlite-core';
import type { ErrorKind } from '../../../shared/domain/errors.ts';
import {
  actionTypes,
  jobLogCodes,
  jobStatuses,
  lockKinds,
  logLevels,
  planModes,
  requesterTypes,
  requestRisks,
  requestStatuses,
} from '../../../shared/domain/unions.ts';
import { checksOf, createdAt, id, updatedAt } from './columns.ts';
import { machines } from './machines.ts';

const machineId = () => text('machine_id').references(() => machines.id, { onDelete: 'cascade' });

/**
 * The durable queue. A partition is a machine's id, or `app` for the application's own work. That at most one job of
 * a partition runs is a unique index: no race can break it.
 */
export const jobs = sqliteTable(
  'jobs',
  {
    id: id(),
    kind: text('kind').notNull(),
    /** Set when the job carries out one action on one machine. */
    action: text('action', { enum: actionTypes }),
    machineId: machineId(),
    scheduleId: text('schedule_id'),
    /** The bulk that this job is a part of. */
    bulkRunId: text('bulk_run_id'),
    requestId: text('request_id'),
    partitionKey: text('partition_key').notNull(),
    status: text('status', { enum: jobStatuses }).notNull(),
    priority: integer('priority').notNull().default(0),
    createdAt: createdAt(),
    updatedAt: updatedAt(),
    startedAt: text('started_at'),
    finishedAt: text('finished_at'),
    attempt: integer('attempt').notNull().default(0),
    maxAttempts: integer('max_attempts').notNull().default(1),
    payloadJson: text('payload_json'),
    resultJson: text('result_json'),
    errorKind: text('error_kind').$type<ErrorKind>(),
    errorMessage: text('error_message'),
    errorDataJson: text('error_data_json'),
    cancelRequestedAt: text('cancel_requested_at'),
    /** A failed attempt is made again, not before this moment. */
    notBefore: text('not_before'),
  },
  (t) => [
    index('jobs_status_created_at').on(t.status, t.createdAt),
    index('jobs_machine_id_status').on(t.machineId, t.status),
    index('jobs_created_at').on(desc(t.createdAt)),
    index('jobs_machine_id_created_at').on(t.machineId, desc(t.createdAt)),
    index('jobs_schedule_id_created_at')
      .on(t.scheduleId, desc(t.createdAt))
      .where(sql`"schedule_id" is not null`),
    index('jobs_partition_key_status_created_at').on(t.partitionKey, t.status, t.createdAt),
    // A machine has at most one job in a bulk: no crash can start it twice.
    uniqueIndex('jobs_bulk_run_id_machine_id')
      .on(t.bulkRunId, t.machineId)
      .where(sql`"bulk_run_id" is not null`),
    uniqueIndex('jobs_one_running_per_partition')
      .on(t.partitionKey)
      .where(sql`"status" = 'running'`),
    ...checksOf(t),
  ],
);

export const jobLogs = sqliteTable(
  'job_logs',
  {
    id: id(),
    jobId: text('job_id')
      .notNull()
      .references(() => jobs.id, { onDelete: 'cascade' }),
    seq: integer('seq').notNull(),
    at: text('at').notNull(),
    level: text('level', { enum: logLevels }).notNull(),
    /** One English sentence. */
    message: text('message').notNull(),
    /** What the catalogues have a sentence for; null in lines of the first version. */
    code: text('code', { enum: jobLogCodes }),
    /** Values for the catalogue's sentence. */
    dataJson: text('data_json'),
  },
  (t) => [uniqueIndex('job_logs_job_id_seq').on(t.jobId, t.seq), ...checksOf(t)],
);

/** Machines whose waiting jobs are held until a person lets them go on. That the whole queue is held is a setting. */
export const queuePauses = sqliteTable('queue_pauses', {
  machineId: text('machine_id')
    .primaryKey()
    .references(() => machines.id, { onDelete: 'cascade' }),
  pausedAt: text('paused_at').notNull(),
});

export const machineLocks = sqliteTable(
  'machine_locks',
  {
    machineId: text('machine_id')
      .primaryKey()
      .references(() => machines.id, { onDelete: 'cascade' }),
    jobId: text('job_id').notNull(),
    lockKind: text('lock_kind', { enum: lockKinds }).notNull(),
    createdAt: createdAt(),
    expiresAt: text('expires_at'),
  },
  (t) => [...checksOf(t)],
);

export const actionRequests = sqliteTable(
  'action_requests',
  {
    id: id(),
    machineId: machineId(),
    requestedByType: text('requested_by_type', { enum: requesterTypes }).notNull(),
    requestedById: text('requested_by_id'),
    action: text('action').notNull(),
    risk: text('risk', { enum: requestRisks }),
    status: text('status', { enum: requestStatuses }).notNull(),
    summary: text('summary'),
    payloadJson: text('payload_json'),
    createdAt: createdAt(),
    approvedAt: text('approved_at'),
    approvedBy: text('approved_by'),
    executionId: text('execution_id'),
    expiresAt: text('expires_at'),
    /** SHA-256 over what would be done where, plans included; who approves names it. */
    binding: text('binding'),
    /** The requester's words to who approves. */
    note: text('note'),
    /** When it was approved, rejected or found expired; by which surface, and why where that was said. */
    decidedAt: text('decided_at'),
    decidedBy: text('decided_by'),
    decisionNote: text('decision_note'),
    /** What the approval has queued: a job, or a bulk run for several machines. */
    jobId: text('job_id'),
    bulkRunId: text('bulk_run_id'),
  },
  (t) => [
    index('action_requests_status_created_at').on(t.status, t.createdAt),
    index('action_requests_created_at').on(desc(t.createdAt)),
    index('action_requests_machine_id').on(t.machineId),
    index('action_requests_job_id').on(t.jobId),
    index('action_requests_bulk_run_id').on(t.bulkRunId),
    ...checksOf(t),
  ],
);

/** A machine of a request with the plan that was shown when it was made; null where the action has no plan. */
export const actionRequestMachines = sqliteTable(
  'action_request_machines',
  {
    requestId: text('request_id')
      .notNull()
      .references(() => actionRequests.id, { onDelete: 'cascade' }),
    machineId: text('machine_id')
      .notNull()
      .references(() => machines.id, { onDelete: 'cascade' }),
    position: integer('position').notNull(),
    /** What its job gets, the hash of the plan included. */
    optionsJson: text('options_json').notNull(),
    planMode: text('plan_mode', { enum: planModes }),
    /** The words that APT is given, and the packages. */
    planWordsJson: text('plan_words_json'),
    plannedJson: text('planned_json'),
  },
  (t) => [
    primaryKey({ columns: [t.requestId, t.machineId] }),
    index('action_request_machines_machine_id').on(t.machineId),
    ...checksOf(t),
  ],
);
