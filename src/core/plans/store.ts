import { and, desc, eq, gte, inArray, notInArray } from 'drizzle-orm';
import { isoNow, type CoreContext } from '../context.ts';
import { newId } from '../db/ids.ts';
import { aptPlans } from '../db/schema/index.ts';
import type { AptPackage } from '../../shared/domain/snapshot.ts';
import type { PlanMode, PlanSelection } from '../../shared/domain/unions.ts';

type Ctx = Pick<CoreContext, 'database' | 'now'>;

/** A plan that can be approved. */
export interface StoredPlan {
  readonly mode: PlanMode;
  readonly planHash: string;
  /** For `selected`: the words `NAME=VERSION` that APT is given. */
  readonly words: readonly string[];
  readonly planned: readonly AptPackage[];
}

/** Plans kept of one machine; older ones can no longer be approved. */
const KEPT = 20;

/**
 * Keeps a plan for approval. Call it inside a transaction or alone; the oldest of the machine's plans go.
 * @param selection the rule by which its packages were chosen
 */
export function storePlan(
  context: Ctx,
  machineId: string,
  plan: StoredPlan,
  selection: PlanSelection | null = null,
): void {
  const { db } = context.database;
  const { mode, planHash } = plan;
  db.delete(aptPlans)
    .where(and(eq(aptPlans.machineId, machineId), eq(aptPlans.planHash, planHash), eq(aptPlans.mode, mode)))
    .run();
  db.insert(aptPlans)
    .values({
      id: newId(),
      machineId,
      mode,
      planHash,
      wordsJson: JSON.stringify(plan.words),
      plannedJson: JSON.stringify(plan.planned),
      selection,
      createdAt: isoNow(context),
    })
    .run();
  const newest = db
    .select({ id: aptPlans.id })
    .from(aptPlans)
    .where(eq(aptPlans.machineId, machineId))
    .orderBy(desc(aptPlans.id))
    .limit(KEPT)
    .all();
  db.delete(aptPlans)
    .where(
      and(
        eq(aptPlans.machineId, machineId),
        notInArray(
          aptPlans.id,
          newest.map(({ id }) => id),
        ),
      ),
    )
    .run();
}

/** The newest stored plan with this hash, of one of the modes. */
export function findPlan(
  context: Ctx,
  machineId: string,
  planHash: string,
  modes: readonly PlanMode[],
): StoredPlan | undefined {
  const row = context.database.db
    .select()
    .from(aptPlans)
    .where(
      and(
        eq(aptPlans.machineId, machineId),
        eq(aptPlans.planHash, planHash),
        inArray(aptPlans.mode, [...modes]),
      ),
    )
    .orderBy(desc(aptPlans.id))
    .limit(1)
    .get();
  return row && toPlan(row);
}

/** The newest plan of a machine that a rule chose, not older than `since` (ISO 8601 UTC). */
export function findChosenPlan(
  context: Ctx,
  machineId: string,
  selection: PlanSelection,
  since: string,
): StoredPlan | undefined {
  const row = context.database.db
    .select()
    .from(aptPlans)
    .where(
      and(
        eq(aptPlans.machineId, machineId),
        eq(aptPlans.selection, selection),
        gte(aptPlans.createdAt, since),
      ),
    )
    .orderBy(desc(aptPlans.id))
    .limit(1)
    .get();
  return row && toPlan(row);
}

const toPlan = (row: typeof aptPlans.$inferSelect): StoredPlan => ({
  mode: row.mode,
  planHash: row.planHash,
  words: JSON.parse(row.wordsJson) as string[],
  planned: JSON.parse(row.plannedJson) as AptPackage[],
});
