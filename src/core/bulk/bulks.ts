import { AppError, toAppError } from '../../shared/domain/errors.ts';
import type { BulkFailureRule, BulkStatus, StartableAction } from '../../shared/domain/unions.ts';
import { wavesOf, type WaveRule } from '../../shared/domain/waves.ts';
import type { ActionOptions } from '../actions/types.ts';
import { writeDataFile } from '../artifacts/index.ts';
import { isoNow, type CoreContext } from '../context.ts';
import { recordEvent } from '../events/index.ts';
import type { Runner } from '../jobs/index.ts';
import { changesOf, insertReport, reportLanguage } from '../reports/index.ts';
import { bulkReport } from './report.ts';
import * as store from './store.ts';

export interface BulkRequest {
  readonly action: StartableAction;
  readonly machineIds: readonly string[];
  readonly options: ActionOptions;
  /** What single machines get beyond `options`: each the plan that was approved for it. */
  readonly optionsOf?: ReadonlyMap<string, ActionOptions>;
  readonly wave: WaveRule;
  readonly concurrency: number;
  readonly onFailure: BulkFailureRule;
}

export interface Bulks {
  /** Stores the bulk and starts its first wave. Returns its id. @throws AppError not_found for a machine that is not there */
  startBulk(request: BulkRequest): string;
  /** Starts no more machines; with `running`, asks running jobs to stop where that is safe. */
  cancel(bulkId: string, running: boolean): 'cancelled' | 'already_ended';
  /** Goes on with what a former process left. Call it after the runner has taken up its jobs. */
  start(): void;
  /** Starts nothing any more; waits for reports that are being written. */
  close(): Promise<void>;
}

/**
 * Carries out bulks wave by wave: a wave starts when the one before has ended. Everything that decides is in the database, so
 * that a process that starts later goes on where this one ended. `isReady` says whether jobs could use their secrets now.
 */
