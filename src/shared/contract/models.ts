import { z } from 'zod';
import { errorKinds } from '../domain/errors.ts';
import { defaultTerminalLook, terminalLook, terminalLookPatch } from './terminal-look.ts';
import { hardwareWarningSchema } from '../domain/probe.ts';
import {
  actionTypes,
  actorTypes,
  appliedOperations,
  applyVerdicts,
  aptProxyModes,
  authMethods,
  bulkFailureRules,
  bulkMachineStatuses,
  bulkStatuses,
  credentialStatuses,
  errorSources,
  executionModes,
  executionStatuses,
  explanationCodes,
  hostKeyStatuses,
  jobStatuses,
  machineKinds,
  machineStatuses,
  messageCategories,
  notificationKinds,
  notificationWays,
  osFamilies,
  rebootOutcomes,
  planModes,
  reportKinds,
  reportOutcomes,
  severities,
  snapshotStatuses,
  startableActions,
  sudoModes,
  supportStatuses,
} from '../domain/unions.ts';

/** Shapes that cross the contract. Dates are ISO 8601 UTC text; `null` means unknown, never zero. */
export const id = z.uuid();
export const isoDate = z.string();
export const errorKind = z.enum(errorKinds);

/** A failure as stored and shown: the text and remedy come from the catalogue by `kind`, filled from `data`. */
export const failure = z.object({
  kind: errorKind,
  source: z.enum(errorSources).optional(),
  message: z.string(),
  data: z.record(z.string(), z.unknown()),
});
export type Failure = z.output<typeof failure>;

export const tag = z.object({ id, name: z.string(), color: z.string() });
export type Tag = z.output<typeof tag>;
/** With the number of machines of the fleet that have it. */
export const countedTag = tag.extend({ machineCount: z.number().int() });
export type CountedTag = z.output<typeof countedTag>;

export const rebootEvidence = z.object({
  reasons: z.array(z.string()),
  files: z.array(z.string()),
  packages: z.array(z.string()),
  runningKernel: z.string().nullable(),
  newestKernel: z.string().nullable(),
  /** Services that run with replaced libraries, and which; absent where nobody could look. */
  services: z.array(z.string()).optional(),
  libraries: z.array(z.string()).optional(),
});

/** Packages that one reason is about: how many, and the first of them by name (`:arch` where foreign). */
const somePackages = { count: z.number().int(), packages: z.array(z.string()) };

/** What in an analysis wants a person's attention, as codes with values: the sentence is the reader's. */
export const attention = z.discriminatedUnion('code', [
  /** The full upgrade would remove packages. */
  z.object({ code: z.literal('removes'), ...somePackages }),
  /** Packages on hold that have an upgrade waiting. */
  z.object({ code: z.literal('held'), ...somePackages }),
  /** Upgrades that the plan leaves out, neither held nor phased. */
  z.object({ code: z.literal('kept_back'), ...somePackages }),
  /** The counts come from package lists of so many days ago. */
  z.object({ code: z.literal('lists_old'), days: z.number().int() }),
  /** A warning of APT's or the host's, with the values of its text. */
  z.object({ code: z.literal('problem'), kind: errorKind, data: z.record(z.string(), z.unknown()) }),
]);
export type Attention = z.output<typeof attention>;

/** What a tile shows; derived from the newest snapshot and execution. */
export const machineState = z.object({
  /** `null` = never analysed. */
  aptStatus: z.enum(snapshotStatuses).nullable(),
  updatesCount: z.number().int().nullable(),
  securityCount: z.number().int().nullable(),
  rebootRequired: z.boolean().nullable(),
  rebootEvidence: rebootEvidence.nullable(),
  /** Why the last analysis is more than its counts, the weightiest first. Absent: not known. */
  attention: z.array(attention).optional(),
  /** When the last analysis succeeded. */
  analyzedAt: isoDate.nullable(),
  /** When the host's package lists were last fetched. */
  listsAt: isoDate.nullable(),
  load1: z.number().nullable(),
  memoryUsedPercent: z.number().nullable(),
  rootUsedPercent: z.number().nullable(),
  /** Of disks, memory, load, temperatures, clock and services, worst first; null or absent: never looked. */
  hardwareWarnings: z.array(hardwareWarningSchema).nullable().optional(),
  runningJobId: id.nullable(),
  runningAction: z.enum(actionTypes).nullable(),
  /** True percentage of the running step, 0 to 100, or null where the host gives none. */
  runningPercent: z.number().nullable(),
  runningStep: z.string().nullable(),
  lastError: failure.nullable(),
  updatedAt: isoDate,
});
export type MachineState = z.output<typeof machineState>;

