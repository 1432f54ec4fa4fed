import { desc } from 'drizzle-orm';
import {
  index,
  integer,
  sqliteTable,
  text,
  uniqueIndex,
  type AnySQLiteColumn,
} from 'drizzle-orm/sqlite-core';
import {
  imageOperations,
  pruneModes,
  serviceStatuses,
  stackOrigins,
  stackStatuses,
  stackVersionStatuses,
} from '../../../shared/domain/unions.ts';
import { checksOf, createdAt, flag, id, updatedAt } from './columns.ts';
import { executions } from './history.ts';
import { machines } from './machines.ts';

const machineId = () =>
  text('machine_id')
    .notNull()
    .references(() => machines.id, { onDelete: 'cascade' });

export const dockerSettings = sqliteTable(
  'docker_settings',
  {
    machineId: text('machine_id')
      .primaryKey()
      .references(() => machines.id, { onDelete: 'cascade' }),
    enabled: flag('enabled').notNull().default(false),
    scanDepth: integer('scan_depth').notNull().default(4),
    pruneMode: text('prune_mode', { enum: pruneModes }).notNull().default('safe'),
    lastScanAt: text('last_scan_at'),
    lastPullCheckAt: text('last_pull_check_at'),
    updatedAt: updatedAt(),
  },
  (t) => [...checksOf(t)],
);

export const dockerComposeRoots = sqliteTable(
  'docker_compose_roots',
  {
    id: id(),
    machineId: machineId(),
    path: text('path').notNull(),
    enabled: flag('enabled').notNull().default(true),
    /** Null: the machine's depth. */
    scanDepth: integer('scan_depth'),
    createdAt: createdAt(),
    updatedAt: updatedAt(),
  },
  (t) => [uniqueIndex('docker_compose_roots_machine_id_path').on(t.machineId, t.path), ...checksOf(t)],
);

export const dockerComposeStacks = sqliteTable(
  'docker_compose_stacks',
  {
    id: id(),
    machineId: machineId(),
    name: text('name').notNull(),
    workingDir: text('working_dir').notNull(),
    composeFilesJson: text('compose_files_json').notNull(),
    projectName: text('project_name'),
    envFile: text('env_file'),
    status: text('status', { enum: stackStatuses }).notNull(),
    detectedBy: text('detected_by', { enum: stackOrigins }),
    lastScanAt: text('last_scan_at'),
    lastUpdateAt: text('last_update_at'),
    createdAt: createdAt(),
    updatedAt: updatedAt(),
  },
  (t) => [index('docker_compose_stacks_machine_id_status').on(t.machineId, t.status), ...checksOf(t)],
);

const stackId = () =>
  text('stack_id')
    .notNull()
    .references(() => dockerComposeStacks.id, { onDelete: 'cascade' });

export const dockerStackServices = sqliteTable(
  'docker_stack_services',
  {
    id: id(),
    stackId: stackId(),
    serviceName: text('service_name').notNull(),
    imageRef: text('image_ref'),
    currentImageId: text('current_image_id'),
    currentDigest: text('current_digest'),
    candidateImageId: text('candidate_image_id'),
    candidateDigest: text('candidate_digest'),
    versionLabel: text('version_label'),
    status: text('status', { enum: serviceStatuses }),
    updatedAt: updatedAt(),
  },
  (t) => [
    index('docker_stack_services_stack_id_status').on(t.stackId, t.status),
    uniqueIndex('docker_stack_services_stack_id_service_name').on(t.stackId, t.serviceName),
    ...checksOf(t),
  ],
);

export const dockerImageEvents = sqliteTable(
  'docker_image_events',
  {
    id: id(),
    executionId: text('execution_id').references(() => executions.id, { onDelete: 'cascade' }),
    machineId: machineId(),
    stackId: text('stack_id'),
    serviceName: text('service_name'),
    imageRef: text('image_ref'),
    fromImageId: text('from_image_id'),
    toImageId: text('to_image_id'),
    fromDigest: text('from_digest'),
    toDigest: text('to_digest'),
    operation: text('operation', { enum: imageOperations }),
    bytesReclaimed: integer('bytes_reclaimed'),
    createdAt: createdAt(),
  },
  (t) => [
    index('docker_image_events_execution_id').on(t.executionId),
    index('docker_image_events_machine_id_created_at').on(t.machineId, desc(t.createdAt)),
    ...checksOf(t),
  ],
);

/** Immutable: a change of a stack, a rollback included, is a new version. */
export const stackVersions = sqliteTable(
  'stack_versions',
  {
    id: id(),
    stackId: stackId(),
    version: integer('version').notNull(),
    parentVersionId: text('parent_version_id').references((): AnySQLiteColumn => stackVersions.id, {
      onDelete: 'set null',
    }),
    composeFilesJson: text('compose_files_json').notNull(),
    envJson: text('env_json'),
    resolvedDigestsJson: text('resolved_digests_json'),
    comment: text('comment'),
    createdBy: text('created_by'),
    createdAt: createdAt(),
    status: text('status', { enum: stackVersionStatuses }),
  },
  (t) => [
    uniqueIndex('stack_versions_stack_id_version').on(t.stackId, desc(t.version)),
    index('stack_versions_parent_version_id').on(t.parentVersionId),
    ...checksOf(t),
  ],
);
