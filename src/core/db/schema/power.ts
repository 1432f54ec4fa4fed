import { desc } from 'drizzle-orm';
import { index, integer, sqliteTable, text, uniqueIndex } from 'drizzle-orm/sqlite-core';
import {
  cascadeStatuses,
  cascadeStepActions,
  cascadeStepStatuses,
  cascadeTypes,
  logLevels,
  nodeTypes,
  powerEndpointKinds,
  powerStatuses,
  resourceTypes,
} from '../../../shared/domain/unions.ts';
import { checksOf, createdAt, flag, id, updatedAt } from './columns.ts';
import { machines } from './machines.ts';

/** A VM or a container that lives on a machine. */
export const resources = sqliteTable(
  'resources',
  {
    id: id(),
    machineId: text('machine_id')
      .notNull()
      .references(() => machines.id, { onDelete: 'cascade' }),
    type: text('type', { enum: resourceTypes }).notNull(),
    name: text('name').notNull(),
    platformRefJson: text('platform_ref_json').notNull(),
    status: text('status', { enum: powerStatuses }).notNull(),
    createdAt: createdAt(),
    updatedAt: updatedAt(),
  },
  (t) => [index('resources_machine_id').on(t.machineId), ...checksOf(t)],
);

/** How a machine is woken, or how its platform's API is reached. `enc…` columns hold vault ciphertext. */
export const powerEndpoints = sqliteTable(
  'power_endpoints',
  {
    machineId: text('machine_id')
      .primaryKey()
      .references(() => machines.id, { onDelete: 'cascade' }),
    kind: text('kind', { enum: powerEndpointKinds }).notNull(),
    macAddress: text('mac_address'),
    broadcastAddress: text('broadcast_address'),
    apiUrl: text('api_url'),
    tlsFingerprintSha256: text('tls_fingerprint_sha256'),
    encApiCredentials: text('enc_api_credentials'),
    /** Wake-on-LAN password, six bytes. */
    encSecureOnPassword: text('enc_secure_on_password'),
    /** Null: the default time-out of a step. */
    stepTimeoutSeconds: integer('step_timeout_seconds'),
    /** Whether a guest that ignores a shutdown may be stopped hard. */
    allowForcedStop: flag('allow_forced_stop').notNull().default(false),
    createdAt: createdAt(),
    updatedAt: updatedAt(),
  },
  (t) => [...checksOf(t)],
);

/** "Child needs parent". A node is a machine or a resource, so the ids have no foreign key. */
export const dependencies = sqliteTable(
  'dependencies',
  {
    id: id(),
    parentType: text('parent_type', { enum: nodeTypes }).notNull(),
    parentId: text('parent_id').notNull(),
    childType: text('child_type', { enum: nodeTypes }).notNull(),
    childId: text('child_id').notNull(),
    createdAt: createdAt(),
  },
  (t) => [
    uniqueIndex('dependencies_edge').on(t.parentType, t.parentId, t.childType, t.childId),
    index('dependencies_child_type_child_id').on(t.childType, t.childId),
    ...checksOf(t),
  ],
);

export const cascades = sqliteTable(
  'cascades',
  {
    id: id(),
    /** The target: a resource or a machine, as `targetType` says. */
    resourceId: text('resource_id').notNull(),
    targetType: text('target_type', { enum: nodeTypes }).notNull(),
    type: text('type', { enum: cascadeTypes }).notNull(),
    status: text('status', { enum: cascadeStatuses }).notNull(),
    currentStep: integer('current_step').notNull().default(0),
    totalSteps: integer('total_steps').notNull().default(0),
    failedStep: integer('failed_step'),
    errorCode: text('error_code'),
    errorMessage: text('error_message'),
    startedAt: text('started_at').notNull(),
    completedAt: text('completed_at'),
  },
  (t) => [
    index('cascades_status').on(t.status),
    index('cascades_resource_id').on(t.resourceId),
    ...checksOf(t),
  ],
);

export const cascadeSteps = sqliteTable(
  'cascade_steps',
  {
    id: id(),
    cascadeId: text('cascade_id')
      .notNull()
      .references(() => cascades.id, { onDelete: 'cascade' }),
    position: integer('position').notNull(),
    nodeType: text('node_type', { enum: nodeTypes }).notNull(),
    nodeId: text('node_id').notNull(),
    action: text('action', { enum: cascadeStepActions }).notNull(),
    reason: text('reason'),
    status: text('status', { enum: cascadeStepStatuses }).notNull(),
    startedAt: text('started_at'),
    finishedAt: text('finished_at'),
    errorCode: text('error_code'),
    errorMessage: text('error_message'),
  },
  (t) => [uniqueIndex('cascade_steps_cascade_id_position').on(t.cascadeId, t.position), ...checksOf(t)],
);

export const operationLogs = sqliteTable(
  'operation_logs',
  {
    id: id(),
    timestamp: text('timestamp').notNull(),
    level: text('level', { enum: logLevels }).notNull(),
    source: text('source').notNull(),
    message: text('message').notNull(),
    reason: text('reason'),
    detailsJson: text('details_json'),
  },
  (t) => [index('operation_logs_timestamp').on(desc(t.timestamp)), ...checksOf(t)],
);