/** How long the machine's release gets security updates, from a dated table; `unknown` where the table has no such release. */
export const support = z.object({
  status: z.enum(supportStatuses),
  /** The day (`YYYY-MM-DD`) on which the present status ends or, for `ended`, on which the last programme ended. */
  endsAt: z.string().nullable(),
});
export type Support = z.output<typeof support>;

export const fleetRow = z.object({
  id,
  name: z.string(),
  hostname: z.string(),
  port: z.number().int(),
  username: z.string(),
  osFamily: z.enum(osFamilies),
  osVersion: z.string().nullable(),
  osCodename: z.string().nullable(),
  arch: z.string().nullable(),
  machineKind: z.enum(machineKinds),
  status: z.enum(machineStatuses),
  hostKeyStatus: z.enum(hostKeyStatuses),
  tags: z.array(tag),
  /** A person's word for where it belongs; null or absent: none. */
  group: z.string().nullable().optional(),
  lastSeenAt: isoDate.nullable(),
  createdAt: isoDate,
  support: support.optional(),
  state: machineState,
});
export type FleetRow = z.output<typeof fleetRow>;

/** The figures strip; each is also a filter. */
export const fleetFigures = z.object({
  machines: z.number().int(),
  withUpdates: z.number().int(),
  updates: z.number().int(),
  withSecurity: z.number().int(),
  security: z.number().int(),
  rebootRequired: z.number().int(),
  errors: z.number().int(),
  unreachable: z.number().int(),
  neverChecked: z.number().int(),
  running: z.number().int(),
});
export type FleetFigures = z.output<typeof fleetFigures>;

export const fleetChange = z.discriminatedUnion('type', [
  z.object({ type: z.literal('snapshot'), rows: z.array(fleetRow), figures: fleetFigures }),
  z.object({
    type: z.literal('changed'),
    rows: z.array(fleetRow),
    removedIds: z.array(id),
    figures: fleetFigures,
  }),
]);

export const hostKey = z.object({
  id,
  machineId: id,
  hostname: z.string(),
  port: z.number().int(),
  keyType: z.string().nullable(),
  fingerprintSha256: z.string(),
  status: z.enum(hostKeyStatuses),
  firstSeenAt: isoDate,
  lastSeenAt: isoDate,
});
export type HostKey = z.output<typeof hostKey>;

export const credentialSummary = z.object({
  authMethod: z.enum(authMethods),
  sudoMode: z.enum(sudoModes),
  hasPassword: z.boolean(),
  hasSudoPassword: z.boolean(),
  hasPrivateKey: z.boolean(),
  hasKeyPassphrase: z.boolean(),
  status: z.enum(credentialStatuses),
  lastTestAt: isoDate.nullable(),
});

export const machineDetail = fleetRow.extend({
  jumpMachineId: id.nullable(),
  /** Machines of the fleet that are reached through this one. */
  jumpFor: z.array(z.object({ id, name: z.string() })),
  notes: z.string().nullable(),
  /** The kind that a person chose over what the host says, or null. */
  chosenKind: z.enum(machineKinds).nullable(),
  allowLegacyAlgorithms: z.boolean(),
  aptProxyMode: z.enum(aptProxyModes),
  aptProxyUrl: z.string().nullable(),
  credentials: credentialSummary.nullable(),
  hostKeys: z.array(hostKey),
});
export type MachineDetail = z.output<typeof machineDetail>;

