import { and, desc, eq, isNotNull } from 'drizzle-orm';
import type { ExecutionResult } from '../../shared/domain/execution-result.ts';
import { fromJson, type CoreContext } from '../context.ts';
import { executions } from '../db/schema/index.ts';
import type { EarlierReboot } from './learned.ts';

/** The machine's last verified reboots that were watched to an outcome, newest first. */
export function earlierReboots(
  context: Pick<CoreContext, 'database'>,
  machineId: string,
  count = 5,
): EarlierReboot[] {
  return context.database.db
    .select({ resultJson: executions.resultJson })
    .from(executions)
    .where(
      and(
        eq(executions.machineId, machineId),
        eq(executions.action, 'reboot_verified'),
        isNotNull(executions.resultJson),
      ),
    )
    .orderBy(desc(executions.startedAt))
    .limit(count * 2)
    .all()
    .flatMap(({ resultJson }) => fromJson<ExecutionResult | null>(resultJson, null)?.reboot ?? [])
    .filter(({ errors }) => !errors?.some(({ kind }) => kind === 'cancelled'))
    .slice(0, count);
}
