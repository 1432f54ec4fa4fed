import { z } from 'zod';
import { contractObject, count, isoTime, schemaVersion, snapshotErrorSchema } from './json-contract.ts';
import { aptPackageSchema, rebootEvidenceSchema } from './snapshot.ts';
import {
  actionTypes,
  appliedOperations,
  applyVerdicts,
  executionModes,
  explanationCodes,
  rebootOutcomes,
} from './unions.ts';

const errors = z.array(snapshotErrorSchema).exactOptional();

/** What really happened to a package, from dpkg's own list before and after. */
export const aptChangeSchema = contractObject({
  name: z.string().min(1),
  arch: z.string().exactOptional(),
  fromVersion: z.string().nullable(),
  toVersion: z.string().nullable(),
  operation: z.enum(appliedOperations),
  origin: z.string().nullable().exactOptional(),
});
export type AptChange = z.infer<typeof aptChangeSchema>;

/** Why something differs from the plan; `by` is what did it: a command line of the host, or a package. */
export const explanationSchema = contractObject({
  code: z.enum(explanationCodes),
  by: z.string().exactOptional(),
});
export type Explanation = z.infer<typeof explanationSchema>;
const explained = { explanation: explanationSchema.exactOptional() };

export const extraChangeSchema = aptChangeSchema.extend(explained);
export type ExtraChange = z.infer<typeof extraChangeSchema>;
export const missingPackageSchema = aptPackageSchema.extend(explained);
export type MissingPackage = z.infer<typeof missingPackageSchema>;

export const aptExecutionSchema = contractObject({
  /** The simulation just before. */
  planned: z.array(aptPackageSchema),
  applied: z.array(aptChangeSchema),
  /** Names that are newly there; a foreign architecture as `name:arch`. */
  installed: z.array(z.string()),
  removed: z.array(z.string()),
  held: z.array(z.string()),
  errors,
  rebootRequiredAfterRun: z.boolean(),
  /** `extra` weighs more than `missing`: something changed that nobody approved. */
  verdict: z.enum(applyVerdicts).exactOptional(),
  // grown since the first contract: all optional
  /** Changes that no plan named, and planned ones that did not happen. */
  extra: z.array(extraChangeSchema).exactOptional(),
  missing: z.array(missingPackageSchema).exactOptional(),
  rebootEvidence: rebootEvidenceSchema.exactOptional(),
  planHash: z.string().exactOptional(),
  /** When the plan had changed: what the host would do now. Nothing was applied. */
  changedPlan: z.array(z.string()).exactOptional(),
  /** The same with origins, and the hash under which it can be approved. */
  changedPackages: z.array(aptPackageSchema).exactOptional(),
  changedPlanHash: z.string().exactOptional(),
  /** Bytes that cleaning the package cache gave back. */
  bytesFreed: count.exactOptional(),
});
export type AptExecution = z.infer<typeof aptExecutionSchema>;

export const dockerChangeSchema = contractObject({
  stack: z.string(),
  serviceName: z.string().exactOptional(),
  imageRef: z.string().exactOptional(),
  fromImageId: z.string().exactOptional(),
  toImageId: z.string().exactOptional(),
  fromDigest: z.string().exactOptional(),
  toDigest: z.string().exactOptional(),
  operation: z.enum(['pulled', 'recreated', 'pruned']),
});
export type DockerChange = z.infer<typeof dockerChangeSchema>;

export const dockerExecutionSchema = contractObject({
  pull: contractObject({ changes: z.array(dockerChangeSchema), errors }).exactOptional(),
  up: contractObject({
    recreated: z.array(z.string()),
    running: z.array(z.string()),
    exited: z.array(z.string()),
    errors,
  }).exactOptional(),
  prune: contractObject({
    imagesDeleted: z.array(z.string()),
    bytesReclaimed: count,
    errors,
  }).exactOptional(),
  errors,
});
export type DockerExecution = z.infer<typeof dockerExecutionSchema>;

export const rebootExecutionSchema = contractObject({
  beforeBootId: z.string().nullable(),
  afterBootId: z.string().nullable(),
  requestedAt: isoTime,
  sshWentDownAt: isoTime.nullable(),
  sshCameBackAt: isoTime.nullable(),
  waitedSeconds: z.number().min(0),
  status: z.enum(rebootOutcomes),
  lastRebootDurationSeconds: z.number().min(0).exactOptional(),
  /** Learned per machine. */
  nextRecommendedWaitSeconds: z.number().min(0).exactOptional(),
  errors,
});
export type RebootExecution = z.infer<typeof rebootExecutionSchema>;

export const postInstallExecutionSchema = contractObject({
  profilesRun: z.array(z.string()),
  /** Non-sensitive variables only. */
  variablesUsed: z.record(z.string(), z.unknown()),
  filesModified: z.array(z.string()),
  packagesInstalled: z.array(z.string()),
  servicesEnabled: z.array(z.string()),
  rebootsRequested: count,
  networkChange: contractObject({
    oldEndpoint: z.string(),
    newEndpoint: z.string(),
    reconnectHost: z.string(),
  }).exactOptional(),
  errors,
});
export type PostInstallExecution = z.infer<typeof postInstallExecutionSchema>;

/** What one action did to one machine. Archived whole; fields are only ever added, and added ones are optional. */
export const executionResultSchema = contractObject({
  executionId: z.string().min(1),
  machineId: z.string().min(1),
  startedAt: isoTime,
  finishedAt: isoTime,
  mode: z.enum(executionModes),
  action: z.enum(actionTypes),
  status: z.enum(['ok', 'warning', 'error']),
  rebootRequiredAfterRun: z.boolean(),
  importantLogLines: z.array(z.string()),
  /** Artifact ids; null where nothing was kept. */
  rawLogRef: z.string().nullable(),
  reportRef: z.string().nullable(),
  schemaVersion: schemaVersion.exactOptional(),
  apt: aptExecutionSchema.exactOptional(),
  docker: dockerExecutionSchema.exactOptional(),
  reboot: rebootExecutionSchema.exactOptional(),
  postInstall: postInstallExecutionSchema.exactOptional(),
  errors,
});
export type ExecutionResult = z.infer<typeof executionResultSchema>;
