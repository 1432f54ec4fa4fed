import { and, desc, eq, gte, lte } from 'drizzle-orm';
import type { MessageOfRun } from '../../shared/contract/models.ts';
import { AppError } from '../../shared/domain/errors.ts';
import { isoNow, type CoreContext } from '../context.ts';
import { executions, importantMessages, snapshots } from '../db/schema/index.ts';
import { noticeOf } from './notice.ts';

const most = 200;

/**
 * The important messages that a machine had while a run was at work on it: seen before its end, and seen at its beginning
 * or later. Until the machine was looked at again, they are those of the last look. @throws AppError not_found
 */
export function messagesDuring(
  context: Pick<CoreContext, 'database' | 'now'>,
  executionId: string,
): MessageOfRun[] {
  const { db } = context.database;
  const run = db
    .select({
      machineId: executions.machineId,
      startedAt: executions.startedAt,
      finishedAt: executions.finishedAt,
    })
    .from(executions)
    .where(eq(executions.id, executionId))
    .get();
  if (!run) throw new AppError('not_found', 'No such run', { id: executionId });
  const lastLook = db
    .select({ at: snapshots.createdAt })
    .from(snapshots)
    .where(and(eq(snapshots.machineId, run.machineId), eq(snapshots.kind, 'apt_update_analyze')))
    .orderBy(desc(snapshots.createdAt))
    .limit(1)
    .get()?.at;
  const since = lastLook !== undefined && lastLook < run.startedAt ? lastLook : run.startedAt;
  return db
    .select({
      key: importantMessages.dedupKey,
      category: importantMessages.category,
      severity: importantMessages.severity,
      text: importantMessages.message,
      payloadJson: importantMessages.payloadJson,
    })
    .from(importantMessages)
    .where(
      and(
        eq(importantMessages.machineId, run.machineId),
        lte(importantMessages.firstSeenAt, run.finishedAt ?? isoNow(context)),
        gte(importantMessages.lastSeenAt, since),
      ),
    )
    .orderBy(importantMessages.dedupKey)
    .limit(most)
    .all()
    .map(({ payloadJson, ...message }) => ({ ...message, ...noticeOf(payloadJson) }));
}
