import type { CoreContext } from '../context.ts';
import { recordEvent } from '../events/index.ts';
import type { RequestRow } from './store.ts';

type Step =
  | 'created'
  | 'approved'
  | 'rejected'
  | 'expired'
  | 'withdrawn'
  | 'renewed'
  | 'narrowed'
  | 'plan_changed'
  | 'executed';

/** Writes a step of a request into the timeline, inside the caller's transaction. */
export type RecordRequest = (
  row: Pick<RequestRow, 'id' | 'action' | 'machineId' | 'requestedByType'>,
  what: Step,
  data: Record<string, unknown>,
  jobId?: string,
) => void;

const byNobody: readonly Step[] = ['expired', 'withdrawn', 'narrowed', 'executed'];

export const recorderOf =
  (context: CoreContext): RecordRequest =>
  (row, what, data, jobId) => {
    recordEvent(context, {
      machineId: row.machineId,
      eventType: `request.${what}`,
      severity: what === 'plan_changed' ? 'warning' : 'info',
      actorType: byNobody.includes(what) ? 'system' : what === 'created' ? row.requestedByType : 'user',
      ...(jobId !== undefined && { jobId }),
      message: `The request of ${row.action}: ${what.replace('_', ' ')}.`,
      data: { requestId: row.id, action: row.action, ...data },
    });
  };
