import { and, eq } from 'drizzle-orm';
import { AppError } from '../../shared/domain/errors.ts';
import type { CoreContext } from '../context.ts';
import { importantMessages } from '../db/schema/index.ts';

/**
 * Takes an acknowledgement back: of one message, or of a matter on every machine where a person acknowledged it. What was
 * settled because it is no longer true stays so. Returns the number of messages that are open again.
 * @throws AppError not_found when there is no such message
 */
export function reopenMessages(
  { database }: Pick<CoreContext, 'database'>,
  which: { readonly id: string } | { readonly key: string },
): number {
  const chosen =
    'id' in which ? eq(importantMessages.id, which.id) : eq(importantMessages.dedupKey, which.key);
  const { changes } = database.db
    .update(importantMessages)
    .set({ acknowledged: false, acknowledgedAt: null, acknowledgedBy: null })
    .where(
      and(chosen, eq(importantMessages.acknowledged, true), eq(importantMessages.acknowledgedBy, 'user')),
    )
    .run();
  if (changes > 0) return changes;
  const known = database.db.select({ id: importantMessages.id }).from(importantMessages).where(chosen).get();
  if (!known) throw new AppError('not_found', 'No such message', { ...which });
  return 0;
}
