import { z } from 'zod';
import { contractObject, count, isoTime, schemaVersion, snapshotErrorSchema } from './json-contract.ts';
import { machineProbeSchema } from './probe.ts';
import { machineKinds, osFamilies, plannedOperations, snapshotKinds, snapshotStatuses } from './unions.ts';

export type { SnapshotError } from './json-contract.ts';

/** One package of a simulated plan. `name` is bare; a foreign or known architecture stands in `arch`. */
export const aptPackageSchema = contractObject({
  name: z.string().min(1),
  /** Null: the package is not installed yet. */
  currentVersion: z.string().nullable(),
  /** For a removal the installed version again: what is there now and will be gone. */
  targetVersion: z.string(),
  /** The archives that offer the version, as APT prints them, joined by `, `. */
  origin: z.string().nullable(),
  arch: z.string().exactOptional(),
  operation: z.enum(plannedOperations).exactOptional(),
  severityHint: z.enum(['normal', 'security']).exactOptional(),
});
export type AptPackage = z.infer<typeof aptPackageSchema>;

export const keptBackReasons = ['held', 'phased', 'needs_removal', 'needs_new_package', 'unknown'] as const;
export type KeptBackReason = (typeof keptBackReasons)[number];

/** An upgradable package that the plan leaves alone, and why. */
export const keptBackSchema = contractObject({
  name: z.string().min(1),
  arch: z.string().exactOptional(),
  current: z.string().nullable(),
  target: z.string().nullable(),
  reason: z.enum(keptBackReasons),
  /** 0 to 100, for `phased` only, where the host tells it. */
  phasedPercent: z.number().min(0).max(100).exactOptional(),
});
export type KeptBack = z.infer<typeof keptBackSchema>;

/** Why a reboot is (not) needed. `required` null: the host gave no usable evidence. */
export const rebootEvidenceSchema = contractObject({
  required: z.boolean().nullable(),
  /** Marker files that exist, such as /run/reboot-required. */
  files: z.array(z.string()),
  /** Packages that asked for it. */
  packages: z.array(z.string()),
  /** Null where the kernel is not the machine's own (LXC) or unknown. */
  runningKernel: z.string().nullable(),
  /** Newest installed kernel of the running one's flavour. */
  newestKernel: z.string().nullable(),
  reasons: z.array(
    z.enum(['marker_file', 'newer_kernel_installed', 'running_kernel_removed', 'needrestart_kernel']),
  ),
});
export type RebootEvidence = z.infer<typeof rebootEvidenceSchema>;

export const aptSnapshotSchema = contractObject({
  /** False: the machine has no APT, or the analysis did not get as far as knowing. */
  enabled: z.boolean(),
  /** Upgrades and new packages of the dist-upgrade plan. */
  count,
  rebootRequired: z.boolean(),
  /** The dist-upgrade plan: upgrades, new packages and removals. */
  packages: z.array(aptPackageSchema),
  status: z.enum(snapshotStatuses).exactOptional(),
  /** Upgrades and new packages of `upgrade --with-new-pkgs`. */
  upgradeCount: count.exactOptional(),
  distUpgradeCount: count.exactOptional(),
  /** Names (with `:arch` where foreign) that dist-upgrade would newly install. */
  installed: z.array(z.string()).exactOptional(),
  /** Names that dist-upgrade would remove. Not empty: at least a warning. */
  removed: z.array(z.string()).exactOptional(),
  /** Names on hold that have an upgrade waiting. Not empty: at least a warning. */
  held: z.array(z.string()).exactOptional(),
  keptBack: z.array(keptBackSchema).exactOptional(),
  phased: z.array(z.string()).exactOptional(),
  autoremovable: z.array(z.string()).exactOptional(),
  rebootPkgs: z.array(z.string()).exactOptional(),
  listsAgeSeconds: count.exactOptional(),
  // grown since the first contract: all optional
  /** The plan of `upgrade --with-new-pkgs`, which never removes. */
  upgradePackages: z.array(aptPackageSchema).exactOptional(),
  /** Packages of the dist-upgrade plan that come from a security archive. */
  security: count.exactOptional(),
  /** True bytes to fetch; what is in the cache counts 0. */
  downloadBytes: count.exactOptional(),
  /** The same of the `upgrade` plan; absent where its archives are not all among those of the dist-upgrade plan. */
  upgradeDownloadBytes: count.exactOptional(),
  /** Change of used disk space; negative when space is freed. */
  diskBytes: z.int().exactOptional(),
  listsUpdatedAt: isoTime.exactOptional(),
  /** sha256 (hex) of the canonical dist-upgrade plan: what an approval is bound to. */
  planHash: z.string().exactOptional(),
  /** The same of the `upgrade` plan. */
  upgradePlanHash: z.string().exactOptional(),
  /** What `autoremove` would remove now, and the hash of that plan. */
  autoremovePackages: z.array(aptPackageSchema).exactOptional(),
  autoremovePlanHash: z.string().exactOptional(),
  rebootEvidence: rebootEvidenceSchema.exactOptional(),
  /** Packages that are unpacked or half-configured and would be configured first. */
  pendingRepair: z.array(z.string()).exactOptional(),
  /** Edited configuration files for which the package may bring a new version. */
  editedConffiles: z.array(contractObject({ package: z.string(), path: z.string() })).exactOptional(),
  /**
   * Units that run with replaced libraries, as needrestart or the maps of the processes tell; without systemd, names of
   * processes. Absent: nobody looked (only root can).
   */
  servicesToRestart: z.array(z.string()).exactOptional(),
  /** Replaced libraries that these services still run with, where the maps told. */
  replacedLibraries: z.array(z.string()).exactOptional(),
  /** Who holds APT's or dpkg's locks at this moment. */
  locks: z
    .array(contractObject({ file: z.string(), pid: z.int(), command: z.string().nullable() }))
    .exactOptional(),
});
export type AptSnapshot = z.infer<typeof aptSnapshotSchema>;

