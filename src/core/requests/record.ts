import type { CoreContext } from '../context.ts';
import { recordEvent } from '../events/index.ts';
import { payloadOf } from './model.ts';
import { awaitsOthers, type RequestRow } from './store.ts';

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

export type RequestOrigin = Pick<
  RequestRow,
  'id' | 'action' | 'machineId' | 'requestedByType' | 'requestedById' | 'payloadJson'
>;

/** Writes a step of a request into the timeline, inside the caller's transaction. */
export type RecordRequest = (
  row: RequestOrigin,
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
      data: { requestId: row.id, action: row.action, ...ofRun(context, row, what), ...data },
    });
  };

const decided: readonly Step[] = ['approved', 'rejected', 'expired', 'withdrawn'];

/** What one run of a schedule asks about many machines is one matter: it is told once, and settled with the last of them. */
function ofRun(context: CoreContext, row: RequestOrigin, what: Step): Record<string, unknown> {
  const { schedule } = payloadOf(row);
  if (!schedule) return {};
  return {
    scheduleId: schedule.id,
    scheduleRunId: schedule.runId,
    name: row.requestedById,
    ...(decided.includes(what) && { othersWait: awaitsOthers(context, schedule.runId, row.id) }),
  };
}
