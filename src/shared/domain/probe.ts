import { z } from 'zod';
import { contractObject, count, isoTime } from './json-contract.ts';

/**
 * What a look at a machine's hardware found. Sizes are bytes, times seconds unless the name says otherwise, temperatures
 * degrees Celsius. A list that is `null` could not be read; an empty one was read and is empty.
 */

/** Parts of a probe that a machine may not tell. */
export const probeParts = [
  'processor',
  'load',
  'memory',
  'filesystems',
  'inodes',
  'disks',
  'smart',
  'pools',
  'network',
  'addresses',
  'temperatures',
  'units',
  'firmware',
  'serials',
  'clock',
] as const;
export type ProbePart = (typeof probeParts)[number];

/**
 * Why a part is missing. `needs_root`: root would add it · `tool_missing`: a program is not installed there ·
 * `container`: it belongs to the container's host · `no_systemd`: there is no such thing on this machine.
 */
export const gapReasons = [
  'needs_root',
  'root_refused',
  'tool_missing',
  'timed_out',
  'unreadable',
  'container',
  'no_systemd',
] as const;
export type GapReason = (typeof gapReasons)[number];

export const probeGapSchema = contractObject({ part: z.enum(probeParts), reason: z.enum(gapReasons) });
export type ProbeGap = z.infer<typeof probeGapSchema>;

const processor = contractObject({
  model: z.string().nullable(),
  sockets: count.nullable(),
  /** Physical cores, all sockets together. */
  cores: count.nullable(),
  /** Processors that programs can run on: what load is compared with. */
  threads: count.nullable(),
  maxMhz: z.number().nullable(),
});

const memory = contractObject({
  totalBytes: count,
  availableBytes: count.nullable(),
  /** Page cache, buffers and reclaimable kernel memory: given back when programs want it. */
  cacheBytes: count.nullable(),
  swapTotalBytes: count.nullable(),
  swapFreeBytes: count.nullable(),
});

export const probeFilesystemSchema = contractObject({
  mount: z.string(),
  device: z.string(),
  /** `ext4`, `zfs`…; null where the mount table did not tell. */
  type: z.string().nullable(),
  readOnly: z.boolean().nullable(),
  sizeBytes: count,
  usedBytes: count,
  /** What users other than root may still write. */
  availableBytes: count,
  /** Null where the file system makes inodes as it needs them (btrfs, ZFS). */
  inodesTotal: count.nullable(),
  inodesUsed: count.nullable(),
});
export type ProbeFilesystem = z.infer<typeof probeFilesystemSchema>;

export const smartStates = ['passed', 'failing', 'standby', 'unsupported', 'unreadable'] as const;
const smart = contractObject({
  state: z.enum(smartStates),
  temperatureC: z.number().nullable(),
  powerOnHours: count.nullable(),
  reallocatedSectors: count.nullable(),
  pendingSectors: count.nullable(),
  uncorrectableSectors: count.nullable(),
  /** Percent of the life that the maker promised, may pass 100. */
  wearPercent: z.number().nullable(),
  /** Percent of the spare blocks that are left, and where the maker says it is too little. */
  sparePercent: z.number().nullable(),
  spareLimitPercent: z.number().nullable(),
});
export type SmartHealth = z.infer<typeof smart>;

export const diskKinds = ['disk', 'raid', 'volume', 'optical', 'card', 'memory'] as const;
export const diskTransports = ['nvme', 'sata', 'sas', 'usb', 'virtio', 'mmc', 'xen', 'other'] as const;
const disk = contractObject({
  name: z.string(),
  /** `volume` is device mapper (LVM, encryption), `raid` is md, `memory` is zram. */
  kind: z.enum(diskKinds),
  sizeBytes: count,
  model: z.string().nullable(),
  serial: z.string().nullable(),
  transport: z.enum(diskTransports).nullable(),
  rotational: z.boolean().nullable(),
  removable: z.boolean(),
  readOnly: z.boolean(),
  /** Block devices that this one is made of, for raid and volumes. */
  parents: z.array(z.string()),
  /** Name by which it is mounted, for volumes: `pve-root`. */
  mappedName: z.string().nullable(),
  raidLevel: z.string().nullable(),
  /** Disks that the array lacks; null for what is no array. */
  raidMissing: count.nullable(),
  partitions: z.array(contractObject({ name: z.string(), sizeBytes: count })),
  mounts: z.array(z.string()),
  smart: smart.nullable(),
});
export type ProbeDisk = z.infer<typeof disk>;

const pool = contractObject({
  name: z.string(),
  sizeBytes: count,
  usedBytes: count,
  /** ZFS's own word: ONLINE, DEGRADED, FAULTED, SUSPENDED… */
  health: z.string(),
});

