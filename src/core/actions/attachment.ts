import { fromJson, type CoreContext } from '../context.ts';
import {
  executionById,
  noPlan,
  updateExecution,
  type Attachment,
  type ExecutionRow,
  type ImportantJson,
} from '../executions/index.ts';
import type { AttachedRuns, RemoteRuns } from '../remote/types.ts';
import type { ActionDeps } from './deps.ts';

/** How a run hangs on its SSH session; undefined for a detached one, which does not. */
export const attachmentOf = (row: Pick<ExecutionRow, 'importantJson'>): Attachment | undefined =>
  fromJson<ImportantJson>(row.importantJson, noPlan).attached;

/** Where the files of a run are on its host. */
export function runsOf(
  { attached, remote }: Pick<ActionDeps, 'attached' | 'remote'>,
  row: Pick<ExecutionRow, 'importantJson'>,
): RemoteRuns | AttachedRuns {
  return attachmentOf(row) === undefined ? remote : attached;
}

/**
 * Stores that the session of an attached run is gone, before it is asked what became of it: whatever the host says then, the
 * run counts as interrupted.
 */
export function loseSession(
  context: Pick<CoreContext, 'database'>,
  executionId: string,
  how: Exclude<Attachment, 'held'>,
): void {
  const { importantJson } = executionById(context, executionId);
  const important: ImportantJson = { ...fromJson<ImportantJson>(importantJson, noPlan), attached: how };
  updateExecution(context, executionId, { importantJson: JSON.stringify(important) });
}

/** That an attached run lost its session, as an error tells it; null for every other run. */
export function lostSession(
  row: Pick<ExecutionRow, 'importantJson'>,
): { readonly message: string; readonly data: { readonly reason: string } } | null {
  const attachment = attachmentOf(row);
  if (attachment === undefined || attachment === 'held') return null;
  const message =
    attachment === 'app_ended'
      ? 'Homeport ended while the run was attached to it'
      : 'The connection to which the run was attached was lost';
  return { message, data: { reason: attachment } };
}
