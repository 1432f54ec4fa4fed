import type { StartableAction } from '../../shared/domain/unions.ts';
import { isoNow } from '../context.ts';
import { patchState } from '../fleet/index.ts';
import type { Desk } from './desk.ts';
import { holdsNow } from './holds.ts';
import { lockMachine } from './locks.ts';
import { addJobLog } from './log.ts';
import * as store from './store.ts';
import { nextStartable } from './waiting.ts';

/** Jobs claimed in one commit, before the event loop is given back to those that run. */
const CLAIMED_AT_ONCE = 4;

export interface Claimed {
  readonly rows: store.JobRow[];
  /** More may be startable at once. */
  readonly isMore: boolean;
  /** When to look again although nothing has changed by then (ISO 8601 UTC), or null. */
  readonly nextAt: string | null;
}

/** Moves what can start to `running`, with lock and tile, in one commit. @throws AppError database_busy, local_disk_full */
export function createClaiming(desk: Desk): () => Claimed {
  const { context, actions } = desk;
  /** When each partition had its turn; only the order matters, and only in this process. */
  const turns = new Map<string, number>();
  let turn = 0;

  function claim(id: string): store.JobRow {
    const before = store.jobById(context, id);
    const action = actions[before.action as StartableAction];
    const attempt = before.attempt + 1;
    store.moveJob(context, id, 'start', { startedAt: isoNow(context), attempt, notBefore: null });
    const { machineId } = before;
    if (machineId !== null) {
      lockMachine(context, machineId, id, action.lockKind);
      patchState(context, machineId, {
        runningJobId: id,
        runningAction: before.action,
        runningStep: 'connect',
        runningProgressPercent: null,
      });
    }
    addJobLog(context, id, {
      code: 'started',
      message: `Started, attempt ${attempt} of ${before.maxAttempts}.`,
      data: { attempt, maxAttempts: before.maxAttempts },
    });
    return { ...before, attempt, status: 'running' };
  }

  return () =>
    context.database.tx(() => {
      const holds = holdsNow(context, desk.holds);
      const free = holds.concurrency - desk.active.size;
      const limit = Math.min(CLAIMED_AT_ONCE, free);
      const { ids, nextAt } = nextStartable(context, holds, turns, limit);
      const rows = ids.map(claim);
      for (const { partitionKey } of rows) turns.set(partitionKey, ++turn);
      return { rows, isMore: ids.length === limit && free > limit, nextAt };
    });
}
