/**
 * The enumerations that the database, the JSON contracts and the interface share.
 * A column that holds one of them has a CHECK made from the same array.
 */
export const osFamilies = ['debian', 'ubuntu', 'proxmox', 'raspbian', 'unknown'] as const;
export type OsFamily = (typeof osFamilies)[number];

export const machineKinds = [
  'physical',
  'vm',
  'proxmox_host',
  'lxc',
  'raspberry_pi',
  'workstation',
  'unknown',
] as const;
export type MachineKind = (typeof machineKinds)[number];

/** Status of a machine row: whether the last contact worked. `unknown` until the host itself has said something. */
export const machineStatuses = ['unknown', 'online', 'unreachable', 'blocked', 'error'] as const;
export type MachineStatus = (typeof machineStatuses)[number];

export const authMethods = ['password', 'ssh_key', 'agent'] as const;
export type AuthMethod = (typeof authMethods)[number];

/** `same_as_ssh` also covers NOPASSWD: the password is written only when sudo asks for it. `none` = root login or no sudo. */
export const sudoModes = ['same_as_ssh', 'separate', 'nopasswd', 'none'] as const;
export type SudoMode = (typeof sudoModes)[number];

export const credentialStatuses = ['ok', 'error', 'unknown'] as const;
export type CredentialStatus = (typeof credentialStatuses)[number];

export const hostKeyStatuses = ['approved', 'changed', 'rejected', 'unknown'] as const;
export type HostKeyStatus = (typeof hostKeyStatuses)[number];

export const aptProxyModes = ['direct', 'runtime', 'persistent'] as const;
export type AptProxyMode = (typeof aptProxyModes)[number];

export const actionTypes = [
  'apt_update_analyze',
  'apt_upgrade',
  'apt_full_upgrade',
  'apt_dist_upgrade',
  'apt_autoremove',
  'apt_clean',
  'reboot',
  'reboot_verified',
  'docker_scan',
  'docker_inspect_current',
  'docker_pull_check',
  'docker_compose_apply',
  'docker_prune_images',
  'docker_compose_down',
  'machine_probe',
  'post_install',
] as const;
export type ActionType = (typeof actionTypes)[number];

export const snapshotKinds = [
  'apt_update_analyze',
  'docker_scan',
  'reboot_check',
  'machine_probe',
  'combined',
] as const;
export type SnapshotKind = (typeof snapshotKinds)[number];

export const snapshotStatuses = ['ok', 'updates_available', 'warning', 'error'] as const;
export type SnapshotStatus = (typeof snapshotStatuses)[number];

/** Status of a row in `executions`; an ExecutionResult itself is only ok, warning or error. */
export const executionStatuses = ['running', 'ok', 'warning', 'error', 'cancelled', 'interrupted'] as const;
export type ExecutionStatus = (typeof executionStatuses)[number];

export const jobStatuses = ['queued', 'running', 'ok', 'warning', 'error', 'cancelled'] as const;
export type JobStatus = (typeof jobStatuses)[number];

export const executionModes = ['manual', 'scheduled', 'hermes_requested'] as const;
export type ExecutionMode = (typeof executionModes)[number];

export const rebootOutcomes = [
  'ok',
  'reboot_command_failed',
  'ssh_never_went_down',
  'machine_did_not_return',
  'boot_id_unchanged',
  'timeout',
] as const;
export type RebootOutcome = (typeof rebootOutcomes)[number];

export const errorSources = ['apt', 'docker', 'post_install', 'ssh', 'system'] as const;
export type ErrorSource = (typeof errorSources)[number];

export const severities = ['info', 'warning', 'error'] as const;
export type Severity = (typeof severities)[number];

export const actorTypes = ['user', 'system', 'schedule', 'hermes'] as const;
export type ActorType = (typeof actorTypes)[number];

export const messageCategories = [
  'error',
  'warning',
  'future_major_change',
  'deprecation',
  'security_notice',
  'repository_notice',
] as const;
export type MessageCategory = (typeof messageCategories)[number];

export const plannedOperations = ['upgrade', 'install', 'remove', 'hold'] as const;
export type PlannedOperation = (typeof plannedOperations)[number];

export const appliedOperations = ['upgraded', 'installed', 'removed', 'unchanged'] as const;
export type AppliedOperation = (typeof appliedOperations)[number];

export const planModes = ['upgrade', 'dist_upgrade'] as const;
export type PlanMode = (typeof planModes)[number];

export const applyVerdicts = ['exact', 'extra', 'missing'] as const;
export type ApplyVerdict = (typeof applyVerdicts)[number];
