import { desc } from 'drizzle-orm';
import { index, integer, real, sqliteTable, text } from 'drizzle-orm/sqlite-core';
import type { ErrorKind } from '../../../shared/domain/errors.ts';
import {
  actionTypes,
  actorTypes,
  artifactKinds,
  errorSources,
  executionModes,
  executionStatuses,
  messageCategories,
  remoteStates,
  reportKinds,
  reportOutcomes,
  retentionPolicies,
  severities,
  snapshotKinds,
  snapshotStatuses,
  terminalStatuses,
} from '../../../shared/domain/unions.ts';
import { checksOf, createdAt, flag, id } from './columns.ts';
import { machines } from './machines.ts';

const machineId = () => text('machine_id').references(() => machines.id, { onDelete: 'cascade' });
/** For rows that name a file: the row outlives its machine so that the clean-up still finds the file. */
const formerMachineId = () => text('machine_id').references(() => machines.id, { onDelete: 'set null' });

export const snapshots = sqliteTable(
  'snapshots',
  {
    id: id(),
    machineId: machineId().notNull(),
    kind: text('kind', { enum: snapshotKinds }).notNull(),
    schemaVersion: integer('schema_version').notNull().default(1),
    createdAt: createdAt(),
    status: text('status', { enum: snapshotStatuses }).notNull(),
    payloadJson: text('payload_json').notNull(),
    importantJson: text('important_json'),
    rawLogPath: text('raw_log_path'),
    rawArtifactId: text('raw_artifact_id'),
    sourceJobId: text('source_job_id'),
  },
  (t) => [
    index('snapshots_machine_id_kind_created_at').on(t.machineId, t.kind, desc(t.createdAt)),
    index('snapshots_kind_status_created_at').on(t.kind, t.status, desc(t.createdAt)),
    ...checksOf(t),
  ],
);

export const executions = sqliteTable(
  'executions',
  {
    id: id(),
    machineId: machineId().notNull(),
    action: text('action', { enum: actionTypes }).notNull(),
    mode: text('mode', { enum: executionModes }).notNull(),
    schemaVersion: integer('schema_version').notNull().default(1),
    startedAt: text('started_at').notNull(),
    finishedAt: text('finished_at'),
    status: text('status', { enum: executionStatuses }).notNull(),
    requestId: text('request_id'),
    jobId: text('job_id'),
    resultJson: text('result_json'),
    importantJson: text('important_json'),
    rawLogPath: text('raw_log_path'),
    rawArtifactId: text('raw_artifact_id'),
    reportId: text('report_id'),
    exitCode: integer('exit_code'),
    errorKind: text('error_kind').$type<ErrorKind>(),
    errorMessage: text('error_message'),
    errorDataJson: text('error_data_json'),
    /** Bytes of the host's output file that are safely stored here; following continues from this offset. */
    outputOffset: integer('output_offset').notNull().default(0),
    /** The same for the host's progress file. */
    progressOffset: integer('progress_offset').notNull().default(0),
    remoteState: text('remote_state', { enum: remoteStates }),
    /** The host's boot_id when the run was launched. */
    bootId: text('boot_id'),
    /** Hash of the plan that the user approved. */
    planHash: text('plan_hash'),
    /** Bytes of the stored log; equals `outputOffset` unless a secret was redacted. */
    logBytes: integer('log_bytes').notNull().default(0),
    logSha256: text('log_sha256'),
    /** Whether the stored log equals the host's byte for byte; null while unknown or where a secret was redacted. */
    logVerified: flag('log_verified'),
    redactedCount: integer('redacted_count').notNull().default(0),
    cancelRequestedAt: text('cancel_requested_at'),
    progressPercent: real('progress_percent'),
    currentStep: text('current_step'),
    stepsJson: text('steps_json'),
  },
  (t) => [
    index('executions_machine_id_started_at').on(t.machineId, desc(t.startedAt)),
    index('executions_action_status_started_at').on(t.action, t.status, desc(t.startedAt)),
    index('executions_job_id').on(t.jobId),
    index('executions_status').on(t.status),
    index('executions_started_at').on(desc(t.startedAt)),
    ...checksOf(t),
  ],
);

export const machineEvents = sqliteTable(
  'machine_events',
  {
    id: id(),
    machineId: machineId(),
    eventType: text('event_type').notNull(),
    severity: text('severity', { enum: severities }).notNull(),
    createdAt: createdAt(),
    actorType: text('actor_type', { enum: actorTypes }),
    actorId: text('actor_id'),
    snapshotId: text('snapshot_id'),
    executionId: text('execution_id'),
    jobId: text('job_id'),
    message: text('message'),
    payloadJson: text('payload_json'),
  },
  (t) => [
    index('machine_events_machine_id_created_at').on(t.machineId, desc(t.createdAt)),
    index('machine_events_event_type_created_at').on(t.eventType, desc(t.createdAt)),
    index('machine_events_created_at').on(desc(t.createdAt)),
    index('machine_events_severity_created_at').on(t.severity, desc(t.createdAt)),
    ...checksOf(t),
  ],
);

