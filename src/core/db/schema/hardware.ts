import { desc } from 'drizzle-orm';
import { index, integer, primaryKey, real, sqliteTable, text } from 'drizzle-orm/sqlite-core';
import { updatedAt } from './columns.ts';
import { snapshots } from './history.ts';
import { machines } from './machines.ts';

const machineKey = () =>
  text('machine_id')
    .primaryKey()
    .references(() => machines.id, { onDelete: 'cascade' });

export const machineHardware = sqliteTable(
  'machine_hardware',
  {
    machineId: machineKey(),
    probeSnapshotId: text('probe_snapshot_id').references(() => snapshots.id, {
      onDelete: 'set null',
    }),
    cpuModel: text('cpu_model'),
    cpuCores: integer('cpu_cores'),
    memoryBytes: integer('memory_bytes'),
    gpusJson: text('gpus_json'),
    disksJson: text('disks_json'),
    networkJson: text('network_json'),
    firmwareJson: text('firmware_json'),
    driverJson: text('driver_json'),
    warningsJson: text('warnings_json'),
    updatedAt: updatedAt(),
  },
  (t) => [
    index('machine_hardware_updated_at').on(desc(t.updatedAt)),
    index('machine_hardware_probe_snapshot_id').on(t.probeSnapshotId),
  ],
);

export const machineMetricsLatest = sqliteTable(
  'machine_metrics_latest',
  {
    machineId: machineKey(),
    snapshotId: text('snapshot_id').references(() => snapshots.id, {
      onDelete: 'set null',
    }),
    collectedAt: text('collected_at').notNull(),
    cpuLoad1: real('cpu_load1'),
    cpuLoad5: real('cpu_load5'),
    cpuCores: integer('cpu_cores'),
    memoryTotalBytes: integer('memory_total_bytes'),
    memoryUsedBytes: integer('memory_used_bytes'),
    memoryAvailableBytes: integer('memory_available_bytes'),
    memoryUsedPercent: real('memory_used_percent'),
    filesystemsJson: text('filesystems_json').notNull(),
    rootUsedPercent: real('root_used_percent'),
    warningsJson: text('warnings_json'),
  },
  (t) => [
    index('machine_metrics_latest_collected_at').on(desc(t.collectedAt)),
    index('machine_metrics_latest_root_used_percent').on(t.rootUsedPercent),
    index('machine_metrics_latest_snapshot_id').on(t.snapshotId),
  ],
);

/**
 * How a machine did over time, from probes and refreshes. Bounded: within a day a point every few minutes, then one an hour,
 * then one a day, and none after a year. A null was not told.
 */
export const machineMetricsHistory = sqliteTable(
  'machine_metrics_history',
  {
    machineId: text('machine_id')
      .notNull()
      .references(() => machines.id, { onDelete: 'cascade' }),
    collectedAt: text('collected_at').notNull(),
    cpuLoad1: real('cpu_load1'),
    memoryUsedPercent: real('memory_used_percent'),
    rootUsedPercent: real('root_used_percent'),
  },
  (t) => [primaryKey({ columns: [t.machineId, t.collectedAt] })],
);
