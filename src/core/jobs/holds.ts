import { eq } from 'drizzle-orm';
import { z } from 'zod';
import type { QueueHolds } from '../../shared/domain/job-queue.ts';
import { isoNow, type CoreContext } from '../context.ts';
import { queuePauses } from '../db/schema/index.ts';
import { readSetting, writeSetting } from '../settings/index.ts';
import { locksNow } from './locks.ts';

type Ctx = Pick<CoreContext, 'database' | 'now'>;

/** Machines that may be worked on at the same time, as a person may set it. */
export const concurrencyRange = { min: 1, max: 200 } as const;

const CONCURRENCY = 'queue.concurrency';
const PAUSED_AT = 'queue.pausedAt';
const concurrencySchema = z.number().int().min(concurrencyRange.min).max(concurrencyRange.max);

export interface HoldSources {
  /** Where no setting says otherwise. */
  readonly defaultConcurrency: number;
  /** Machines that cannot be reached before the vault is unlocked; empty while it is unlocked. */
  readonly vaultMachines: () => ReadonlySet<string>;
}

/** What holds the queue back now. */
export function holdsNow(context: Ctx, sources: HoldSources): QueueHolds {
  const pauses = context.database.db.select().from(queuePauses).all();
  return {
    pausedAt: readSetting<string | null>(context, PAUSED_AT, z.string().nullable(), null),
    pausedMachines: new Map(pauses.map(({ machineId, pausedAt }) => [machineId, pausedAt])),
    locks: locksNow(context),
    vaultMachines: sources.vaultMachines(),
    concurrency: readSetting(context, CONCURRENCY, concurrencySchema, sources.defaultConcurrency),
  };
}

export function setConcurrency(context: Ctx, concurrency: number): void {
  writeSetting(context, CONCURRENCY, concurrencySchema.parse(concurrency));
}

/** Holds what waits, of one machine or (null) of all; what runs goes on. Holding what is held keeps its date. */
export function pause(context: Ctx, machineId: string | null): void {
  if (machineId !== null) {
    const row = { machineId, pausedAt: isoNow(context) };
    context.database.db.insert(queuePauses).values(row).onConflictDoNothing().run();
  } else if (readSetting<string | null>(context, PAUSED_AT, z.string().nullable(), null) === null) {
    writeSetting(context, PAUSED_AT, isoNow(context));
  }
}

export function resume(context: Ctx, machineId: string | null): void {
  if (machineId === null) writeSetting(context, PAUSED_AT, null);
  else context.database.db.delete(queuePauses).where(eq(queuePauses.machineId, machineId)).run();
}
