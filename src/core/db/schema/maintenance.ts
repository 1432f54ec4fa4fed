import { desc } from 'drizzle-orm';
import { index, integer, real, sqliteTable, text } from 'drizzle-orm/sqlite-core';
import { cleanupModes, discoveryMethods, taskStatuses } from '../../../shared/domain/unions.ts';
import { checksOf, createdAt, flag, id } from './columns.ts';

export const systemMetrics = sqliteTable(
  'system_metrics',
  {
    id: id(),
    createdAt: createdAt(),
    cpuPercent: real('cpu_percent'),
    memoryRssBytes: integer('memory_rss_bytes'),
    memoryHeapBytes: integer('memory_heap_bytes'),
    dbBytes: integer('db_bytes'),
    walBytes: integer('wal_bytes'),
    jobsRunning: integer('jobs_running'),
    machinesCount: integer('machines_count'),
    payloadJson: text('payload_json'),
  },
  (t) => [index('system_metrics_created_at').on(desc(t.createdAt))],
);

export const cleanupRuns = sqliteTable(
  'cleanup_runs',
  {
    id: id(),
    mode: text('mode', { enum: cleanupModes }).notNull(),
    status: text('status', { enum: taskStatuses }).notNull(),
    startedAt: text('started_at').notNull(),
    finishedAt: text('finished_at'),
    deletedCountsJson: text('deleted_counts_json'),
    bytesReclaimed: integer('bytes_reclaimed'),
    resultJson: text('result_json'),
  },
  (t) => [index('cleanup_runs_started_at').on(desc(t.startedAt)), ...checksOf(t)],
);

export const discoveryScans = sqliteTable(
  'discovery_scans',
  {
    id: id(),
    cidr: text('cidr').notNull(),
    portsJson: text('ports_json').notNull(),
    method: text('method', { enum: discoveryMethods }).notNull(),
    status: text('status', { enum: taskStatuses }).notNull(),
    startedAt: text('started_at').notNull(),
    finishedAt: text('finished_at'),
    resultJson: text('result_json'),
  },
  (t) => [index('discovery_scans_started_at').on(desc(t.startedAt)), ...checksOf(t)],
);

export const discoveryCandidates = sqliteTable(
  'discovery_candidates',
  {
    id: id(),
    scanId: text('scan_id')
      .notNull()
      .references(() => discoveryScans.id, { onDelete: 'cascade' }),
    host: text('host').notNull(),
    port: integer('port').notNull(),
    service: text('service'),
    hostKeyFingerprint: text('host_key_fingerprint'),
    reverseDns: text('reverse_dns'),
    alreadyKnown: flag('already_known').notNull().default(false),
    createdAt: createdAt(),
  },
  (t) => [index('discovery_candidates_scan_id').on(t.scanId), ...checksOf(t)],
);
