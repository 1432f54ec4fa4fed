import { and, eq, inArray, isNull, notInArray } from 'drizzle-orm';
import type { MessageNotice } from '../../shared/contract/models.ts';
import type { ErrorSource, MessageCategory, Severity } from '../../shared/domain/unions.ts';
import { isoNow, type CoreContext } from '../context.ts';
import { newId } from '../db/ids.ts';
import { importantMessages } from '../db/schema/index.ts';
import { messageKey } from './dedup.ts';

type Ctx = Pick<CoreContext, 'database' | 'now'>;

export interface NewMessage {
  readonly source: ErrorSource;
  readonly category: MessageCategory;
  readonly severity: Severity;
  readonly packageName?: string | null;
  /** The repository or part of the system that it is about. */
  readonly component?: string | null;
  readonly message: string;
  /** What it says as a code with values, where we say it ourselves: the text is then only what is searched and logged. */
  readonly notice?: MessageNotice;
}

/** Puts a machine's messages in: one that is there already is only seen again, an acknowledged one stays so. */
export function recordMessages(
  context: Ctx,
  machineId: string,
  messages: readonly NewMessage[],
  origin: { snapshotId?: string; executionId?: string },
): void {
  const { db } = context.database;
  const now = isoNow(context);
  for (const message of messages) {
    const dedupKey = messageKey(message);
    const payloadJson = message.notice ? JSON.stringify(message.notice) : null;
    const known = db
      .select({ id: importantMessages.id })
      .from(importantMessages)
      .where(and(eq(importantMessages.machineId, machineId), eq(importantMessages.dedupKey, dedupKey)))
      .get();
    if (known) {
      db.update(importantMessages)
        .set({ lastSeenAt: now, message: message.message, payloadJson, ...origin })
        .where(eq(importantMessages.id, known.id))
        .run();
      continue;
    }
    db.insert(importantMessages)
      .values({
        id: newId(),
        machineId,
        source: message.source,
        category: message.category,
        severity: message.severity,
        packageName: message.packageName ?? null,
        dedupKey,
        component: message.component ?? null,
        message: message.message,
        snapshotId: origin.snapshotId ?? null,
        executionId: origin.executionId ?? null,
        firstSeenAt: now,
        lastSeenAt: now,
        payloadJson,
      })
      .run();
  }
}

/**
 * Closes a machine's open messages about `component` that are not among the current ones: what they said is no longer
 * true, so nobody has to acknowledge it.
 */
export function settleMessages(
  context: Ctx,
  machineId: string,
  component: string,
  current: readonly NewMessage[],
): void {
  const { db } = context.database;
  const stale = db
    .select({ id: importantMessages.id })
    .from(importantMessages)
    .where(
      and(
        eq(importantMessages.machineId, machineId),
        eq(importantMessages.component, component),
        isNull(importantMessages.acknowledgedAt),
        notInArray(importantMessages.dedupKey, current.map(messageKey)),
      ),
    )
    .all();
  if (stale.length === 0) return;
  db.update(importantMessages)
    .set({ acknowledged: true, acknowledgedAt: isoNow(context), acknowledgedBy: 'system' })
    .where(
      inArray(
        importantMessages.id,
        stale.map(({ id }) => id),
      ),
    )
    .run();
}
