import { and, desc, eq, isNull, lt } from 'drizzle-orm';
import type { HomeportHandlers } from '../../shared/contract/index.ts';
import { AppError } from '../../shared/domain/errors.ts';
import type { ErrorSource, MessageCategory, Severity } from '../../shared/domain/unions.ts';
import { isoNow, type CoreContext } from '../context.ts';
import { newId } from '../db/ids.ts';
import { importantMessages } from '../db/schema/index.ts';

type Ctx = Pick<CoreContext, 'database' | 'now'>;

export interface NewMessage {
  readonly source: ErrorSource;
  readonly category: MessageCategory;
  readonly severity: Severity;
  readonly packageName?: string | null;
  readonly message: string;
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
    const known = db
      .select({ id: importantMessages.id })
      .from(importantMessages)
      .where(
        and(
          eq(importantMessages.machineId, machineId),
          eq(importantMessages.severity, message.severity),
          eq(importantMessages.category, message.category),
          eq(importantMessages.message, message.message),
        ),
      )
      .get();
    if (known) {
      db.update(importantMessages)
        .set({ lastSeenAt: now, ...origin })
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
        message: message.message,
        snapshotId: origin.snapshotId ?? null,
        executionId: origin.executionId ?? null,
        firstSeenAt: now,
        lastSeenAt: now,
      })
      .run();
  }
}

export function messageHandlers(
  context: CoreContext,
): Pick<HomeportHandlers, 'messages.list' | 'messages.acknowledge'> {
  const { db } = context.database;
  return {
    'messages.list': ({ machineId, acknowledged, before, limit }) => ({
      messages: db
        .select()
        .from(importantMessages)
        .where(
          and(
            eq(importantMessages.acknowledged, acknowledged),
            machineId ? eq(importantMessages.machineId, machineId) : undefined,
            before ? lt(importantMessages.lastSeenAt, before) : undefined,
          ),
        )
        .orderBy(desc(importantMessages.lastSeenAt))
        .limit(limit)
        .all(),
    }),
    'messages.acknowledge': ({ id }) => {
      const { changes } = db
        .update(importantMessages)
        .set({ acknowledged: true, acknowledgedAt: isoNow(context), acknowledgedBy: 'user' })
        .where(and(eq(importantMessages.id, id), isNull(importantMessages.acknowledgedAt)))
        .run();
      if (changes === 0 && !db.select().from(importantMessages).where(eq(importantMessages.id, id)).get()) {
        throw new AppError('not_found', 'No such message', { id });
      }
      return {};
    },
  };
}