const dockerService = contractObject({
  serviceName: z.string(),
  image: z.string(),
  currentImageId: z.string().exactOptional(),
  currentDigest: z.string().exactOptional(),
  candidateImageId: z.string().exactOptional(),
  candidateDigest: z.string().exactOptional(),
  /** Label org.opencontainers.image.version. */
  currentVersion: z.string().exactOptional(),
  candidateVersion: z.string().exactOptional(),
  /** Label org.opencontainers.image.source. */
  sourceUrl: z.string().exactOptional(),
  status: z.enum(['up_to_date', 'updates_available', 'warning', 'error']).exactOptional(),
});
export type DockerServiceSnapshot = z.infer<typeof dockerService>;

const dockerStack = contractObject({
  name: z.string(),
  workingDir: z.string(),
  composeFiles: z.array(z.string()),
  projectName: z.string().nullable().exactOptional(),
  status: z.enum(['candidate', 'enabled', 'ignored', 'error']),
  detectedBy: z.enum(['root_scan', 'label', 'manual']).exactOptional(),
  services: z.array(dockerService),
});
export type DockerStackSnapshot = z.infer<typeof dockerStack>;

export const dockerSnapshotSchema = contractObject({
  enabled: z.boolean(),
  installed: z.boolean(),
  /** Services with an update. */
  count,
  declaredRoots: z.array(z.string()).exactOptional(),
  stacks: z.array(dockerStack),
  status: z.enum(snapshotStatuses).exactOptional(),
});
export type DockerSnapshot = z.infer<typeof dockerSnapshotSchema>;

/** Cheap facts that the host tells along with its packages. Bytes are bytes, times are seconds. */
export const hostFactsSchema = contractObject({
  architecture: z.string().exactOptional(),
  bootId: z.string().exactOptional(),
  uptimeSeconds: z.number().min(0).exactOptional(),
  runningKernel: z.string().exactOptional(),
  virtualization: z.string().exactOptional(),
  aptVersion: z.string().exactOptional(),
  dpkgVersion: z.string().exactOptional(),
  /** Whether the analysis ran as root. */
  asRoot: z.boolean().exactOptional(),
  load: z.tuple([z.number(), z.number(), z.number()]).exactOptional(),
  memoryTotalBytes: count.exactOptional(),
  memoryAvailableBytes: count.exactOptional(),
  filesystems: z
    .array(
      contractObject({
        mount: z.string(),
        device: z.string(),
        sizeBytes: count,
        usedBytes: count,
        availableBytes: count,
      }),
    )
    .exactOptional(),
});
export type HostFacts = z.infer<typeof hostFactsSchema>;

/** What one look at a machine found. Archived whole; fields are only ever added, and added ones are optional. */
export const updateSnapshotSchema = contractObject({
  machineId: z.string().min(1),
  /** The host's own name for itself. */
  hostname: z.string(),
  checkedAt: isoTime,
  os: contractObject({
    family: z.enum(osFamilies),
    version: z.string(),
    codename: z.string().exactOptional(),
    prettyName: z.string().exactOptional(),
    /** Debian's own point release, `12.11`. */
    pointRelease: z.string().exactOptional(),
  }),
  status: z.enum(snapshotStatuses),
  schemaVersion: schemaVersion.exactOptional(),
  kind: z.enum(snapshotKinds).exactOptional(),
  machineKind: z.enum(machineKinds).exactOptional(),
  apt: aptSnapshotSchema,
  docker: dockerSnapshotSchema.exactOptional(),
  errors: z.array(snapshotErrorSchema).exactOptional(),
  rawHints: contractObject({ logImportantLines: z.array(z.string()) }).exactOptional(),
  host: hostFactsSchema.exactOptional(),
  /** For `machine_probe`; its `apt` says nothing (`enabled` false). */
  probe: machineProbeSchema.exactOptional(),
});
export type UpdateSnapshot = z.infer<typeof updateSnapshotSchema>;
