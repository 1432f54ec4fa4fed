import {
  index,
  integer,
  primaryKey,
  real,
  sqliteTable,
  text,
  uniqueIndex,
  type AnySQLiteColumn,
} from 'drizzle-orm/sqlite-core';
import type { ErrorKind } from '../../../shared/domain/errors.ts';
import {
  actionTypes,
  aptProxyModes,
  authMethods,
  credentialStatuses,
  hostKeyStatuses,
  machineFeatureStatuses,
  machineKinds,
  machineStatuses,
  osFamilies,
  profileStatuses,
  sudoModes,
} from '../../../shared/domain/unions.ts';
import { checksOf, createdAt, flag, id, updatedAt } from './columns.ts';

/** Holds no secret. Deleting is soft (`deletedAt`); purging the row cascades. */
export const machines = sqliteTable(
  'machines',
  {
    id: id(),
    name: text('name').notNull(),
    hostname: text('hostname').notNull(),
    port: integer('port').notNull().default(22),
    osFamily: text('os_family', { enum: osFamilies }).notNull(),
    osVersion: text('os_version'),
    osCodename: text('os_codename'),
    arch: text('arch'),
    machineKind: text('machine_kind', { enum: machineKinds }),
    virtualization: text('virtualization'),
    hardwareProfile: text('hardware_profile'),
    username: text('username').notNull(),
    status: text('status', { enum: machineStatuses }).notNull(),
    jumpMachineId: text('jump_machine_id').references((): AnySQLiteColumn => machines.id, {
      onDelete: 'set null',
    }),
    allowLegacyAlgorithms: flag('allow_legacy_algorithms').notNull().default(false),
    aptProxyMode: text('apt_proxy_mode', { enum: aptProxyModes }).notNull().default('direct'),
    /** Holds no user and no password; null for `direct`. */
    aptProxyUrl: text('apt_proxy_url'),
    createdAt: createdAt(),
    updatedAt: updatedAt(),
    lastSeenAt: text('last_seen_at'),
    deletedAt: text('deleted_at'),
  },
  (t) => [
    index('machines_hostname_port').on(t.hostname, t.port),
    index('machines_status').on(t.status),
    index('machines_os_family_machine_kind').on(t.osFamily, t.machineKind),
    index('machines_hardware_profile').on(t.hardwareProfile),
    index('machines_jump_machine_id').on(t.jumpMachineId),
    ...checksOf(t),
  ],
);

const machineKey = () =>
  text('machine_id')
    .primaryKey()
    .references(() => machines.id, { onDelete: 'cascade' });

/** The only home of SSH secrets; every `enc…` column holds vault ciphertext. */
export const machineCredentials = sqliteTable(
  'machine_credentials',
  {
    machineId: machineKey(),
    authMethod: text('auth_method', { enum: authMethods }).notNull(),
    encPassword: text('enc_password'),
    encSudoPassword: text('enc_sudo_password'),
    encPrivateKey: text('enc_private_key'),
    encKeyPassphrase: text('enc_key_passphrase'),
    sudoMode: text('sudo_mode', { enum: sudoModes }).notNull(),
    createdAt: createdAt(),
    updatedAt: updatedAt(),
    lastTestAt: text('last_test_at'),
    status: text('status', { enum: credentialStatuses }),
  },
  (t) => [...checksOf(t)],
);

export const machineHostKeys = sqliteTable(
  'machine_host_keys',
  {
    id: id(),
    machineId: text('machine_id').references(() => machines.id, { onDelete: 'cascade' }),
    hostname: text('hostname').notNull(),
    port: integer('port').notNull(),
    keyType: text('key_type'),
    fingerprintSha256: text('fingerprint_sha256').notNull(),
    publicKey: text('public_key'),
    status: text('status', { enum: hostKeyStatuses }).notNull(),
    firstSeenAt: text('first_seen_at').notNull(),
    lastSeenAt: text('last_seen_at').notNull(),
  },
  (t) => [
    index('machine_host_keys_machine_id').on(t.machineId),
    index('machine_host_keys_hostname_port').on(t.hostname, t.port),
    ...checksOf(t),
  ],
);

export const tags = sqliteTable(
  'tags',
  { id: id(), name: text('name').notNull(), color: text('color'), createdAt: createdAt() },
  (t) => [uniqueIndex('tags_name').on(t.name)],
);

export const machineTags = sqliteTable(
  'machine_tags',
  {
    machineId: text('machine_id')
      .notNull()
      .references(() => machines.id, { onDelete: 'cascade' }),
    tagId: text('tag_id')
      .notNull()
      .references(() => tags.id, { onDelete: 'cascade' }),
  },
  (t) => [primaryKey({ columns: [t.machineId, t.tagId] }), index('machine_tags_tag_id').on(t.tagId)],
);

/** What a tile shows, and nothing else. A null count or flag is unknown, never zero. */
export const machineState = sqliteTable(
  'machine_state',
  {
    machineId: machineKey(),
    status: text('status', { enum: machineStatuses }).notNull(),
    aptStatus: text('apt_status', { enum: machineFeatureStatuses }),
    aptUpdatesCount: integer('apt_updates_count'),
    aptSecurityCount: integer('apt_security_count'),
    aptRebootRequired: flag('apt_reboot_required'),
    rebootEvidenceJson: text('reboot_evidence_json'),
    aptLastAnalyzeAt: text('apt_last_analyze_at'),
    /** What in the last analysis wants attention: codes with values. Null: not known. */
    aptAttentionJson: text('apt_attention_json'),
    /** When the host last fetched its package lists. */
    aptListsAt: text('apt_lists_at'),
    dockerStatus: text('docker_status', { enum: machineFeatureStatuses }),
    dockerInstalled: flag('docker_installed'),
    dockerStacksCount: integer('docker_stacks_count'),
    dockerUpdatesCount: integer('docker_updates_count'),
    dockerPruneAvailable: flag('docker_prune_available'),
    postInstallStatus: text('post_install_status', { enum: profileStatuses }),
    metricsLastCollectedAt: text('metrics_last_collected_at'),
    cpuLoad1: real('cpu_load1'),
    memoryUsedPercent: real('memory_used_percent'),
    rootUsedPercent: real('root_used_percent'),
    diskWarningsCount: integer('disk_warnings_count'),
    hardwareWarningsCount: integer('hardware_warnings_count'),
    /** What these counts count, worst first; null: never looked. */
    hardwareWarningsJson: text('hardware_warnings_json'),
    runningJobId: text('running_job_id'),
    runningAction: text('running_action', { enum: actionTypes }),
    runningProgressPercent: real('running_progress_percent'),
    runningStep: text('running_step'),
    lastErrorKind: text('last_error_kind').$type<ErrorKind>(),
    lastErrorMessage: text('last_error_message'),
    /** Values that make the error's text exact. */
    lastErrorDataJson: text('last_error_data_json'),
    /** When the host last answered a question about itself. */
    checkedAt: text('checked_at'),
    updatedAt: updatedAt(),
  },
  (t) => [...checksOf(t)],
);
