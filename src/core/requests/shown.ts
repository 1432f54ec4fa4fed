import type { RequestDetail, RequestSummary } from '../../shared/contract/requests.ts';
import type { PlanDiff } from '../../shared/domain/plan-diff.ts';
import type { WaveRule } from '../../shared/domain/waves.ts';
import type { Actions } from '../actions/types.ts';
import type { CoreContext } from '../context.ts';
import { actionOf, payloadOf } from './model.ts';
import { boundOf, changeSince, toRequestMachine } from './plans.ts';
import * as store from './store.ts';

const toWave = (wave: WaveRule): RequestDetail['wave'] =>
  wave !== 'all' && 'sizes' in wave ? { sizes: [...wave.sizes] } : wave;

/** Each machine of a request with what sets its plan of now apart from the bound one. */
export function changesOf(
  context: CoreContext,
  actions: Actions,
  row: store.RequestRow,
  members: readonly store.Member[],
): { member: store.Member; change: PlanDiff | null }[] {
  const { boundAt } = payloadOf(row);
  return members.map((member) => ({
    member,
    change: changeSince(context, actions[actionOf(row)], boundOf(member), boundAt),
  }));
}

export function requestSummary(context: CoreContext, row: store.RequestRow): RequestSummary {
  const { changes, reboot, schedule } = payloadOf(row);
  const work = store.workOf(context, row);
  return {
    id: row.id,
    action: actionOf(row),
    risk: row.risk ?? 'change',
    status: row.status,
    requestedBy: row.requestedByType,
    requestedFrom: row.requestedById,
    schedule: schedule ? { id: schedule.id, runId: schedule.runId, further: [...schedule.further] } : null,
    note: row.note,
    createdAt: row.createdAt,
    expiresAt: row.expiresAt,
    decidedAt: row.decidedAt,
    decidedBy: row.decidedBy,
    decisionNote: row.decisionNote,
    binding: row.binding ?? '',
    ...store.namesOf(context, row.id),
    changes,
    reboot,
    jobId: row.jobId,
    bulkRunId: row.bulkRunId,
    executionId: row.executionId ?? work.executionId,
    outcome: work.status as RequestSummary['outcome'],
  };
}

export function requestDetail(context: CoreContext, actions: Actions, row: store.RequestRow): RequestDetail {
  const { manner } = payloadOf(row);
  const members = store.membersOf(context, row.id);
  const plans =
    row.status === 'pending'
      ? changesOf(context, actions, row, members).map(({ member, change }) =>
          toRequestMachine(member, change),
        )
      : members.map((member) => toRequestMachine(member, null));
  return {
    ...requestSummary(context, row),
    plans,
    conffiles: manner.options.conffiles ?? null,
    attached: manner.options.attached ?? false,
    wave: toWave(manner.wave),
    concurrency: manner.concurrency,
    onFailure: manner.onFailure,
  };
}