export function createBulks(context: CoreContext, runner: Runner, isReady: () => boolean): Bulks {
  const { database, bus } = context;
  /** The bulk of each job that has not ended. */
  const bulkOf = new Map<string, string>();
  const due = new Set<string>();
  const finishing = new Map<string, Promise<void>>();
  let closing = false;

  const unsubscribe = [
    bus.subscribe('job.changed', ({ jobId }) => {
      const bulkId = bulkOf.get(jobId);
      if (bulkId === undefined) return;
      bus.publish('bulk.changed', { bulkId });
      if (!store.hasEnded(context, jobId)) return;
      bulkOf.delete(jobId);
      wake(bulkId);
    }),
    bus.subscribe('vault.changed', () => {
      for (const id of store.runningBulks(context)) wake(id);
    }),
  ];

  /** Looks at the bulk when what is going on now is done: news arrive in the midst of other transactions' callers. */
  function wake(bulkId: string): void {
    if (closing || due.has(bulkId)) return;
    due.add(bulkId);
    queueMicrotask(() => {
      due.delete(bulkId);
      if (closing) return;
      try {
        advance(bulkId);
      } catch (error) {
        context.log.error('A bulk run could not go on', { bulkId, error: String(error) });
      }
    });
  }

  function advance(bulkId: string): void {
    const bulk = store.bulkById(context, bulkId);
    if (bulk.status !== 'running' || finishing.has(bulkId)) return;
    // A machine that is refused may end a wave: look again then.
    for (;;) {
      const members = store.membersOf(context, bulkId);
      const open = members.filter((member) => !store.isSettled(member));
      if (open.length === 0) return finish(bulk, members);
      const wave = Math.min(...open.map((member) => member.wave));
      // What was refused from the start counts when its wave has come.
      const failed = members.some((member) => member.wave <= wave && store.isFailure(member));
      if (bulk.cancelRequestedAt !== null || (bulk.onFailure === 'stop' && failed)) {
        stopStarting(bulk, open);
        if (open.every(({ status }) => status === 'waiting')) continue;
        return;
      }
      if (!startNext(bulk, open, wave)) return;
    }
  }

  /** Starts machines of the wave up to the limit. Returns whether something was settled on the way. */
  function startNext(bulk: store.BulkRow, open: readonly store.BulkMember[], wave: number): boolean {
    let free = bulk.concurrency - open.filter(({ status }) => status !== 'waiting').length;
    if (!isReady()) return false;
    for (const member of open) {
      if (member.wave !== wave || member.status !== 'waiting') continue;
      if (free <= 0) return false;
      try {
        const [job] = runner.enqueue(bulk.action, [member.machineId], member.options, bulk.id);
        if (job && !store.hasEnded(context, job.jobId)) bulkOf.set(job.jobId, bulk.id);
        free--;
      } catch (error) {
        const appError = toAppError(error);
        if (appError.code === 'internal') {
          context.log.error('A machine of a bulk run could not be started', {
            bulkId: bulk.id,
            machineId: member.machineId,
            error: error instanceof Error ? (error.stack ?? error.message) : String(error),
          });
        }
        leaveOut(bulk.id, member.machineId, appError);
        return true;
      }
    }
    bus.publish('bulk.changed', { bulkId: bulk.id });
    return false;
  }

  function leaveOut(bulkId: string, machineId: string, error: AppError): void {
    store.leaveOut(context, bulkId, machineId, isNothingToDo(error) ? 'skipped' : 'refused', error);
    bus.publish('bulk.changed', { bulkId });
  }

  /** What waits is left out, what is queued is cancelled, what runs goes on to its end. */
  function stopStarting(bulk: store.BulkRow, open: readonly store.BulkMember[]): void {
    const reason =
      bulk.cancelRequestedAt !== null
        ? new AppError('cancelled', 'The bulk run was cancelled', { cancelledByUser: true })
        : new AppError('cancelled', 'Another machine failed before', stoppedByFailure);
    database.tx(() => {
      for (const member of open) {
        if (member.status === 'waiting') {
          store.leaveOut(context, bulk.id, member.machineId, 'skipped', reason);
        }
      }
    });
    for (const { status, jobId } of open) if (status === 'queued' && jobId !== null) cancelJob(jobId);
    bus.publish('bulk.changed', { bulkId: bulk.id });
  }

  function cancelJob(jobId: string): void {
    runner.cancel(jobId).catch((error: unknown) => {
      context.log.error('A job of a bulk run could not be cancelled', { jobId, error: String(error) });
    });
  }

  function finish(bulk: store.BulkRow, members: readonly store.BulkMember[]): void {
    const status = outcomeOf(bulk, members);
    const finishedAt = isoNow(context);
    const end = (reportId: string | null) => {
      store.patchBulk(context, bulk.id, { status, finishedAt, reportId });
      recordEvent(context, {
        machineId: null,
        eventType: 'bulk.finished',
        severity:
          status === 'ok' ? 'info' : status === 'warning' || status === 'cancelled' ? 'warning' : 'error',
        actorType: 'system',
        message: `${bulk.action} on ${members.length} machines ended: ${status}.`,
        data: { bulkId: bulk.id, action: bulk.action, status, machines: members.length, reportId },
      });
    };
    const write = async () => {
      const report = bulkReport({
        language: reportLanguage(context),
        bulk: { ...bulk, status, finishedAt },
        members,
        changes: changesOf(
          context,
          members.flatMap(({ executionId }) => executionId ?? []),
        ),
      });
      const { path } = await writeDataFile(context, `reports/${bulk.id}.md`, report.markdown);
      database.tx(() => {
        const summary = { bulkId: bulk.id, action: bulk.action, status, machines: members.length };
        end(
          insertReport(context, {
            machineId: null,
            executionId: null,
            kind: 'global',
            title: report.title,
            path,
            summary,
          }),
        );
      });
    };
    const done = write()
      .catch((error: unknown) => {
        context.log.error('The report of a bulk run could not be written', {
          bulkId: bulk.id,
          error: String(error),
        });
        database.tx(() => end(null));
      })
      .catch((error: unknown) => {
        // The row still says that it runs: the next start tries again.
        context.log.error('A bulk run could not be ended', { bulkId: bulk.id, error: String(error) });
      })
      .finally(() => {
        finishing.delete(bulk.id);
        bus.publish('bulk.changed', { bulkId: bulk.id });
      });
    finishing.set(bulk.id, done);
  }

  return {
    startBulk(request) {
      const ids = [...new Set(request.machineIds)];
      const waves = wavesOf(ids.length, request.wave);
      const members = ids.map((machineId, i) => ({
        machineId,
        wave: waves[i] ?? 0,
        ...bindNow(runner, request, machineId),
      }));
      const bulkId = database.tx(() => {
        const id = store.insertBulk(context, { ...request, machines: members });
        recordEvent(context, {
          machineId: null,
          eventType: 'bulk.started',
          severity: 'info',
          actorType: 'user',
          message: `${request.action} was requested on ${ids.length} machines.`,
          data: { bulkId: id, action: request.action, machines: ids.length },
        });
        return id;
      });
      wake(bulkId);
      return bulkId;
    },

    cancel(bulkId, running) {
      const bulk = store.bulkById(context, bulkId);
      if (bulk.status !== 'running') return 'already_ended';
      if (bulk.cancelRequestedAt === null) {
        store.patchBulk(context, bulkId, { cancelRequestedAt: isoNow(context) });
      }
      if (running) {
        for (const { status, jobId } of store.membersOf(context, bulkId)) {
          if (status === 'running' && jobId !== null) cancelJob(jobId);
        }
      }
      wake(bulkId);
      return 'cancelled';
    },

    start() {
      for (const bulkId of store.runningBulks(context)) {
        for (const { jobId, status } of store.membersOf(context, bulkId)) {
          if (jobId !== null && (status === 'queued' || status === 'running')) bulkOf.set(jobId, bulkId);
        }
        wake(bulkId);
      }
    },

    async close() {
      closing = true;
      for (const stop of unsubscribe) stop();
      await Promise.all(finishing.values());
    },
  };
}

