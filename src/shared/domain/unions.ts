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
  'apt_repair',
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

/** The action types that this version carries out; the map in core/actions does not compile if one is forgotten. */
export const startableActions = [
  'apt_update_analyze',
  'apt_upgrade',
  'apt_full_upgrade',
  'apt_dist_upgrade',
  'apt_autoremove',
  'apt_clean',
  'apt_repair',
  'reboot',
  'reboot_verified',
  'machine_probe',
] as const satisfies readonly ActionType[];
export type StartableAction = (typeof startableActions)[number];

/** Actions that carry out a plan of packages and are bound to it. */
const plannedActions: readonly StartableAction[] = [
  'apt_upgrade',
  'apt_full_upgrade',
  'apt_dist_upgrade',
  'apt_autoremove',
];
export const hasPlan = (action: StartableAction): boolean => plannedActions.includes(action);

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

/** What a line of a job's log says; the page's catalogues have a sentence for each. */
export const jobLogCodes = [
  'queued',
  'started',
  'step',
  'attempt_failed',
  'interrupted',
  'taken_up',
  'let_go',
  'moved',
  'cancel_requested',
  'ended',
] as const;
export type JobLogCode = (typeof jobLogCodes)[number];

/** `stopped`: a failure kept the rest from starting. */
export const bulkStatuses = ['running', 'ok', 'warning', 'error', 'stopped', 'cancelled'] as const;
export type BulkStatus = (typeof bulkStatuses)[number];

/** `refused`: it could not be started · `skipped`: it was not started any more, or had nothing to do. */
export const bulkMachineStatuses = ['waiting', 'refused', 'skipped', ...jobStatuses] as const;
export type BulkMachineStatus = (typeof bulkMachineStatuses)[number];

export const bulkFailureRules = ['stop', 'continue'] as const;
export type BulkFailureRule = (typeof bulkFailureRules)[number];

/** Who changed packages without us. `homeport`: another installation of this application. */
export const foreignActors = ['unattended_upgrades', 'user', 'root', 'homeport', 'other'] as const;
export type ForeignActor = (typeof foreignActors)[number];

/** How long a release still gets security updates; `ends_soon` within 180 days, `lts_only` by a successor programme. */
export const supportStatuses = ['supported', 'ends_soon', 'lts_only', 'ended', 'unknown'] as const;
export type SupportStatus = (typeof supportStatuses)[number];

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

/** `selected`: chosen packages at the versions that were shown. */
export const planModes = ['upgrade', 'dist_upgrade', 'selected', 'autoremove'] as const;
export type PlanMode = (typeof planModes)[number];

/**
 * What a selected plan was simulated for where a rule chose and not a person: the security updates of the plain or of the full
 * upgrade.
 */
export const planSelections = ['upgrade_security', 'dist_upgrade_security'] as const;
export type PlanSelection = (typeof planSelections)[number];

export const applyVerdicts = ['exact', 'extra', 'missing'] as const;
export type ApplyVerdict = (typeof applyVerdicts)[number];

/** How edited configuration files are treated that a package brings a new version of. */
export const conffilePolicies = ['keep', 'take_new', 'stop_before'] as const;
export type ConffilePolicy = (typeof conffilePolicies)[number];

/**
 * Why a change was not in the plan, or a planned one did not happen.
 * `dependency_of`: APT did it in this run beyond the plan · `repair`: mending an earlier failure did it ·
 * `changed_meanwhile`: somebody else changed the package · `failed_script`: dpkg or a script of the package failed ·
 * `held`: put on hold since · `interrupted`: the run did not get there · `run_failed`: it stopped before.
 */
export const explanationCodes = [
  'changed_meanwhile',
  'dependency_of',
  'repair',
  'failed_script',
  'held',
  'interrupted',
  'run_failed',
  'unknown',
] as const;
export type ExplanationCode = (typeof explanationCodes)[number];

/** What a tile may say about a machine's packages or stacks; a null column means unknown. */
export const machineFeatureStatuses = snapshotStatuses;
export type MachineFeatureStatus = SnapshotStatus;

export const tileModes = ['compact', 'expanded'] as const;
export type TileMode = (typeof tileModes)[number];

/** Where a detached run stands on its host. Null: the execution has no detached run. */
export const remoteStates = ['launching', 'launched', 'ended', 'cleaned'] as const;
export type RemoteState = (typeof remoteStates)[number];

export const reportKinds = ['machine', 'global', 'cleanup', 'hermes'] as const;
export type ReportKind = (typeof reportKinds)[number];

/** How what a report tells of ended: of a run (`executionStatuses`) or of a bulk run (`bulkStatuses`). */
export const reportOutcomes = ['ok', 'warning', 'error', 'cancelled', 'interrupted', 'stopped'] as const;
export type ReportOutcome = (typeof reportOutcomes)[number];

/** `recording` is a terminal session in asciicast form. */
export const artifactKinds = ['raw_log', 'rendered_template', 'export', 'screenshot', 'recording'] as const;
export type ArtifactKind = (typeof artifactKinds)[number];

