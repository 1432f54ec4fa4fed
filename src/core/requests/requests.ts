import type { Surface } from '../../shared/contract/define.ts';
import type { RequestDetail, RequestSummary } from '../../shared/contract/requests.ts';
import { AppError } from '../../shared/domain/errors.ts';
import { isFinalStatus } from '../../shared/domain/job-moves.ts';
import type {
  BulkFailureRule,
  JobStatus,
  RequesterType,
  StartableAction,
} from '../../shared/domain/unions.ts';
import type { WaveRule } from '../../shared/domain/waves.ts';
import type { ActionOptions, Actions } from '../actions/types.ts';
import type { Bulks } from '../bulk/index.ts';
import { isoNow, type CoreContext } from '../context.ts';
import { newId } from '../db/ids.ts';
import { recordEvent } from '../events/index.ts';
import type { Runner } from '../jobs/index.ts';
import { storePlan } from '../plans/index.ts';
import {
  bindingOf,
  boundOf,
  changeSince,
  countChanges,
  riskOf,
  toRequestMachine,
  type Bound,
  type Counted,
} from './plans.ts';
import * as store from './store.ts';

/** How a request is carried out beyond its action and machines. */
export interface Manner {
  readonly options: ActionOptions;
  readonly wave: WaveRule;
  readonly concurrency: number;
  readonly onFailure: BulkFailureRule;
}

export interface NewRequest extends Manner {
  readonly action: StartableAction;
  readonly machineIds: readonly string[];
  readonly requestedBy: RequesterType;
  /** A surface, or what names the schedule or the agent. */
  readonly requestedFrom: string;
  readonly note?: string | undefined;
  readonly expiresInHours: number;
}

export type ApprovalOutcome =
  | { outcome: 'approved'; jobId: string | null; bulkRunId: string | null }
  | { outcome: 'plan_changed'; machines: RequestDetail['plans'] }
  | { outcome: 'expired' };

export interface Requests {
  /**
   * Keeps what was asked for, bound to the plan of each machine as it is now; nothing is done before somebody approves it.
   * @throws AppError as starting the action would
   */
  create(request: NewRequest): string;
  /**
   * Approves what was shown and queues it in one transaction: after a crash both are there, or neither.
   * @throws AppError conflict when it does not wait any more or is bound to something else, or as starting would
   */
  approve(id: string, binding: string, by: Surface, note?: string): ApprovalOutcome;
  /** Binds it to the plans of now. @throws AppError conflict */
  renew(id: string): void;
  /** @throws AppError conflict */
  reject(id: string, by: Surface, note?: string): void;
  /**
   * A machine is being removed: ends the requests that wait for it alone, and takes it out of those about others, which
   * are then something else than what was shown. Call it inside the transaction that removes it.
   */
  leaveMachine(machineId: string): void;
  readonly summary: (row: store.RequestRow) => RequestSummary;
  detail(id: string): RequestDetail;
  /** Takes up what ended or passed while nothing ran, and goes on watching. */
  start(): void;
  close(): void;
}

interface Payload extends Counted {
  readonly manner: Manner;
  readonly boundAt: string;
}

const HOUR_MS = 3_600_000;
/** Who ended a request of a machine that is gone. */
const MACHINE_REMOVED = 'machine_removed';
/** The longest wait of a timer: a clock that was set is noticed by then. */
const LONGEST_WAIT_MS = 60_000;

const payloadOf = (row: store.RequestRow): Payload => JSON.parse(row.payloadJson ?? 'null') as Payload;
const toWave = (wave: WaveRule): RequestDetail['wave'] =>
  wave !== 'all' && 'sizes' in wave ? { sizes: [...wave.sizes] } : wave;
const actionOf = (row: store.RequestRow) => row.action as StartableAction;