const stoppedByFailure = { stoppedByFailure: true };

function outcomeOf(bulk: store.BulkRow, members: readonly store.BulkMember[]): BulkStatus {
  const has = (...statuses: store.BulkMember['status'][]) => members.some((m) => statuses.includes(m.status));
  const leftOutBecause = (key: string) => members.some(({ error }) => error?.data[key] === true);
  if (leftOutBecause('stoppedByFailure')) return 'stopped';
  if (bulk.cancelRequestedAt !== null && (has('cancelled') || leftOutBecause('cancelledByUser'))) {
    return 'cancelled';
  }
  if (members.some(store.isFailure)) return 'error';
  return has('warning', 'cancelled') ? 'warning' : 'ok';
}

const isNothingToDo = ({ data }: AppError): boolean => data['nothingToDo'] === true;

/**
 * Binds a machine to the plan that it has now. What would be refused is kept as refused until its wave comes; what has
 * nothing to do is left out from the start.
 */
function bindNow(
  runner: Runner,
  { action, options: shared, optionsOf }: BulkRequest,
  machineId: string,
): Pick<store.NewBulk['machines'][number], 'options' | 'leftOut'> {
  const options = { ...shared, ...optionsOf?.get(machineId) };
  try {
    return { options: runner.check(action, machineId, options) };
  } catch (error) {
    const appError = toAppError(error);
    if (appError.code === 'internal' || appError.code === 'not_found') throw error;
    return {
      options,
      leftOut: { state: isNothingToDo(appError) ? 'skipped' : 'refused', error: appError },
    };
  }
}
