import { desc } from 'drizzle-orm';
import { index, integer, sqliteTable, text } from 'drizzle-orm/sqlite-core';
import type { ErrorKind } from '../../../shared/domain/errors.ts';
import {
  appliedOperations,
  plannedOperations,
  planModes,
  planSelections,
  severities,
} from '../../../shared/domain/unions.ts';
import { checksOf, createdAt, flag, id } from './columns.ts';
import { executions, snapshots } from './history.ts';
import { machines } from './machines.ts';

const machineId = () =>
  text('machine_id')
    .notNull()
    .references(() => machines.id, { onDelete: 'cascade' });

export const aptPlannedPackages = sqliteTable(
  'apt_planned_packages',
  {
    id: id(),
    snapshotId: text('snapshot_id')
      .notNull()
      .references(() => snapshots.id, { onDelete: 'cascade' }),
    machineId: machineId(),
    mode: text('mode', { enum: planModes }).notNull(),
    name: text('name').notNull(),
    arch: text('arch'),
    currentVersion: text('current_version'),
    targetVersion: text('target_version'),
    origin: text('origin'),
    operation: text('operation', { enum: plannedOperations }).notNull(),
    security: flag('security').notNull().default(false),
    dedupKey: text('dedup_key').notNull(),
  },
  (t) => [
    index('apt_planned_packages_dedup_key').on(t.dedupKey),
    // Which machines wait for an update is read from this index alone.
    index('apt_planned_packages_mode_dedup_key').on(
      t.mode,
      t.dedupKey,
      t.machineId,
      t.security,
      t.operation,
      t.name,
    ),
    index('apt_planned_packages_machine_id_name').on(t.machineId, t.name),
    index('apt_planned_packages_snapshot_id').on(t.snapshotId),
    ...checksOf(t),
  ],
);

/**
 * How many machines of the fleet wait for an update, by the dist-upgrade plans in `apt_planned_packages`. Only triggers
 * write it (migration 0001), so that no writer can forget it: purging a machine or a snapshot cascades into it as well. A
 * migration that rebuilds `apt_planned_packages` or `machines` drops those triggers and has to make them again.
 */
export const fleetUpdates = sqliteTable(
  'fleet_updates',
  {
    dedupKey: text('dedup_key').primaryKey(),
    name: text('name').notNull(),
    currentVersion: text('current_version'),
    targetVersion: text('target_version'),
    origin: text('origin'),
    operation: text('operation', { enum: plannedOperations }).notNull(),
    /** Machines that wait for it; never 0, for then the row goes. */
    machineCount: integer('machine_count').notNull(),
    /** Those of them whose archive calls it a security update. */
    securityCount: integer('security_count').notNull(),
  },
  (t) => [
    // The two orders of the list. The names are in them so that a search reads nothing else.
    index('fleet_updates_machine_count').on(desc(t.machineCount), desc(t.securityCount), t.dedupKey, t.name),
    index('fleet_updates_security_count').on(desc(t.securityCount), t.dedupKey, t.name),
    ...checksOf(t),
  ],
);

/** Plans beyond those of the newest snapshot that a person may approve: simulated on request, or found changed by a run. */
export const aptPlans = sqliteTable(
  'apt_plans',
  {
    id: id(),
    machineId: machineId(),
    mode: text('mode', { enum: planModes }).notNull(),
    planHash: text('plan_hash').notNull(),
    /** For `selected`: the words `NAME=VERSION` that APT is given. */
    wordsJson: text('words_json').notNull(),
    plannedJson: text('planned_json').notNull(),
    /** By which rule its packages were chosen; null where a person chose, or nobody. */
    selection: text('selection', { enum: planSelections }),
    createdAt: createdAt(),
  },
  (t) => [index('apt_plans_machine_id_plan_hash').on(t.machineId, t.planHash), ...checksOf(t)],
);

export const aptAppliedPackages = sqliteTable(
  'apt_applied_packages',
  {
    id: id(),
    executionId: text('execution_id')
      .notNull()
      .references(() => executions.id, { onDelete: 'cascade' }),
    machineId: machineId(),
    name: text('name').notNull(),
    arch: text('arch'),
    fromVersion: text('from_version'),
    toVersion: text('to_version'),
    operation: text('operation', { enum: appliedOperations }).notNull(),
    origin: text('origin'),
    dedupKey: text('dedup_key'),
  },
  (t) => [
    index('apt_applied_packages_dedup_key').on(t.dedupKey),
    index('apt_applied_packages_execution_id').on(t.executionId),
    index('apt_applied_packages_machine_id').on(t.machineId),
    ...checksOf(t),
  ],
);

export const aptErrors = sqliteTable(
  'apt_errors',
  {
    id: id(),
    snapshotId: text('snapshot_id').references(() => snapshots.id, { onDelete: 'cascade' }),
    executionId: text('execution_id').references(() => executions.id, { onDelete: 'cascade' }),
    machineId: machineId(),
    kind: text('kind').$type<ErrorKind>().notNull(),
    severity: text('severity', { enum: severities }).notNull(),
    message: text('message').notNull(),
    importantLinesJson: text('important_lines_json'),
    remediation: text('remediation'),
    createdAt: createdAt(),
  },
  (t) => [
    index('apt_errors_snapshot_id').on(t.snapshotId),
    index('apt_errors_execution_id').on(t.executionId),
    index('apt_errors_machine_id').on(t.machineId),
    ...checksOf(t),
  ],
);
