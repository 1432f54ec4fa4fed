import { desc } from 'drizzle-orm';
import { index, integer, primaryKey, sqliteTable, text } from 'drizzle-orm/sqlite-core';
import type { ErrorKind } from '../../../shared/domain/errors.ts';
import {
  actionTypes,
  bulkFailureRules,
  bulkStatuses,
  type StartableAction,
} from '../../../shared/domain/unions.ts';
import { checksOf, createdAt, id, updatedAt } from './columns.ts';
import { machines } from './machines.ts';

/** One action over a selection of machines, wave by wave. */
export const bulkRuns = sqliteTable(
  'bulk_runs',
  {
    id: id(),
    /** Any action type: what can be started grows with the versions, and only that is ever written. */
    action: text('action', { enum: actionTypes }).$type<StartableAction>().notNull(),
    status: text('status', { enum: bulkStatuses }).notNull(),
    onFailure: text('on_failure', { enum: bulkFailureRules }).notNull(),
    /** Machines of this bulk that may be worked on at the same time. */
    concurrency: integer('concurrency').notNull(),
    createdAt: createdAt(),
    updatedAt: updatedAt(),
    finishedAt: text('finished_at'),
    cancelRequestedAt: text('cancel_requested_at'),
    reportId: text('report_id'),
  },
  (t) => [
    index('bulk_runs_created_at').on(desc(t.createdAt)),
    index('bulk_runs_status').on(t.status),
    ...checksOf(t),
  ],
);

/**
 * A machine of a bulk. Its state before and without a job stands here; once it has a job (`jobs.bulk_run_id`), the job's
 * status is its status.
 */
export const bulkRunMachines = sqliteTable(
  'bulk_run_machines',
  {
    bulkRunId: text('bulk_run_id')
      .notNull()
      .references(() => bulkRuns.id, { onDelete: 'cascade' }),
    machineId: text('machine_id')
      .notNull()
      .references(() => machines.id, { onDelete: 'cascade' }),
    position: integer('position').notNull(),
    wave: integer('wave').notNull(),
    /** `waiting`, or why it never got a job: `refused` or `skipped`. */
    state: text('state', { enum: ['waiting', 'refused', 'skipped'] }).notNull(),
    /** What the machine's job gets: with the hash of the plan that was the newest when the bulk was started. */
    optionsJson: text('options_json').notNull(),
    errorKind: text('error_kind').$type<ErrorKind>(),
    errorMessage: text('error_message'),
    errorDataJson: text('error_data_json'),
  },
  (t) => [
    primaryKey({ columns: [t.bulkRunId, t.machineId] }),
    index('bulk_run_machines_machine_id').on(t.machineId),
    ...checksOf(t),
  ],
);