export function createRequests(
  context: CoreContext,
  actions: Actions,
  runner: Runner,
  bulks: Bulks,
): Requests {
  const { database, bus } = context;
  let timer: NodeJS.Timeout | undefined;
  let isClosed = false;

  const news = (requestId: string): void => {
    queueMicrotask(() => bus.publish('request.changed', { requestId }));
  };

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
    boundAt = isoNow(context),
  ) {
    const counted = countChanges(action, bound);
    const payload: Payload = { manner, boundAt, ...counted };
    return {
      binding: bindingOf(action, manner, bound),
      risk: riskOf(action, counted),
      payloadJson: JSON.stringify(payload),
    };
  }

  function record(
    row: Pick<store.RequestRow, 'id' | 'action' | 'machineId' | 'requestedByType'>,
    what:
      'created' | 'approved' | 'rejected' | 'expired' | 'renewed' | 'narrowed' | 'plan_changed' | 'executed',
    data: Record<string, unknown>,
    jobId?: string,
  ): void {
    const byNobody = what === 'expired' || what === 'executed' || what === 'narrowed';
    recordEvent(context, {
      machineId: row.machineId,
      eventType: `request.${what}`,
      severity: what === 'plan_changed' ? 'warning' : 'info',
      actorType: byNobody ? 'system' : what === 'created' ? row.requestedByType : 'user',
      ...(jobId !== undefined && { jobId }),
      message: `The request of ${row.action}: ${what.replace('_', ' ')}.`,
      data: { requestId: row.id, action: row.action, ...data },
    });
  }

  function expire(row: store.RequestRow): void {
    const now = isoNow(context);
    database.tx(() => {
      store.decide(context, row.id, null, { status: 'expired', decidedAt: now });
      record(row, 'expired', {});
    });
    news(row.id);
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
        const { manner, boundAt } = payloadOf(row);
        const content = contentOf(actionOf(row), manner, bound, boundAt);
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

  function watchExpiry(): void {
    clearTimeout(timer);
    if (isClosed) return;
    try {
      for (const row of store.overdue(context, isoNow(context))) expire(row);
      const next = store.nextExpiry(context);
      if (next === null) return;
      const waitMs = Date.parse(next) - context.now().getTime();
      timer = setTimeout(watchExpiry, Math.min(LONGEST_WAIT_MS, Math.max(0, waitMs) + 1));
    } catch (error) {
      context.log.error('Requests could not be expired; trying again', { error: String(error) });
      timer = setTimeout(watchExpiry, LONGEST_WAIT_MS);
    }
    timer.unref();
  }

  /** Notes that the work of an approved request has ended. */
  function follow(row: store.RequestRow | undefined): void {
    if (!row) return;
    const { status, executionId } = store.workOf(context, row);
    const hasEnded =
      status === null || (row.bulkRunId === null ? isFinalStatus(status as JobStatus) : status !== 'running');
    if (hasEnded) {
      database.tx(() => {
        store.patchRequest(context, row.id, { status: 'executed', executionId });
        record(row, 'executed', { status, executionId }, row.jobId ?? undefined);
      });
    }
    news(row.id);
  }

  function followed(work: { jobId: string } | { bulkRunId: string }): void {
    try {
      follow(store.requestOfWork(context, work));
    } catch (error) {
      // It says approved until the next start looks again.
      context.log.error('A request could not be followed', { ...work, error: String(error) });
    }
  }
  const stops = [
    bus.subscribe('job.changed', ({ jobId }) => followed({ jobId })),
    bus.subscribe('bulk.changed', ({ bulkId }) => followed({ bulkRunId: bulkId })),
  ];

  /** @throws AppError conflict when it does not wait any more */
  function waiting(id: string): store.RequestRow {
    const row = store.requestById(context, id);
    if (row.status === 'pending') return row;
    throw new AppError('conflict', 'The request was decided already', { requestId: id, status: row.status });
  }

  const isOverdue = ({ expiresAt }: store.RequestRow): boolean =>
    expiresAt !== null && expiresAt <= isoNow(context);

  function enqueue(
    row: store.RequestRow,
    bound: readonly Bound[],
  ): { jobId: string } | { bulkRunId: string } {
    const action = actionOf(row);
    const { manner } = payloadOf(row);
    for (const { machineId, options, plan } of bound) {
      if (plan && !isKnown(action, machineId, options)) storePlan(context, machineId, plan);
    }
    const [only] = bound;
    if (bound.length === 1 && only) {
      const [job] = runner.enqueue(action, [only.machineId], only.options);
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

  const changesOf = (row: store.RequestRow, members: readonly store.Member[]) =>
    members.map((member) => ({
      member,
      change: changeSince(context, actions[actionOf(row)], boundOf(member), payloadOf(row).boundAt),
    }));

  function summary(row: store.RequestRow): RequestSummary {
    const { changes, reboot } = payloadOf(row);
    const work = store.workOf(context, row);
    return {
      id: row.id,
      action: actionOf(row),
      risk: row.risk ?? 'change',
      status: row.status,
      requestedBy: row.requestedByType,
      requestedFrom: row.requestedById,
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

  return {
    create({ action, machineIds, requestedBy, requestedFrom, note, expiresInHours, ...manner }) {
      const unique = [...new Set(machineIds)];
      if (unique.length > 1 && manner.options.planHash !== undefined) {
        throw new AppError('invalid_input', 'A plan is of one machine', { field: 'planHash' });
      }
      const bound = bindSome(action, unique, manner.options);
      const id = newId();
      const now = context.now();
      const machineId = bound.length === 1 ? (bound[0]?.machineId ?? null) : null;
      const row = { id, action, machineId, requestedByType: requestedBy };
      const content = contentOf(action, manner, bound);
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
            expiresAt: new Date(now.getTime() + expiresInHours * HOUR_MS).toISOString(),
          },
          bound.map(toMember(id)),
        );
        record(row, 'created', { from: requestedFrom, machines: bound.length, risk: content.risk });
      });
      news(id);
      watchExpiry();
      return id;
    },

    approve(id, binding, by, note) {
      const row = waiting(id);
      if (isOverdue(row)) {
        expire(row);
        return { outcome: 'expired' };
      }
      if (row.binding !== binding) {
        throw new AppError('conflict', 'The request is no longer as it was shown', { requestId: id });
      }
      const members = store.membersOf(context, id);
      const changed = changesOf(row, members).filter(({ change }) => change !== null);
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

    renew(id) {
      const row = waiting(id);
      const { manner } = payloadOf(row);
      const members = store.membersOf(context, id);
      if (members.some(({ planMode }) => planMode === 'selected')) {
        // The newest analysis has another plan altogether: everything instead of what was chosen.
        throw new AppError('conflict', 'Chosen packages are asked for anew', {
          requestId: id,
          selected: true,
        });
      }
      // The plan that was shown is what is given up; how it is carried out stays.
      const { planHash: _old, ...options } = manner.options;
      const bound = bindSome(
        actionOf(row),
        members.map(({ machineId }) => machineId),
        options,
      );
      const content = contentOf(actionOf(row), { ...manner, options }, bound);
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

    leaveMachine,
    summary,

    detail(id) {
      const row = store.requestById(context, id);
      const { manner } = payloadOf(row);
      const members = store.membersOf(context, id);
      const plans =
        row.status === 'pending'
          ? changesOf(row, members).map(({ member, change }) => toRequestMachine(member, change))
          : members.map((member) => toRequestMachine(member, null));
      return {
        ...summary(row),
        plans,
        conffiles: manner.options.conffiles ?? null,
        attached: manner.options.attached ?? false,
        wave: toWave(manner.wave),
        concurrency: manner.concurrency,
        onFailure: manner.onFailure,
      };
    },

    start() {
      for (const row of store.atWork(context)) follow(row);
      // Versions before this one left requests of removed machines waiting.
      for (const machineId of store.removedButAwaited(context)) database.tx(() => leaveMachine(machineId));
      watchExpiry();
    },

    close() {
      isClosed = true;
      clearTimeout(timer);
      for (const stop of stops) stop();
    },
  };
}