export const interfaceKinds = [
  'ethernet',
  'wifi',
  'bridge',
  'bond',
  'vlan',
  'tunnel',
  'loopback',
  'virtual',
] as const;
const networkInterface = contractObject({
  name: z.string(),
  kind: z.enum(interfaceKinds),
  /** Has a device of its own: a card, not something made of software. */
  physical: z.boolean(),
  mac: z.string().nullable(),
  up: z.boolean().nullable(),
  mtu: count.nullable(),
  speedMbit: count.nullable(),
  driver: z.string().nullable(),
  addresses: z.array(
    contractObject({
      family: z.enum(['ipv4', 'ipv6']),
      address: z.string(),
      prefix: count,
      /** `global`, `link` or `host`. */
      scope: z.string(),
    }),
  ),
});
export type ProbeInterface = z.infer<typeof networkInterface>;

const temperature = contractObject({
  /** Driver or zone: `coretemp`, `nvme`, `x86_pkg_temp`. */
  sensor: z.string(),
  label: z.string().nullable(),
  celsius: z.number(),
  highC: z.number().nullable(),
  criticalC: z.number().nullable(),
});
export type ProbeTemperature = z.infer<typeof temperature>;

export const machineProbeSchema = contractObject({
  asRoot: z.boolean(),
  processor,
  load: z.tuple([z.number(), z.number(), z.number()]).nullable(),
  memory: memory.nullable(),
  uptimeSeconds: z.number().min(0).nullable(),
  /** By our clock. */
  bootedAt: isoTime.nullable(),
  filesystems: z.array(probeFilesystemSchema).nullable(),
  disks: z.array(disk).nullable(),
  /** Null: no ZFS there, or it did not answer. */
  pools: z.array(pool).nullable(),
  interfaces: z.array(networkInterface).nullable(),
  gateways: z.array(contractObject({ address: z.string(), interface: z.string() })),
  nameServers: z.array(z.string()),
  temperatures: z.array(temperature).nullable(),
  graphics: z.array(
    contractObject({
      vendor: z.string().nullable(),
      model: z.string().nullable(),
      driver: z.string().nullable(),
    }),
  ),
  /** Names of failed units; null where nobody could tell. */
  failedUnits: z.array(z.string()).nullable(),
  /** True number, when more units failed than are named. */
  failedUnitsCount: count.nullable(),
  firmware: contractObject({
    mode: z.enum(['uefi', 'bios']).nullable(),
    vendor: z.string().nullable(),
    product: z.string().nullable(),
    board: z.string().nullable(),
    serial: z.string().nullable(),
    biosVendor: z.string().nullable(),
    biosVersion: z.string().nullable(),
    biosDate: z.string().nullable(),
  }),
  /** The host's clock less ours; the true value lies within plus or minus the uncertainty. */
  clock: contractObject({
    skewMs: z.number(),
    uncertaintyMs: z.number().min(0),
  }).nullable(),
  gaps: z.array(probeGapSchema),
});
export type MachineProbe = z.infer<typeof machineProbeSchema>;

export const hardwareWarningCodes = [
  'filesystem_space',
  'filesystem_inodes',
  'filesystem_read_only',
  'smart_failing',
  'smart_sectors',
  'smart_wear',
  'raid_degraded',
  'pool_unhealthy',
  'memory_low',
  'load_high',
  'temperature_high',
  'clock_skew',
  'units_failed',
] as const;
export type HardwareWarningCode = (typeof hardwareWarningCodes)[number];

/** Those that a tile counts as of the disks; the others are of the rest of the machine. */
export const diskWarningCodes: ReadonlySet<HardwareWarningCode> = new Set([
  'filesystem_space',
  'filesystem_inodes',
  'filesystem_read_only',
  'smart_failing',
  'smart_sectors',
  'smart_wear',
  'raid_degraded',
  'pool_unhealthy',
]);

/**
 * One thing that wants attention. `value` and `limit` by code: percent used (filesystem_space, filesystem_inodes), percent of
 * life (smart_wear), sectors (smart_sectors), missing disks (raid_degraded), percent available (memory_low), load over five
 * minutes against processors (load_high), degrees (temperature_high), milliseconds (clock_skew), units (units_failed).
 */
export const hardwareWarningSchema = contractObject({
  code: z.enum(hardwareWarningCodes),
  severity: z.enum(['warning', 'error']),
  /** Mount point, disk, pool or sensor; null for the machine as a whole. */
  subject: z.string().nullable(),
  value: z.number().nullable(),
  limit: z.number().nullable(),
  /** Further words: names of units, the state of a pool. */
  names: z.array(z.string()),
  /** When it was first seen. */
  since: isoTime,
});
export type HardwareWarning = z.infer<typeof hardwareWarningSchema>;
