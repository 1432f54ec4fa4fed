import { eq } from 'drizzle-orm';
import type { CoreContext } from '../context.ts';
import { aptHistoryMarks, aptHistorySeen } from '../db/schema/index.ts';

type Ctx = Pick<CoreContext, 'database'>;

/** Remembers an entry of a machine's history. Returns whether it was new. */
export function markSeen(context: Ctx, machineId: string, entryKey: string, startedAt: string): boolean {
  const { changes } = context.database.db
    .insert(aptHistorySeen)
    .values({ machineId, entryKey, startedAt })
    .onConflictDoNothing()
    .run();
  return changes === 1;
}

/** Where the next reading of a machine's history begins: `inode:bytes`, or empty for all of it. */
export function historyMark(context: Ctx, machineId: string): string {
  const row = context.database.db
    .select({ mark: aptHistoryMarks.mark })
    .from(aptHistoryMarks)
    .where(eq(aptHistoryMarks.machineId, machineId))
    .get();
  return row?.mark ?? '';
}

export function saveMark(context: Ctx, machineId: string, mark: string): void {
  context.database.db
    .insert(aptHistoryMarks)
    .values({ machineId, mark })
    .onConflictDoUpdate({ target: aptHistoryMarks.machineId, set: { mark } })
    .run();
}