export const importantMessages = sqliteTable(
  'important_messages',
  {
    id: id(),
    machineId: machineId(),
    source: text('source', { enum: errorSources }).notNull(),
    category: text('category', { enum: messageCategories }).notNull(),
    severity: text('severity', { enum: severities }).notNull(),
    packageName: text('package_name'),
    /** The same for one matter on every machine. */
    dedupKey: text('dedup_key').notNull(),
    component: text('component'),
    message: text('message').notNull(),
    rawLineRef: text('raw_line_ref'),
    snapshotId: text('snapshot_id').references(() => snapshots.id, { onDelete: 'set null' }),
    executionId: text('execution_id').references(() => executions.id, { onDelete: 'set null' }),
    firstSeenAt: text('first_seen_at').notNull(),
    lastSeenAt: text('last_seen_at').notNull(),
    acknowledged: flag('acknowledged').notNull().default(false),
    acknowledgedAt: text('acknowledged_at'),
    acknowledgedBy: text('acknowledged_by'),
    payloadJson: text('payload_json'),
  },
  (t) => [
    index('important_messages_machine_id_severity_last_seen_at').on(
      t.machineId,
      t.severity,
      desc(t.lastSeenAt),
    ),
    index('important_messages_category_acknowledged_last_seen_at').on(
      t.category,
      t.acknowledged,
      desc(t.lastSeenAt),
    ),
    index('important_messages_acknowledged_dedup_key').on(
      t.acknowledged,
      t.dedupKey,
      t.machineId,
      t.firstSeenAt,
      t.lastSeenAt,
    ),
    // For the moments of a matter, when one of its machines leaves it.
    index('important_messages_matter_first_seen_at').on(
      t.acknowledged,
      t.dedupKey,
      t.firstSeenAt,
      t.machineId,
    ),
    index('important_messages_matter_last_seen_at').on(t.acknowledged, t.dedupKey, t.lastSeenAt, t.machineId),
    index('important_messages_machine_id_dedup_key').on(t.machineId, t.dedupKey),
    index('important_messages_acknowledged_last_seen_at').on(t.acknowledged, desc(t.lastSeenAt)),
    index('important_messages_package_name').on(t.packageName),
    index('important_messages_snapshot_id').on(t.snapshotId),
    index('important_messages_execution_id').on(t.executionId),
    ...checksOf(t),
  ],
);

export const reports = sqliteTable(
  'reports',
  {
    id: id(),
    machineId: formerMachineId(),
    executionId: text('execution_id'),
    kind: text('kind', { enum: reportKinds }).notNull(),
    title: text('title').notNull(),
    path: text('path').notNull(),
    createdAt: createdAt(),
    pinned: flag('pinned').notNull().default(false),
    /** Derived from `summary_json`; null where what it tells of has no outcome. */
    outcome: text('outcome', { enum: reportOutcomes }),
    summaryJson: text('summary_json'),
  },
  // The lists show pinned ones first, then the newest: each index that ends so is read in that order.
  (t) => [
    index('reports_machine_id_created_at').on(t.machineId, desc(t.createdAt)),
    index('reports_machine_id_pinned_created_at').on(t.machineId, t.pinned, t.createdAt, t.id),
    index('reports_kind_created_at').on(t.kind, desc(t.createdAt)),
    index('reports_kind_pinned_created_at').on(t.kind, t.pinned, t.createdAt, t.id),
    index('reports_outcome_pinned_created_at').on(t.outcome, t.pinned, t.createdAt, t.id),
    index('reports_pinned_created_at').on(t.pinned, t.createdAt, t.id),
    index('reports_created_at').on(desc(t.createdAt)),
    index('reports_execution_id').on(t.executionId),
    ...checksOf(t),
  ],
);

/**
 * What is searched of a report: its text without the marks of Markdown, derived from its file. The full-text index
 * `report_search` is made of this table; triggers keep it equal (drizzle knows no virtual tables: see the migration).
 */
export const reportTexts = sqliteTable('report_texts', {
  /** Grows with the report's time (see reports/texts.ts), so that the index gives the newest first without sorting. */
  id: integer('id').primaryKey(),
  reportId: text('report_id')
    .notNull()
    .unique()
    .references(() => reports.id, { onDelete: 'cascade' }),
  title: text('title').notNull(),
  body: text('body').notNull(),
  /** What lists are filtered by, as words (reports/facets.ts): the index then answers words and filters together. */
  facets: text('facets').notNull(),
});

export const rawArtifacts = sqliteTable(
  'raw_artifacts',
  {
    id: id(),
    machineId: formerMachineId(),
    kind: text('kind', { enum: artifactKinds }).notNull(),
    path: text('path').notNull(),
    bytes: integer('bytes'),
    sha256: text('sha256'),
    createdAt: createdAt(),
    expiresAt: text('expires_at'),
    pinned: flag('pinned').notNull().default(false),
    redacted: flag('redacted').notNull().default(true),
    retentionPolicy: text('retention_policy', { enum: retentionPolicies }),
    deletedAt: text('deleted_at'),
    deleteReason: text('delete_reason'),
    metadataJson: text('metadata_json'),
  },
  (t) => [
    index('raw_artifacts_machine_id_created_at').on(t.machineId, desc(t.createdAt)),
    index('raw_artifacts_expires_at').on(t.expiresAt),
    index('raw_artifacts_kind_created_at').on(t.kind, desc(t.createdAt)),
    ...checksOf(t),
  ],
);

export const sshTerminalSessions = sqliteTable(
  'ssh_terminal_sessions',
  {
    id: id(),
    machineId: machineId().notNull(),
    username: text('username'),
    openedBy: text('opened_by'),
    openedAt: text('opened_at').notNull(),
    closedAt: text('closed_at'),
    status: text('status', { enum: terminalStatuses }).notNull(),
    interactive: flag('interactive').notNull().default(true),
    recordingEnabled: flag('recording_enabled').notNull().default(false),
    rawArtifactId: text('raw_artifact_id'),
    lastError: text('last_error'),
    metadataJson: text('metadata_json'),
  },
  (t) => [
    index('ssh_terminal_sessions_machine_id_opened_at').on(t.machineId, desc(t.openedAt)),
    index('ssh_terminal_sessions_status').on(t.status),
    ...checksOf(t),
  ],
);
