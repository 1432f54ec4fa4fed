import type { CoreContext } from '../context.ts';

/** Counts the matters of the fleet anew, in place of what the triggers kept. Returns how many there are. */
export function recountMessages({ database: { raw } }: Pick<CoreContext, 'database'>): number {
  raw.prepare('delete from message_matters').run();
  return raw
    .prepare(
      `insert into message_matters (acknowledged, dedup_key, category, machine_count, first_seen_at, last_seen_at)
       select acknowledged, dedup_key, min(category), count(*), min(first_seen_at), max(last_seen_at)
       from important_messages where machine_id in (select id from machines where deleted_at is null)
       group by acknowledged, dedup_key`,
    )
    .run().changes;
}
