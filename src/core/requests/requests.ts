import type { Surface } from '../../shared/contract/define.ts';
import type { RequestDetail, RequestSummary } from '../../shared/contract/requests.ts';
import { AppError } from '../../shared/domain/errors.ts';
import type { StartableAction } from '../../shared/domain/unions.ts';
import type { ActionOptions, Actions } from '../actions/types.ts';
import type { Bulks } from '../bulk/index.ts';
import { isoNow, type CoreContext } from '../context.ts';
import { newId } from '../db/ids.ts';
import type { Runner } from '../jobs/index.ts';
import { refuseRemovals, storePlan } from '../plans/index.ts';
import { createFollowing } from './following.ts';
import {
  actionOf,
  payloadOf,
  type AskingSchedule,
  type Manner,
  type NewRequest,
  type Payload,
} from './model.ts';
import { bindingOf, boundOf, countChanges, riskOf, toRequestMachine, type Bound } from './plans.ts';
import { recorderOf } from './record.ts';
import { changesOf, requestDetail, requestSummary } from './shown.ts';
import * as store from './store.ts';

export type ApprovalOutcome =
  | { outcome: 'approved'; jobId: string | null; bulkRunId: string | null }
  | { outcome: 'plan_changed'; machines: RequestDetail['plans'] }
  | { outcome: 'expired' };

export interface Requests {
  /**
   * Keeps what was asked for, bound to the plan of each machine as it is now; nothing is done before somebody approves it.
   * Inside a transaction it is a part of that.
   * @throws AppError as starting the action would
   */
  create(request: NewRequest): string;
  /**
   * Approves what was shown and queues it in one transaction: after a crash both are there, or neither.
   * @throws AppError conflict when it does not wait any more or is bound to something else, or as starting would
   */
  approve(id: string, binding: string, by: Surface, note?: string): ApprovalOutcome;
  /** Binds it to the plans of now. @throws AppError conflict, schedule_removes_packages, or as `Action.foresee` */
  renew(id: string): Promise<void>;
  /** @throws AppError conflict */
  reject(id: string, by: Surface, note?: string): void;
  /**
   * A machine is being removed: ends the requests that wait for it alone, and takes it out of those about others, which
   * are then something else than what was shown. Call it inside the transaction that removes it.
   */
  leaveMachine(machineId: string): void;
  /** Takes back what waits: the run that asked for it goes no further. @throws AppError conflict */
  withdraw(id: string): void;
  readonly summary: (row: store.RequestRow) => RequestSummary;
  detail(id: string): RequestDetail;
  /** Takes up what ended or passed while nothing ran, and goes on watching. */
  start(): void;
  close(): void;
}

const HOUR_MS = 3_600_000;
/** Who ended a request of a machine that is gone. */
const MACHINE_REMOVED = 'machine_removed';

