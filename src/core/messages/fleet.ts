import { and, eq } from 'drizzle-orm';
import type { MessageGroup, NamedMachine } from '../../shared/contract/models.ts';
import { AppError } from '../../shared/domain/errors.ts';
import type { ErrorSource, MessageCategory, Severity } from '../../shared/domain/unions.ts';
import { isoNow, type CoreContext } from '../context.ts';
import { importantMessages } from '../db/schema/index.ts';
import { byName } from '../machine-names.ts';
import { noticeOf } from './notice.ts';

type Ctx = Pick<CoreContext, 'database' | 'now'>;

interface GroupRow {
  readonly key: string;
  readonly count: number;
  readonly firstSeenAt: string;
  readonly lastSeenAt: string;
}

interface TextRow {
  readonly source: ErrorSource;
  readonly category: MessageCategory;
  readonly severity: Severity;
  readonly text: string;
  readonly packageName: string | null;
  readonly component: string | null;
  readonly payloadJson: string | null;
}

/**
 * Matters over the fleet, the last seen first. `message_matters` is counted already, so that a page is read in the order of
 * its index; texts are read for those of the page only.
 */
export function messageGroups(
  context: Ctx,
  filter: { acknowledged: boolean; category?: MessageCategory | undefined; offset: number; limit: number },
): { groups: MessageGroup[]; total: number } {
  const { raw } = context.database;
  const acknowledged = filter.acknowledged ? 1 : 0;
  const { category } = filter;
  const which = `acknowledged = ?${category ? ' and category = ?' : ''}`;
  const asked = [acknowledged, ...(category ? [category] : [])];
  const groups = raw
    .prepare(
      `select dedup_key as key, machine_count as count, first_seen_at as firstSeenAt, last_seen_at as lastSeenAt
       from message_matters where ${which} order by last_seen_at desc, dedup_key limit ? offset ?`,
    )
    .all(...asked, filter.limit, filter.offset) as GroupRow[];
  const total = raw
    .prepare(`select count(*) from message_matters where ${which}`)
    .pluck()
    .get(...asked) as number;
  const text = raw.prepare(
    `select source, category, severity, message as text, package_name as packageName, component,
       payload_json as payloadJson
     from important_messages where acknowledged = ? and dedup_key = ? limit 1`,
  );
  return {
    total,
    groups: groups.map((group) => {
      const { payloadJson, ...told } = text.get(acknowledged, group.key) as TextRow;
      return { ...group, ...told, ...noticeOf(payloadJson), acknowledged: filter.acknowledged };
    }),
  };
}

/** The machines that tell one matter, by name; none for one that nobody tells in this state. */
export function machinesOfMessage(
  context: Pick<CoreContext, 'database'>,
  question: { key: string; acknowledged: boolean; offset: number; limit: number },
): { machines: NamedMachine[]; total: number } {
  const machines = context.database.raw
    .prepare(
      `select distinct m.id, m.name from important_messages i join machines m on m.id = i.machine_id
       where i.acknowledged = ? and i.dedup_key = ? and m.deleted_at is null`,
    )
    .all(question.acknowledged ? 1 : 0, question.key) as NamedMachine[];
  machines.sort(byName);
  return {
    machines: machines.slice(question.offset, question.offset + question.limit),
    total: machines.length,
  };
}

/** Returns the number of messages that were open. @throws AppError not_found when no machine ever told this */
export function acknowledgeGroup(context: Ctx, key: string): number {
  const { db } = context.database;
  const { changes } = db
    .update(importantMessages)
    .set({ acknowledged: true, acknowledgedAt: isoNow(context), acknowledgedBy: 'user' })
    .where(and(eq(importantMessages.dedupKey, key), eq(importantMessages.acknowledged, false)))
    .run();
  if (changes > 0) return changes;
  const known = db
    .select({ id: importantMessages.id })
    .from(importantMessages)
    .where(and(eq(importantMessages.acknowledged, true), eq(importantMessages.dedupKey, key)))
    .get();
  if (!known) throw new AppError('not_found', 'No such message', { key });
  return 0;
}
