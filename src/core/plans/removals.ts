import { AppError } from '../../shared/domain/errors.ts';
import type { StoredPlan } from './store.ts';

/** Names in an error's data. */
const MOST_NAMED = 10;

/**
 * Refuses a plan that removes packages where that was not allowed beforehand.
 * @throws AppError schedule_removes_packages
 */
export function refuseRemovals(
  machineId: string,
  planned: StoredPlan['planned'] | null,
  allowRemovals: boolean,
): void {
  const removed = (planned ?? []).filter(({ operation }) => operation === 'remove');
  if (allowRemovals || removed.length === 0) return;
  throw new AppError('schedule_removes_packages', 'The plan removes packages, which this schedule may not', {
    machineId,
    count: removed.length,
    packages: removed.slice(0, MOST_NAMED).map(({ name }) => name),
  });
}
