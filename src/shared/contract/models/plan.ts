import { z } from 'zod';
import {
  appliedOperations,
  explanationCodes,
  osFamilies,
  planModes,
  snapshotStatuses,
} from '../../domain/unions.ts';
import { failure, id, isoDate } from './common.ts';

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
export const explanation = z.object({ code: z.enum(explanationCodes), by: z.string().nullable() });

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