export const retentionPolicies = ['default', 'failed', 'pinned', 'short'] as const;
export type RetentionPolicy = (typeof retentionPolicies)[number];

export const terminalStatuses = ['open', 'closed', 'error', 'killed'] as const;
export type TerminalStatus = (typeof terminalStatuses)[number];

/** `local`: a port of this computer leads through the machine · `remote`: a port of the machine leads through this computer. */
export const forwardKinds = ['local', 'remote'] as const;
export type ForwardKind = (typeof forwardKinds)[number];

export const pruneModes = ['safe', 'aggressive'] as const;
export type PruneMode = (typeof pruneModes)[number];

export const stackStatuses = ['candidate', 'enabled', 'ignored', 'error'] as const;
export type StackStatus = (typeof stackStatuses)[number];

export const stackOrigins = ['root_scan', 'label', 'manual'] as const;
export type StackOrigin = (typeof stackOrigins)[number];

export const serviceStatuses = ['up_to_date', 'updates_available', 'warning', 'error'] as const;
export type ServiceStatus = (typeof serviceStatuses)[number];

export const imageOperations = ['pulled', 'recreated', 'pruned'] as const;
export type ImageOperation = (typeof imageOperations)[number];

export const stackVersionStatuses = ['draft', 'applied', 'failed', 'superseded'] as const;
export type StackVersionStatus = (typeof stackVersionStatuses)[number];

/** How much a profile or a recipe can break. */
export const recipeRisks = ['low', 'medium', 'high'] as const;
export type RecipeRisk = (typeof recipeRisks)[number];

export const recipeSources = ['apt_packages', 'official_external', 'custom'] as const;
export type RecipeSource = (typeof recipeSources)[number];

export const profileStatuses = ['not_run', 'ok', 'warning', 'error', 'pending'] as const;
export type ProfileStatus = (typeof profileStatuses)[number];

export const presetScopes = ['global', 'machine', 'profile'] as const;
export type PresetScope = (typeof presetScopes)[number];

export const lockKinds = ['apt', 'docker', 'post_install', 'reboot', 'exclusive'] as const;
export type LockKind = (typeof lockKinds)[number];

export const requesterTypes = ['user', 'hermes', 'schedule'] as const;
export type RequesterType = (typeof requesterTypes)[number];

/** `withdrawn`: the run of a schedule that asked for it ended before anybody decided. */
export const requestStatuses = [
  'pending',
  'approved',
  'rejected',
  'executed',
  'expired',
  'withdrawn',
] as const;
export type RequestStatus = (typeof requestStatuses)[number];

/** Ways in which a notification leaves this computer. */
export const outwardKinds = ['webhook', 'ntfy', 'email'] as const;
export type OutwardKind = (typeof outwardKinds)[number];

/** https://docs.ntfy.sh/publish/#message-priority */
export const ntfyPriorities = ['min', 'low', 'default', 'high', 'max'] as const;

/** `waiting`: to be sent, or sent again · `given_up`: its time passed before anybody took it. */
export const outwardStatuses = ['waiting', 'sent', 'given_up'] as const;
export type OutwardStatus = (typeof outwardStatuses)[number];

/** The same words as a procedure's risk in the contract. */
export const requestRisks = ['read', 'change', 'destructive'] as const;
export type RequestRisk = (typeof requestRisks)[number];

/** What happens to a run that was missed while nothing was awake to start it. */
export const catchUpRules = ['skip', 'run_once', 'ask'] as const;
export type CatchUpRule = (typeof catchUpRules)[number];

/** When a step of a schedule is taken on a machine; judged by the newest analysis just before. */
export const scheduleConditions = ['always', 'if_updates', 'if_security', 'if_reboot_needed'] as const;
export type ScheduleCondition = (typeof scheduleConditions)[number];

/** `due`: on time · `catch_up`: missed, made up for later · `manual`: a person started it. */
export const scheduleTriggers = ['due', 'catch_up', 'manual'] as const;
export type ScheduleTrigger = (typeof scheduleTriggers)[number];

/** `asking`: missed, and a person decides · `stopped`: a failure kept the rest from starting. */
export const scheduleRunStatuses = [
  'asking',
  'running',
  'ok',
  'warning',
  'error',
  'stopped',
  'cancelled',
  'skipped',
] as const;
export type ScheduleRunStatus = (typeof scheduleRunStatuses)[number];

/**
 * Why a due run did not happen. `superseded`: a later one was missed before anybody answered · `view_gone`: the saved view that
 * says where was deleted.
 */
export const scheduleSkipReasons = [
  'missed',
  'overlap',
  'no_machines',
  'dismissed',
  'superseded',
  'view_gone',
] as const;
export type ScheduleSkipReason = (typeof scheduleSkipReasons)[number];

/**
 * A machine of a run. `held`: waits for a person's approval · `left`: not begun, or not all of its steps · `armed`: handed to the
 * host, not collected yet.
 */