export function createRequests(
  context: CoreContext,
  actions: Actions,
  runner: Runner,
  bulks: Bulks,
): Requests {
  const { database, bus } = context;
  const record = recorderOf(context);
  const news = (requestId: string): void => {
    queueMicrotask(() => bus.publish('request.changed', { requestId }));
  };
  const following = createFollowing(context, record, news);

  /** What each machine would be started with now. @throws AppError as starting would */
  function bindNow(action: StartableAction, machineIds: readonly string[], options: ActionOptions): Bound[] {
    return machineIds.map((machineId) => {
      const checked = runner.check(action, machineId, options);
      return { machineId, options: checked, plan: actions[action].plan?.(machineId, checked) ?? null };
    });
  }

  /** Machines of many that have nothing to do are left out; one alone is refused. */
  function bindSome(action: StartableAction, machineIds: readonly string[], options: ActionOptions): Bound[] {
    const [only] = machineIds;
    if (machineIds.length === 1 && only !== undefined) return bindNow(action, [only], options);
    const bound = machineIds.flatMap((machineId) => {
      try {
        return bindNow(action, [machineId], options);
      } catch (error) {
        if (error instanceof AppError && error.data['nothingToDo'] === true) return [];
        throw error;
      }
    });
    if (bound.length === 0) throw new AppError('conflict', 'There is nothing to do', { nothingToDo: true });
    return bound;
  }

  const toMember = (requestId: string) => (one: Bound, position: number) => ({
    requestId,
    machineId: one.machineId,
    position,
    optionsJson: JSON.stringify(one.options),
    planMode: one.plan?.mode ?? null,
    planWordsJson: one.plan ? JSON.stringify(one.plan.words) : null,
    plannedJson: one.plan ? JSON.stringify(one.plan.planned) : null,
  });

  function contentOf(
    action: StartableAction,
    manner: Manner,
    bound: readonly Bound[],
    schedule: AskingSchedule | undefined,
    boundAt = isoNow(context),
  ) {
    for (const { machineId, plan } of bound) {
      if (schedule) refuseRemovals(machineId, plan?.planned ?? null, schedule.allowRemovals);
    }
    const further = schedule?.further ?? [];
    const counted = countChanges(action, bound, further);
    const payload: Payload = { manner, boundAt, ...counted, ...(schedule && { schedule }) };
    return {
      binding: bindingOf(action, schedule ? { ...manner, further } : manner, bound),
      risk: riskOf(action, counted, further),
      payloadJson: JSON.stringify(payload),
    };
  }

  function leaveMachine(machineId: string): void {
    for (const row of store.waitingFor(context, machineId)) {
      const bound = store
        .membersOf(context, row.id)
        .filter((member) => member.machineId !== machineId)
        .map(boundOf);
      if (bound.length === 0) {
        store.decide(context, row.id, null, {
          status: 'expired',
          decidedAt: isoNow(context),
          decidedBy: MACHINE_REMOVED,
        });
        record(row, 'expired', { reason: MACHINE_REMOVED });
      } else {
        const { manner, schedule, boundAt } = payloadOf(row);
        const content = contentOf(actionOf(row), manner, bound, schedule, boundAt);
        const [only] = bound;
        store.replaceMembers(
          context,
          row.id,
          { ...content, ...(bound.length === 1 && only && { machineId: only.machineId }) },
          bound.map(toMember(row.id)),
        );
        record({ ...row, machineId }, 'narrowed', { reason: MACHINE_REMOVED, machines: bound.length });
      }
      news(row.id);
    }
  }

  /** @throws AppError conflict when it does not wait any more */
  function waiting(id: string): store.RequestRow {
    const row = store.requestById(context, id);
    if (row.status === 'pending') return row;
    throw new AppError('conflict', 'The request was decided already', { requestId: id, status: row.status });
  }

  function enqueue(
    row: store.RequestRow,
    bound: readonly Bound[],
  ): { jobId: string } | { bulkRunId: string } {
    const action = actionOf(row);
    const { manner, schedule } = payloadOf(row);
    for (const { machineId, options, plan } of bound) {
      if (plan && !isKnown(action, machineId, options)) storePlan(context, machineId, plan);
    }
    const [only] = bound;
    if (bound.length === 1 && only) {
      const [job] = runner.enqueue(action, [only.machineId], only.options, undefined, 0, schedule?.id);
      if (!job) throw new AppError('internal', 'Nothing was queued');
      return { jobId: job.jobId };
    }
    const bulkRunId = bulks.startBulk({
      ...manner,
      action,
      machineIds: bound.map(({ machineId }) => machineId),
      optionsOf: new Map(bound.map(({ machineId, options }) => [machineId, options])),
    });
    return { bulkRunId };
  }

  /** Only the newest plans of a machine are kept: one that was approved is put back. */
  function isKnown(action: StartableAction, machineId: string, options: ActionOptions): boolean {
    try {
      return (actions[action].plan?.(machineId, options) ?? null) !== null;
    } catch (error) {
      if (error instanceof AppError && error.code === 'apt_plan_changed') return false;
      throw error;
    }
  }

  return {
    create({
      action,
      machineIds,
      requestedBy,
      requestedFrom,
      note,
      expiresInHours,
      notAfter,
      schedule,
      ...manner
    }) {
      const unique = [...new Set(machineIds)];
      if (unique.length > 1 && manner.options.planHash !== undefined) {
        throw new AppError('invalid_input', 'A plan is of one machine', { field: 'planHash' });
      }
      const bound = bindSome(action, unique, manner.options);
      const id = newId();
      const now = context.now();
      const machineId = bound.length === 1 ? (bound[0]?.machineId ?? null) : null;
      const row = { id, action, machineId, requestedByType: requestedBy };
      const content = contentOf(action, manner, bound, schedule);
      const expiresAt = new Date(now.getTime() + expiresInHours * HOUR_MS).toISOString();
      database.tx(() => {
        store.insertRequest(
          context,
          {
            ...row,
            ...content,
            requestedById: requestedFrom,
            status: 'pending',
            summary: `${action} on ${bound.length} machines`,
            note: note === undefined || note === '' ? null : note,
            createdAt: now.toISOString(),
            expiresAt: notAfter && notAfter < expiresAt ? notAfter : expiresAt,
          },
          bound.map(toMember(id)),
        );
        record({ ...row, ...content, requestedById: requestedFrom }, 'created', {
          from: requestedFrom,
          machines: bound.length,
          risk: content.risk,
        });
      });
      news(id);
      // In the midst of a transaction that may still be rolled back: transactions are synchronous, so look after it.
      if (database.raw.inTransaction) queueMicrotask(() => following.watchExpiry());
      else following.watchExpiry();
      return id;
    },

    approve(id, binding, by, note) {
      const row = waiting(id);
      if (following.isOverdue(row)) {
        following.expire(row);
        return { outcome: 'expired' };
      }
      if (row.binding !== binding) {
        throw new AppError('conflict', 'The request is no longer as it was shown', { requestId: id });
      }
      const members = store.membersOf(context, id);
      const changed = changesOf(context, actions, row, members).filter(({ change }) => change !== null);
      if (changed.length > 0) {
        database.tx(() =>
          record(row, 'plan_changed', { machines: changed.map(({ member }) => member.name) }),
        );
        return {
          outcome: 'plan_changed',
          machines: changed.map(({ member, change }) => toRequestMachine(member, change)),
        };
      }
      const decidedAt = isoNow(context);
      const made = database.tx(() => {
        store.decide(context, id, binding, {
          status: 'approved',
          approvedAt: decidedAt,
          approvedBy: by,
          decidedAt,
          decidedBy: by,
          decisionNote: note === undefined || note === '' ? null : note,
        });
        const queued = enqueue(row, members.map(boundOf));
        store.patchRequest(context, id, queued);
        record(row, 'approved', { by, ...queued }, 'jobId' in queued ? queued.jobId : undefined);
        return queued;
      });
      news(id);
      return { outcome: 'approved', jobId: null, bulkRunId: null, ...made };
    },

    async renew(id) {
      const asked = waiting(id);
      const { manner, schedule } = payloadOf(asked);
      const action = actionOf(asked);
      const members = store.membersOf(context, id);
      if (!manner.options.security && members.some(({ planMode }) => planMode === 'selected')) {
        // The newest analysis has another plan altogether: everything instead of what was chosen.
        throw new AppError('conflict', 'Chosen packages are asked for anew', {
          requestId: id,
          selected: true,
        });
      }
      // The plan that was shown is what is given up; how it is carried out stays.
      const { planHash: _old, ...options } = manner.options;
      for (const { machineId } of members) await actions[action].foresee?.(machineId, options);
      const row = waiting(id);
      const bound = bindSome(
        action,
        members.map(({ machineId }) => machineId),
        options,
      );
      const content = contentOf(action, { ...manner, options }, bound, schedule);
      database.tx(() => {
        store.replaceMembers(context, id, content, bound.map(toMember(id)));
        record(row, 'renewed', {});
      });
      news(id);
    },

    reject(id, by, note) {
      const row = waiting(id);
      const decidedAt = isoNow(context);
      database.tx(() => {
        store.decide(context, id, null, {
          status: 'rejected',
          decidedAt,
          decidedBy: by,
          decisionNote: note === undefined || note === '' ? null : note,
        });
        record(row, 'rejected', { by });
      });
      news(id);
    },

    withdraw(id) {
      const row = waiting(id);
      database.tx(() => {
        store.decide(context, id, null, { status: 'withdrawn', decidedAt: isoNow(context) });
        record(row, 'withdrawn', {});
      });
      news(id);
    },

    leaveMachine,
    summary: (row) => requestSummary(context, row),
    detail: (id) => requestDetail(context, actions, store.requestById(context, id)),
    start() {
      // Versions before this one left requests of removed machines waiting.
      for (const machineId of store.removedButAwaited(context)) database.tx(() => leaveMachine(machineId));
      following.start();
    },
    close: () => following.close(),
  };
}
