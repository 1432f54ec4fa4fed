import { desc } from 'drizzle-orm';
import { index, integer, real, sqliteTable, text, uniqueIndex } from 'drizzle-orm/sqlite-core';
import {
  apiClientKinds,
  apiClientStatuses,
  hermesSessionStatuses,
  mcpCallStatuses,
  taskStatuses,
} from '../../../shared/domain/unions.ts';
import { checksOf, createdAt, id } from './columns.ts';

export const hermesSessions = sqliteTable(
  'hermes_sessions',
  {
    id: id(),
    source: text('source').notNull(),
    sessionKey: text('session_key'),
    createdAt: createdAt(),
    lastMessageAt: text('last_message_at'),
    status: text('status', { enum: hermesSessionStatuses }),
  },
  (t) => [...checksOf(t)],
);

export const hermesRuns = sqliteTable(
  'hermes_runs',
  {
    id: id(),
    sessionId: text('session_id').references(() => hermesSessions.id, { onDelete: 'cascade' }),
    promptKind: text('prompt_kind'),
    status: text('status', { enum: taskStatuses }),
    startedAt: text('started_at').notNull(),
    finishedAt: text('finished_at'),
    /** Reduced; no secret. */
    requestJson: text('request_json'),
    responseJson: text('response_json'),
    reportId: text('report_id'),
  },
  (t) => [index('hermes_runs_session_id_started_at').on(t.sessionId, desc(t.startedAt)), ...checksOf(t)],
);

export const hermesUsage = sqliteTable(
  'hermes_usage',
  {
    id: id(),
    runId: text('run_id').references(() => hermesRuns.id, { onDelete: 'cascade' }),
    provider: text('provider'),
    model: text('model'),
    promptTokens: integer('prompt_tokens'),
    cachedTokens: integer('cached_tokens'),
    completionTokens: integer('completion_tokens'),
    totalTokens: integer('total_tokens'),
    rawBytes: integer('raw_bytes'),
    reducedBytes: integer('reduced_bytes'),
    reductionRatio: real('reduction_ratio'),
    createdAt: createdAt(),
  },
  (t) => [index('hermes_usage_run_id').on(t.runId)],
);

export const mcpAuditLog = sqliteTable(
  'mcp_audit_log',
  {
    id: id(),
    serverName: text('server_name').notNull(),
    toolName: text('tool_name').notNull(),
    actor: text('actor'),
    requestJson: text('request_json'),
    responseSummaryJson: text('response_summary_json'),
    status: text('status', { enum: mcpCallStatuses }),
    createdAt: createdAt(),
  },
  (t) => [index('mcp_audit_log_created_at').on(desc(t.createdAt)), ...checksOf(t)],
);

export const apiClients = sqliteTable(
  'api_clients',
  {
    id: id(),
    label: text('label').notNull(),
    clientKind: text('client_kind', { enum: apiClientKinds }).notNull(),
    /** SHA-256 of the token, hexadecimal; the token itself is shown once and never kept. */
    tokenHash: text('token_hash').notNull(),
    scopesJson: text('scopes_json').notNull(),
    status: text('status', { enum: apiClientStatuses }).notNull(),
    createdAt: createdAt(),
    lastSeenAt: text('last_seen_at'),
    expiresAt: text('expires_at'),
    revokedAt: text('revoked_at'),
    metadataJson: text('metadata_json'),
  },
  (t) => [
    index('api_clients_status_client_kind').on(t.status, t.clientKind),
    uniqueIndex('api_clients_token_hash').on(t.tokenHash),
    ...checksOf(t),
  ],
);
