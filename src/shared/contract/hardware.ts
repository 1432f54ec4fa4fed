import { z } from 'zod';
import { hardwareWarningSchema, machineProbeSchema } from '../domain/probe.ts';
import { call, events } from './define.ts';
import { byMachine } from './inputs.ts';

/** What is known of a machine's hardware and how it does. */
export const hardwareDetail = z.object({
  machineId: z.uuid(),
  /** When the hardware was last read; null: never. */
  probedAt: z.string().nullable(),
  probe: machineProbeSchema.nullable(),
  /** Facts of the same look that are not hardware. */
  host: z
    .object({
      kernel: z.string().nullable(),
      /** As systemd-detect-virt names it; `none` is a machine of its own. */
      virtualization: z.string().nullable(),
      architecture: z.string().nullable(),
    })
    .nullable(),
  /** The newest, of a refresh or a probe; null: never. */
  metrics: z
    .object({
      collectedAt: z.string(),
      load1: z.number().nullable(),
      load5: z.number().nullable(),
      /** Processors: what load is compared with. */
      threads: z.number().int().nullable(),
      memoryTotalBytes: z.number().int().nullable(),
      memoryUsedBytes: z.number().int().nullable(),
      memoryAvailableBytes: z.number().int().nullable(),
      memoryUsedPercent: z.number().nullable(),
      rootUsedPercent: z.number().nullable(),
    })
    .nullable(),
  /** Worst first. */
  warnings: z.array(hardwareWarningSchema),
  /** Oldest first; a day in minutes, two weeks in hours, a year in days. */
  history: z.array(
    z.object({
      at: z.string(),
      load1: z.number().nullable(),
      memoryUsedPercent: z.number().nullable(),
      rootUsedPercent: z.number().nullable(),
    }),
  ),
});
export type HardwareDetail = z.output<typeof hardwareDetail>;

export const hardwareProcedures = {
  'hardware.get': call({
    summary: 'Hardware, metrics with their history, and warnings of a machine',
    risk: 'read',
    surfaces: ['ui', 'web', 'api', 'mcp'],
    input: byMachine,
    output: hardwareDetail,
  }),
  'hardware.watch': events({
    summary: 'The same: the whole first, then at each new look',
    risk: 'read',
    surfaces: ['ui', 'web', 'api'],
    input: byMachine,
    output: hardwareDetail,
  }),
} as const;
