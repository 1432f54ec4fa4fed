import { eq } from 'drizzle-orm';
import type { SnapshotError } from '../shared/domain/json-contract.ts';
import type { CoreContext } from './context.ts';
import { newId } from './db/ids.ts';
import { aptErrors } from './db/schema/index.ts';

/** What the errors were met in. */
export type ErrorOwner = { readonly snapshotId: string } | { readonly executionId: string };

/** The rows of `apt_errors` of one snapshot or run, made anew from its archived errors; those of other sources have none. */
export function storeAptErrors(
  context: Pick<CoreContext, 'database'>,
  machineId: string,
  owner: ErrorOwner,
  errors: readonly SnapshotError[],
  createdAt: string,
): void {
  const { db } = context.database;
  const isOwned =
    'snapshotId' in owner
      ? eq(aptErrors.snapshotId, owner.snapshotId)
      : eq(aptErrors.executionId, owner.executionId);
  db.delete(aptErrors).where(isOwned).run();
  for (const error of errors) {
    if (error.source !== 'apt') continue;
    db.insert(aptErrors)
      .values({
        id: newId(),
        ...owner,
        machineId,
        kind: error.kind,
        severity: error.severity,
        message: error.message,
        importantLinesJson: error.importantLines ? JSON.stringify(error.importantLines) : null,
        remediation: error.remediation ?? null,
        createdAt,
      })
      .run();
  }
}
