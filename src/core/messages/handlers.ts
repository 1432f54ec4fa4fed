import { and, desc, eq, isNull, lt } from 'drizzle-orm';
import type { HomeportHandlers } from '../../shared/contract/index.ts';
import { AppError } from '../../shared/domain/errors.ts';
import { isoNow, type CoreContext } from '../context.ts';
import { importantMessages } from '../db/schema/index.ts';
import { messagesDuring } from './during.ts';
import { acknowledgeGroup, machinesOfMessage, messageGroups } from './fleet.ts';
import { noticeOf } from './notice.ts';
import { reopenMessages } from './reopen.ts';

export function messageHandlers(
  context: CoreContext,
): Pick<
  HomeportHandlers,
  | 'messages.list'
  | 'messages.ofRun'
  | 'messages.acknowledge'
  | 'messages.fleet'
  | 'messages.machines'
  | 'messages.acknowledgeGroup'
  | 'messages.reopen'
> {
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
        .all()
        .map(({ payloadJson, ...message }) => ({ ...message, ...noticeOf(payloadJson) })),
    }),
    'messages.ofRun': ({ executionId }) => ({ messages: messagesDuring(context, executionId) }),
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
    'messages.fleet': (input) => messageGroups(context, input),
    'messages.machines': (input) => machinesOfMessage(context, input),
    'messages.reopen': (which) => ({ reopened: reopenMessages(context, which) }),
    'messages.acknowledgeGroup': ({ key }) => ({ acknowledged: acknowledgeGroup(context, key) }),
  };
}
