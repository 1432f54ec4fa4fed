import type { HomeportHandlers } from '../../shared/contract/index.ts';
import type { Job } from '../../shared/contract/models.ts';
import type { ErrorData } from '../../shared/domain/errors.ts';
import type { ActionType } from '../../shared/domain/unions.ts';
import { fromJson, type CoreContext } from '../context.ts';
import { changedIds } from '../watch.ts';
import { jobLog } from './log.ts';
import type { Runner } from './runner.ts';
import * as store from './store.ts';

function toJob({ row, machineName, scheduleName }: store.JobWithName, runner: Runner): Job {
  const made = fromJson<{ executionId?: string; snapshotId?: string }>(row.resultJson, {});
  const live = runner.progressOf(row.id);
  return {
    id: row.id,
    machineId: row.machineId,
    machineName,
    schedule:
      row.scheduleId !== null && scheduleName !== null ? { id: row.scheduleId, name: scheduleName } : null,
    action: row.action ?? (row.kind as ActionType),
    status: row.status,
    executionId: made.executionId ?? null,
    snapshotId: made.snapshotId ?? null,
    createdAt: row.createdAt,
    startedAt: row.startedAt,
    finishedAt: row.finishedAt,
    step: row.status === 'running' ? (live?.step ?? null) : null,
    percent: row.status === 'running' ? (live?.percent ?? null) : null,
    cancelRequested: row.cancelRequestedAt !== null,
    priority: row.priority,
    attempt: row.attempt,
    maxAttempts: row.maxAttempts,
    notBefore: row.notBefore,
    error: row.errorKind
      ? {
          kind: row.errorKind,
          message: row.errorMessage ?? '',
          data: fromJson<ErrorData>(row.errorDataJson, {}),
        }
      : null,
  };
}

export function jobHandlers(
  context: CoreContext,
  runner: Runner,
): Pick<
  HomeportHandlers,
  'jobs.start' | 'jobs.cancel' | 'jobs.watch' | 'jobs.list' | 'jobs.log' | 'jobs.move'
> {
  return {
    'jobs.start': ({ action, machineIds, options }) => ({
      jobs: runner.enqueue(action, machineIds, options),
    }),
    'jobs.cancel': async ({ id }) => ({ outcome: await runner.cancel(id) }),
    'jobs.list': (input) => ({ jobs: store.listJobs(context, input).map((job) => toJob(job, runner)) }),
    'jobs.log': ({ id }) => {
      store.jobById(context, id);
      return {
        lines: jobLog(context, id).map(({ seq, at, level, code, message, dataJson }) => ({
          seq,
          at,
          level,
          code,
          message,
          data: fromJson<ErrorData>(dataJson, {}),
        })),
      };
    },
    'jobs.move': ({ id, to }) => {
      runner.move(id, to);
      return {};
    },
    'jobs.watch': async function* (_input, { signal }) {
      let first = true;
      for await (const ids of changedIds(context.bus, 'job.changed', (n) => [n.jobId], signal, 100)) {
        if (first) {
          first = false;
          yield {
            type: 'snapshot' as const,
            jobs: store.activeJobs(context).map((job) => toJob(job, runner)),
          };
        }
        for (const id of ids) {
          const found = store.jobWithName(context, id);
          if (found) yield { type: 'changed' as const, job: toJob(found, runner) };
        }
      }
    },
  };
}
