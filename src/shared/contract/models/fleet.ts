import { z } from 'zod';
import { hardwareWarningSchema } from '../../domain/probe.ts';
import {
  actionTypes,
  hostKeyStatuses,
  machineKinds,
  machineStatuses,
  osFamilies,
  snapshotStatuses,
  supportStatuses,
} from '../../domain/unions.ts';
import { errorKind, failure, id, isoDate, tag } from './common.ts';

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

export const fleetSort = z.object({ by: z.string().max(40), direction: z.enum(['asc', 'desc']) });

export const fleetGroupings = ['none', 'status', 'tag', 'os', 'kind'] as const;

/** Columns of the fleet's table in their order; none = those that fit, in the usual order. */
export const fleetColumns = z.array(z.string().max(40)).max(40);

/** A figure of the strip (one of `fleetFigures`; `machines` = all) and the text of the search. */
export const fleetFilter = { filter: z.string().max(40), query: z.string().max(200) };

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
