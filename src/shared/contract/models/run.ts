import { z } from 'zod';
import {
  actionTypes,
  applyVerdicts,
  bulkFailureRules,
  bulkMachineStatuses,
  bulkStatuses,
  executionModes,
  executionStatuses,
  jobStatuses,
  rebootOutcomes,
  reportKinds,
  reportOutcomes,
  startableActions,
} from '../../domain/unions.ts';
import { failure, id, isoDate } from './common.ts';
import { appliedPackage, changedPlan, explanation, plannedPackage } from './plan.ts';

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