export const scheduleMachineStates = [
  'waiting',
  'active',
  'held',
  'armed',
  'ok',
  'warning',
  'error',
  'left',
] as const;
export type ScheduleMachineState = (typeof scheduleMachineStates)[number];

/** Why a machine was left, or only partly done. `undecided`: nobody approved or rejected it in time. */
export const scheduleLeftReasons = [
  'window',
  'failure',
  'cancelled',
  'rejected',
  'undecided',
  'missed',
  'not_run',
  'expired',
] as const;
export type ScheduleLeftReason = (typeof scheduleLeftReasons)[number];

/**
 * A step on a machine: it has a job, its condition did not hold, or it was refused before it became a job. `asked`: a request was
 * made of it, whose job is its job once it is approved.
 */
export const scheduleStepStates = ['job', 'not_needed', 'refused', 'asked'] as const;
export type ScheduleStepState = (typeof scheduleStepStates)[number];

/** How a run of a schedule may end for its rule of notifications. */
export const scheduleOutcomes = ['ok', 'warning', 'error', 'skipped'] as const;
export type ScheduleOutcome = (typeof scheduleOutcomes)[number];

/**
 * Work handed to a host as a timer. `arming` and `revoking`: asked for, not confirmed by the host · `taken_up`: it ran, and is a
 * run like any other now · `not_run`: the host dropped it before · `expired`: the host came to it too late and refused.
 */
export const armedStatuses = [
  'arming',
  'armed',
  'revoking',
  'revoked',
  'taken_up',
  'not_run',
  'expired',
] as const;
export type ArmedStatus = (typeof armedStatuses)[number];

/** Why armed work was not run: the host was restarted, its timer was removed, or all of it is gone. */
export const notRunReasons = ['rebooted', 'timer_gone', 'removed'] as const;
export type NotRunReason = (typeof notRunReasons)[number];

export const logLevels = ['info', 'warn', 'error'] as const;
export type LogLevel = (typeof logLevels)[number];

export const hermesSessionStatuses = ['active', 'closed'] as const;
export type HermesSessionStatus = (typeof hermesSessionStatuses)[number];

/** A piece of work of the application itself: a scan, a clean-up, an agent's run. */
export const taskStatuses = ['running', 'ok', 'error', 'cancelled'] as const;
export type TaskStatus = (typeof taskStatuses)[number];

export const mcpCallStatuses = ['ok', 'error', 'denied'] as const;
export type McpCallStatus = (typeof mcpCallStatuses)[number];

export const apiClientKinds = ['webapp', 'rust_gnome_app', 'script', 'mcp', 'other'] as const;
export type ApiClientKind = (typeof apiClientKinds)[number];

export const apiClientStatuses = ['active', 'revoked', 'expired'] as const;
export type ApiClientStatus = (typeof apiClientStatuses)[number];

export const cleanupModes = ['dry_run', 'apply'] as const;
export type CleanupMode = (typeof cleanupModes)[number];

export const discoveryMethods = ['nmap', 'tcp'] as const;
export type DiscoveryMethod = (typeof discoveryMethods)[number];

export const resourceTypes = ['vm', 'container'] as const;
export type ResourceType = (typeof resourceTypes)[number];

export const powerStatuses = ['unknown', 'stopped', 'starting', 'running', 'stopping', 'error'] as const;
export type PowerStatus = (typeof powerStatuses)[number];

export const powerEndpointKinds = ['physical', 'proxmox', 'docker'] as const;
export type PowerEndpointKind = (typeof powerEndpointKinds)[number];

/** A node of the dependency graph. */
export const nodeTypes = ['machine', 'resource'] as const;
export type NodeType = (typeof nodeTypes)[number];

export const cascadeTypes = ['start', 'stop'] as const;
export type CascadeType = (typeof cascadeTypes)[number];

export const cascadeStatuses = ['pending', 'in_progress', 'completed', 'failed', 'cancelled'] as const;
export type CascadeStatus = (typeof cascadeStatuses)[number];

export const cascadeStepActions = ['start', 'stop', 'skip'] as const;
export type CascadeStepAction = (typeof cascadeStepActions)[number];

export const cascadeStepStatuses = [
  'pending',
  'in_progress',
  'completed',
  'failed',
  'skipped',
  'cancelled',
] as const;
export type CascadeStepStatus = (typeof cascadeStepStatuses)[number];

export const vaultWrapKinds = ['keyring', 'safe_storage', 'passphrase'] as const;
export type VaultWrapKind = (typeof vaultWrapKinds)[number];

/** What a person is told of; the settings say for each how. */
export const notificationKinds = [
  'run_ended',
  'run_failed',
  'bulk_ended',
  'host_key',
  'plan_changed',
  'conffile',
  'vault_locked',
  'changed_by_others',
  'request',
  'outward_failed',
  'schedule_ended',
  'schedule_asks',
] as const;
export type NotificationKind = (typeof notificationKinds)[number];

/** `list`: only in the application · `desktop`: by the desktop as well. */
export const notificationWays = ['off', 'list', 'desktop'] as const;
export type NotificationWay = (typeof notificationWays)[number];