const secret = z.string().max(65_536);
/** Secrets go in and never come out: absent = keep what is stored, null = clear. */
export const credentialsInput = z.object({
  authMethod: z.enum(authMethods),
  sudoMode: z.enum(sudoModes),
  password: secret.nullish(),
  sudoPassword: secret.nullish(),
  privateKey: secret.nullish(),
  keyPassphrase: secret.nullish(),
  /** A private key file on this computer, read by the core instead of being pasted. */
  privateKeyPath: z.string().max(4096).nullish(),
});
export type CredentialsInput = z.input<typeof credentialsInput>;

export const hostnameText = z
  .string()
  .trim()
  .min(1)
  .max(253)
  .regex(/^[^\s/@\\'"`$;&|<>()]+$/, 'host name or address');
export const portNumber = z.number().int().min(1).max(65_535);
export const usernameText = z
  .string()
  .trim()
  .min(1)
  .max(64)
  .regex(/^[^\s:@]+$/, 'user name');

/** `http://host:port` or `https://…`, without user and password: it is stored and written in the clear. */
export const aptProxyUrlText = z
  .string()
  .trim()
  .max(300)
  .regex(
    /^https?:\/\/(?:[A-Za-z0-9.-]+|\[[0-9A-Fa-f:.]+\])(?::\d{1,5})?\/?$/,
    'http://host:port without user',
  );

/** One line of printable text. */
const line = (max: number) =>
  z
    .string()
    .trim()
    .max(max)
    // eslint-disable-next-line no-control-regex -- that is what is refused
    .regex(/^[^\u0000-\u001f\u007f]*$/, 'one line without control characters');
export const groupText = line(80).min(1);
export const notesText = z
  .string()
  .trim()
  .min(1)
  .max(4000)
  // eslint-disable-next-line no-control-regex -- that is what is refused
  .regex(/^[^\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]*$/, 'text without control characters');
export const tagName = line(40).min(1);
export const tagColor = z.string().regex(/^#[0-9a-f]{6}$/);

const machineFields = z.object({
  name: line(120).min(1),
  hostname: hostnameText,
  port: portNumber,
  username: usernameText,
  jumpMachineId: id.nullable(),
  allowLegacyAlgorithms: z.boolean(),
  aptProxyMode: z.enum(aptProxyModes),
  aptProxyUrl: aptProxyUrlText.nullable(),
  tagIds: z.array(id),
  group: groupText.nullable(),
  notes: notesText.nullable(),
  /** Null: what the host says. */
  chosenKind: z.enum(machineKinds).nullable(),
});
/** What is absent stays as it is: a default here would set it back. */
export const machinePatch = machineFields.partial();
export const machineInput = machineFields.extend({
  port: portNumber.default(22),
  jumpMachineId: id.nullable().default(null),
  allowLegacyAlgorithms: z.boolean().default(false),
  aptProxyMode: z.enum(aptProxyModes).default('direct'),
  aptProxyUrl: aptProxyUrlText.nullable().default(null),
  tagIds: z.array(id).default([]),
  group: groupText.nullable().default(null),
  notes: notesText.nullable().default(null),
  chosenKind: z.enum(machineKinds).nullable().default(null),
});
export type MachineInput = z.input<typeof machineInput>;

export const importCandidate = z.object({
  alias: z.string(),
  hostname: z.string(),
  port: z.number().int(),
  username: z.string().nullable(),
  identityFile: z.string().nullable(),
  /** Aliases of the jump hosts, nearest first; they are imported too. */
  proxyJump: z.array(z.string()),
  source: z.enum(['ssh_config', 'known_hosts', 'this_computer']),
  /** Fingerprints that known_hosts already trusts for this host. */
  knownHostKeys: z.array(z.object({ keyType: z.string(), fingerprintSha256: z.string() })),
  alreadyAdded: z.boolean(),
});
export type ImportCandidate = z.output<typeof importCandidate>;

export const diagnosisStep = z.object({
  step: z.enum(['resolve', 'connect', 'host_key', 'authenticate', 'shell', 'sudo']),
  status: z.enum(['ok', 'failed', 'skipped']),
  durationMs: z.number(),
  detail: z.string(),
  errorKind: errorKind.nullable(),
  /** Values that make the error's text exact. */
  errorData: z.record(z.string(), z.unknown()).optional(),
});
export type DiagnosisStepView = z.output<typeof diagnosisStep>;

export const job = z.object({
  id,
  machineId: id.nullable(),
  machineName: z.string().nullable(),
  /** The schedule that it came from; null or absent: none. */
  schedule: z.object({ id, name: z.string() }).nullable().optional(),
  action: z.enum(actionTypes),
  status: z.enum(jobStatuses),
  /** The execution or snapshot that the job made, once there is one. */
  executionId: id.nullable(),
  snapshotId: id.nullable(),
  createdAt: isoDate,
  startedAt: isoDate.nullable(),
  finishedAt: isoDate.nullable(),
  step: z.string().nullable(),
  percent: z.number().nullable(),
  /** Cancel has been asked and the job waits for a safe point. */
  cancelRequested: z.boolean(),
  /** Higher comes first among the jobs of its machine. */
  priority: z.number().int(),
  /** Attempts begun, of at most `maxAttempts`; more than one only where repeating does no harm. */
  attempt: z.number().int(),
  maxAttempts: z.number().int(),
  /** A failed attempt is made again, not before this moment; `error` says why it failed. */
  notBefore: isoDate.nullable(),
  error: failure.nullable(),
});
export type Job = z.output<typeof job>;

export const runStep = z.object({
  /** Key of the catalogue: connect, launch, refresh, plan, repair, clean, download, install, verify, report. */
  name: z.string(),
  status: z.enum(['pending', 'running', 'ok', 'error', 'skipped']),
  startedAt: isoDate.nullable(),
  finishedAt: isoDate.nullable(),
  /** True percentage of this step, or null. */
  percent: z.number().nullable(),
  detail: z.string().nullable(),
});
export type RunStep = z.output<typeof runStep>;

export const appliedPackage = z.object({
  name: z.string(),
  arch: z.string().nullable(),
  fromVersion: z.string().nullable(),
  toVersion: z.string().nullable(),
  operation: z.enum(appliedOperations),
  origin: z.string().nullable(),
});

export type AppliedPackage = z.output<typeof appliedPackage>;

export const plannedPackage = z.object({
  name: z.string(),
  arch: z.string().nullable(),
  currentVersion: z.string().nullable(),
  targetVersion: z.string().nullable(),
  origin: z.string().nullable(),
  operation: z.enum(['upgrade', 'install', 'remove', 'hold']),
  security: z.boolean(),
});
export type PlannedPackage = z.output<typeof plannedPackage>;

/** `by` is a command line of the host with its user, where the host tells it. */
const explanation = z.object({ code: z.enum(explanationCodes), by: z.string().nullable() });

export const changedPlan = z.object({
  planHash: z.string(),
  planned: z.array(plannedPackage),
  added: z.array(plannedPackage),
  gone: z.array(plannedPackage),
  different: z.array(z.object({ before: plannedPackage, now: plannedPackage })),
});
export type ChangedPlan = z.output<typeof changedPlan>;

export const editedConffile = z.object({ package: z.string(), path: z.string() });

/** A plan made on request, which can be approved by its hash. */
export const simulatedPlan = z.object({
  mode: z.enum(planModes),
  planHash: z.string(),
  planned: z.array(plannedPackage),
  /** Names of packages that it would remove. */
  removed: z.array(z.string()),
  /** Asked for, but nothing would happen to them. */
  notPlanned: z.array(z.string()),
  downloadBytes: z.number().int().nullable(),
  /** Change of used disk space; negative when space is freed. */
  diskBytes: z.number().int().nullable(),
  editedConffiles: z.array(editedConffile),
});
export type SimulatedPlan = z.output<typeof simulatedPlan>;

export const executionSummary = z.object({
  id,
  machineId: id,
  machineName: z.string(),
  action: z.enum(actionTypes),
  mode: z.enum(executionModes),
  status: z.enum(executionStatuses),
  startedAt: isoDate,
  finishedAt: isoDate.nullable(),
  jobId: id.nullable(),
  reportId: id.nullable(),
  exitCode: z.number().int().nullable(),
  error: failure.nullable(),
  /** Number of packages that really changed, once known. */
  changedCount: z.number().int().nullable(),
  verdict: z.enum(applyVerdicts).nullable(),
});
export type ExecutionSummary = z.output<typeof executionSummary>;

/** What is known of a reboot; `outcome` null while it runs. Only a changed boot id proves it. */
export const rebootDetail = z.object({
  outcome: z.enum(rebootOutcomes).nullable(),
  beforeBootId: z.string().nullable(),
  afterBootId: z.string().nullable(),
  requestedAt: isoDate.nullable(),
  wentDownAt: isoDate.nullable(),
  cameBackAt: isoDate.nullable(),
  waitedSeconds: z.number().nullable(),
  /** The wait ends at this. */
  waitLimitSeconds: z.number().nullable(),
  /** What earlier reboots of the machine took: an estimate, or null when there was none. */
  expectedSeconds: z.number().nullable(),
  /** How long this one took; null where it was not watched from beginning to end. */
  lastDurationSeconds: z.number().nullable(),
  nextRecommendedWaitSeconds: z.number().nullable(),
});
export type RebootDetail = z.output<typeof rebootDetail>;

export const executionDetail = executionSummary.extend({
  steps: z.array(runStep),
  percent: z.number().nullable(),
  /** Of `reboot` and `reboot_verified` only. */
  reboot: rebootDetail.optional(),
  /** The link is down and the run goes on without us. */
  linkDown: z.boolean(),
  /** The run lives in its SSH session: a lost connection interrupts it. */
  attached: z.boolean().optional(),
  planned: z.array(plannedPackage),
  applied: z.array(appliedPackage),
  /** What happened beyond the plan, and what did not happen; each with its reason. */
  extra: z.array(appliedPackage.extend({ explanation })),
  missing: z.array(plannedPackage.extend({ explanation })),
  /** The run stopped because the machine would now do this; its hash can be given to `jobs.start`. */
  changedPlan: changedPlan.nullable(),
  /** By `apt_clean`. */
  bytesFreed: z.number().int().nullable(),
  errors: z.array(failure),
  rebootRequiredAfterRun: z.boolean().nullable(),
  importantLines: z.array(z.string()),
  /** Bytes of the log stored so far. */
  logBytes: z.number().int(),
  /** sha256 of the stored log, once the run has ended, and whether it equals the host's own. */
  logSha256: z.string().nullable(),
  logVerified: z.boolean().nullable(),
  cancellable: z.boolean(),
});
export type ExecutionDetail = z.output<typeof executionDetail>;

export const snapshotDetail = z.object({
  id,
  machineId: id,
  createdAt: isoDate,
  status: z.enum(snapshotStatuses),
  /** The hash of the dist-upgrade plan; a change run is bound to it. */
  planHash: z.string().nullable(),
  upgradePlanHash: z.string().nullable(),
  autoremovePlanHash: z.string().nullable(),
  distUpgrade: z.array(plannedPackage),
  upgrade: z.array(plannedPackage),
  held: z.array(z.string()),
  keptBack: z.array(
    z.object({
      name: z.string(),
      currentVersion: z.string().nullable(),
      targetVersion: z.string().nullable(),
      reason: z.enum(['held', 'phased', 'needs_removal', 'needs_new_package', 'unknown']),
    }),
  ),
  autoremovable: z.array(z.string()),
  /** The same with versions: what `apt_autoremove` would remove. */
  autoremove: z.array(plannedPackage),
  /** Edited configuration files that the dist-upgrade plan may bring a new version of. */
  editedConffiles: z.array(editedConffile),
  /** Packages that an earlier run left half-done and that the next one configures first. */
  pendingRepair: z.array(z.string()),
  /** Change of used disk space by the dist-upgrade plan; negative when space is freed. */
  diskBytes: z.number().int().nullable(),
  downloadBytes: z.number().int().nullable(),
  /** Bytes that the `upgrade` plan would fetch; null or absent: not known. */
  upgradeDownloadBytes: z.number().int().nullable().optional(),
  listsAt: isoDate.nullable(),
  errors: z.array(failure),
});
export type SnapshotDetail = z.output<typeof snapshotDetail>;

export const timelineEvent = z.object({
  id,
  machineId: id.nullable(),
  eventType: z.string(),
  severity: z.enum(severities),
  createdAt: isoDate,
  actorType: z.enum(actorTypes).nullable(),
  executionId: id.nullable(),
  snapshotId: id.nullable(),
  jobId: id.nullable(),
  message: z.string().nullable(),
  data: z.record(z.string(), z.unknown()),
});
export type TimelineEvent = z.output<typeof timelineEvent>;

/** What Homeport itself says in a message, as a code with values; the sentence is the reader's. */
export const messageNotice = z.object({
  code: z.enum(['support_ends_soon', 'support_lts_only', 'support_ended']),
  osFamily: z.enum(osFamilies),
  version: z.string(),
  codename: z.string(),
  /** `YYYY-MM-DD`: the day on which the support that `code` names ends or ended. */
  on: z.string(),
  /** The last day of the programme that follows; null: none. */
  until: z.string().nullable(),
});
export type MessageNotice = z.output<typeof messageNotice>;

export const importantMessage = z.object({
  id,
  machineId: id.nullable(),
  source: z.enum(errorSources),
  category: z.enum(messageCategories),
  severity: z.enum(severities),
  packageName: z.string().nullable(),
  message: z.string(),
  /** Absent: only the text is known. */
  notice: messageNotice.optional(),
  firstSeenAt: isoDate,
  lastSeenAt: isoDate,
  acknowledged: z.boolean(),
});

/** A message that a machine had while a run was at work on it; `key` is the same for one matter on every machine. */
export const messageOfRun = z.object({
  key: z.string(),
  category: z.enum(messageCategories),
  severity: z.enum(severities),
  text: z.string(),
  notice: messageNotice.optional(),
});
export type MessageOfRun = z.output<typeof messageOfRun>;

/** One matter on every machine that tells it. */
export const messageGroup = z.object({
  /** Names the group; for `messages.acknowledgeGroup`. */
  key: z.string(),
  source: z.enum(errorSources),
  category: z.enum(messageCategories),
  severity: z.enum(severities),
  /** As one of the machines told it: times and process ids in it are that machine's. */
  text: z.string(),
  /** Absent: only the text is known. */
  notice: messageNotice.optional(),
  packageName: z.string().nullable(),
  /** The repository or part that it is about. */
  component: z.string().nullable(),
  /** Machines that tell it; `messages.machines` names them. */
  count: z.number().int(),
  firstSeenAt: isoDate,
  lastSeenAt: isoDate,
  acknowledged: z.boolean(),
});
export type MessageGroup = z.output<typeof messageGroup>;

/** One update and the machines that wait for it, as the newest dist-upgrade plans have it. */
export const updateGroup = z.object({
  /** `os_family|package|from|to|origin`. */
  key: z.string(),
  osFamily: z.enum(osFamilies),
  packageName: z.string(),
  /** Null: newly installed. */
  from: z.string().nullable(),
  /** Null: removed. */
  to: z.string().nullable(),
  origin: z.string().nullable(),
  operation: z.enum(['upgrade', 'install', 'remove', 'hold']),
  security: z.boolean(),
  /** Machines that wait for it; `updates.machines` names them. */
  count: z.number().int(),
});
export type UpdateGroup = z.output<typeof updateGroup>;

export const namedMachine = z.object({ id, name: z.string() });
export type NamedMachine = z.output<typeof namedMachine>;

/** Machines of the first wave, the next, …, the last number repeating; or a share for each wave; or all at once. */
export const waveRule = z.union([
  z.object({ sizes: z.array(z.number().int().min(1).max(1000)).min(1).max(100) }),
  z.object({ percent: z.number().min(1).max(100) }),
  z.literal('all'),
]);

export const bulkMachine = z.object({
  machineId: id,
  machineName: z.string(),
  /** Counted from 0. */
  wave: z.number().int(),
  status: z.enum(bulkMachineStatuses),
  jobId: id.nullable(),
  executionId: id.nullable(),
  snapshotId: id.nullable(),
  startedAt: isoDate.nullable(),
  finishedAt: isoDate.nullable(),
  /** As the machine's tile says it now. */
  rebootRequired: z.boolean().nullable(),
  /** Of the job; or why the machine was refused or skipped. */
  error: failure.nullable(),
});
export type BulkMachine = z.output<typeof bulkMachine>;

export const bulkSummary = z.object({
  id,
  action: z.enum(startableActions),
  status: z.enum(bulkStatuses),
  onFailure: z.enum(bulkFailureRules),
  concurrency: z.number().int(),
  createdAt: isoDate,
  finishedAt: isoDate.nullable(),
  cancelRequested: z.boolean(),
  /** The fleet report, once the bulk has ended. */
  reportId: id.nullable(),
  machines: z.number().int(),
  waves: z.number().int(),
  /** The lowest wave that has not ended, counted from 0; null when all have. */
  currentWave: z.number().int().nullable(),
  counts: z.record(z.enum(bulkMachineStatuses), z.number().int()),
});
export type BulkSummary = z.output<typeof bulkSummary>;

/** `members` in the order of the selection. */
export const bulkDetail = bulkSummary.extend({ members: z.array(bulkMachine) });
export type BulkDetail = z.output<typeof bulkDetail>;

export const reportSummary = z.object({
  id,
  machineId: id.nullable(),
  machineName: z.string().nullable(),
  executionId: id.nullable(),
  kind: z.enum(reportKinds),
  title: z.string(),
  createdAt: isoDate,
  pinned: z.boolean(),
  /** How what it tells of ended; null where it tells of nothing that ends. */
  outcome: z.enum(reportOutcomes).nullable(),
});
export type ReportSummary = z.output<typeof reportSummary>;

export const vaultStatus = z.object({
  state: z.enum(['not_set_up', 'locked', 'unlocked']),
  /** How the data key is wrapped today. */
  wraps: z.array(z.enum(['safe_storage', 'keyring', 'passphrase'])),
  /** Whether this host offers a system keyring, and why not. */
  systemKeyring: z.object({ available: z.boolean(), reason: z.string().nullable() }),
  autoLockMinutes: z.number().int().nullable(),
});
export type VaultStatus = z.output<typeof vaultStatus>;

const fleetSort = z.object({ by: z.string().max(40), direction: z.enum(['asc', 'desc']) });
export const fleetGroupings = ['none', 'status', 'tag', 'os', 'kind'] as const;
/** Columns of the fleet's table in their order; none = those that fit, in the usual order. */
const fleetColumns = z.array(z.string().max(40)).max(40);
/** A figure of the strip (one of `fleetFigures`; `machines` = all) and the text of the search. */
const fleetFilter = { filter: z.string().max(40), query: z.string().max(200) };

/** What a saved view of the fleet brings back. */
export const fleetViewDefinition = z.object({
  ...fleetFilter,
  layout: z.enum(['tiles', 'table']),
  sort: fleetSort,
  group: z.enum(fleetGroupings),
  columns: fleetColumns,
});
export type FleetViewDefinition = z.output<typeof fleetViewDefinition>;
export const fleetViewName = z.string().trim().min(1).max(60);
export const fleetView = z.object({ id, name: fleetViewName, definition: fleetViewDefinition });
export type FleetView = z.output<typeof fleetView>;

/** Preferences of the interface; in the database, applied to every open window at once. */
export const preferences = z.object({
  theme: z.enum(['system', 'light', 'dark']),
  density: z.enum(['comfortable', 'compact']),
  language: z.enum(['system', 'en', 'fr']),
  zoomPercent: z.number().int().min(80).max(200),
  fleetView: z.enum(['tiles', 'table']),
  fleetSort,
  fleetGroup: z.enum(fleetGroupings),
  fleetColumns,
  /** Groups that are folded, as `grouping:group`. */
  fleetFolded: z.array(z.string().max(200)).max(500),
  /** The saved view that was chosen last; null = none. */
  fleetViewId: id.nullable(),
  /** What the last window looked at, so that it is there again after a restart; each window then goes its own way. */
  fleetShown: z.object(fleetFilter),
  /** Data older than this is shown as stale. */
  staleAfterHours: z.number().int().min(1).max(720),
  terminal: terminalLook,
  /** Ids of commands that were used lately, the last first. */
  recentCommands: z.array(z.string().max(200)).max(30),
});
export type Preferences = z.output<typeof preferences>;
/** What is to change; the rest stays as it is, also within `terminal`. */
export const preferencesPatch = preferences.partial().extend({ terminal: terminalLookPatch.optional() });
export type PreferencesPatch = z.output<typeof preferencesPatch>;
export const defaultPreferences: Preferences = {
  theme: 'system',
  density: 'comfortable',
  language: 'system',
  zoomPercent: 100,
  fleetView: 'tiles',
  fleetSort: { by: 'name', direction: 'asc' },
  fleetGroup: 'none',
  fleetColumns: [],
  fleetFolded: [],
  fleetViewId: null,
  fleetShown: { filter: 'machines', query: '' },
  staleAfterHours: 24,
  terminal: defaultTerminalLook,
  recentCommands: [],
};

export const appInfo = z.object({
  version: z.string(),
  host: z.enum(['electron', 'browser', 'terminal']),
  dataDir: z.string(),
  platform: z.string(),
  /** This computer is a Debian-family system and could be the first machine. */
  thisComputer: z.object({ hostname: z.string(), username: z.string(), debianFamily: z.boolean() }),
});

/** Something that a person should hear of; the same matter again, while it is unread, only counts up. */
export const notification = z.object({
  id,
  kind: z.enum(notificationKinds),
  severity: z.enum(severities),
  createdAt: isoDate,
  /** When it was last heard. */
  lastAt: isoDate,
  occurrences: z.number().int(),
  machineId: id.nullable(),
  machineName: z.string().nullable(),
  executionId: id.nullable(),
  bulkRunId: id.nullable(),
  /** When nothing was left for a person to do. */
  resolvedAt: isoDate.nullable(),
  readAt: isoDate.nullable(),
  /** Values for the sentence: action, status, kind of the error and its data. */
  data: z.record(z.string(), z.unknown()),
});
export type Notification = z.output<typeof notification>;

export const notificationSettings = z.object({
  ways: z.record(z.enum(notificationKinds), z.enum(notificationWays)),
  /** The desktop stays silent until then; `always` = until it is changed, null = it does not. */
  quietUntil: z.union([z.literal('always'), z.iso.datetime()]).nullable(),
  /** A browser was offered once to show notifications on the desktop; whether it may, the browser knows. */
  desktopOffered: z.boolean(),
});
export type NotificationSettings = z.output<typeof notificationSettings>;
export const notificationSettingsChange = z.object({
  ways: z.partialRecord(z.enum(notificationKinds), z.enum(notificationWays)).optional(),
  quietUntil: notificationSettings.shape.quietUntil.optional(),
  desktopOffered: z.boolean().optional(),
});
export type NotificationSettingsChange = z.output<typeof notificationSettingsChange>;
export const defaultNotificationSettings: NotificationSettings = {
  ways: {
    run_ended: 'desktop',
    run_failed: 'desktop',
    bulk_ended: 'desktop',
    host_key: 'desktop',
    plan_changed: 'desktop',
    conffile: 'desktop',
    vault_locked: 'desktop',
    changed_by_others: 'off',
    request: 'desktop',
    outward_failed: 'list',
    schedule_ended: 'desktop',
    schedule_asks: 'desktop',
  },
  quietUntil: null,
  desktopOffered: false,
};

/** `items`: the last heard first, at most 100; `unread` counts all. */
export const notificationState = z.object({
  items: z.array(notification),
  unread: z.number().int(),
  settings: notificationSettings,
});
export type NotificationState = z.output<typeof notificationState>;
