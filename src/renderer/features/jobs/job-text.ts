import type { Job } from '../../../shared/contract/models.ts';
import type { JobLogLine } from '../../../shared/contract/queue.ts';
import { isErrorKind, type ErrorData } from '../../../shared/domain/errors.ts';
import type { WaitReason } from '../../../shared/domain/job-queue.ts';
import { jobStatuses } from '../../../shared/domain/unions.ts';
import { errorTitle, formatTime, t, tMaybe } from '../../lib/i18n/index.ts';

/** Why a job waits, as a sentence. `before`: the job just before it, where the page knows it. */
export function waitText(reason: WaitReason, before: Job | undefined, name: string): string {
  switch (reason.code) {
    case 'behind_job':
      return reason.ahead === 1 && before
        ? t('queue.wait.behind_job', { action: t(`action.${before.action}`) })
        : t('queue.wait.behind_jobs', { count: reason.ahead });
    case 'machine_locked': {
      const kind = t(`queue.lock.${reason.kind}`);
      return reason.until === null
        ? t('queue.wait.machine_locked', { kind })
        : t('queue.wait.machine_locked_until', { kind, time: formatTime(reason.until) });
    }
    case 'backoff':
      return t('queue.wait.backoff', {
        attempt: reason.attempt,
        max: reason.maxAttempts,
        error: errorTitle(reason.errorKind ?? 'unknown', {}, name),
        time: formatTime(reason.until),
      });
    case 'concurrency':
      return t('queue.wait.concurrency', { running: reason.running, limit: reason.limit });
    default:
      return t(`queue.wait.${reason.code}`);
  }
}

/** A line of a job's log in the reader's language; the English sentence where the line says nothing more. */
export function logText(line: JobLogLine, name: string): string {
  const { code, data, message } = line;
  const number = (key: string): number => Number(data[key] ?? 0);
  const text = (key: string): string => (typeof data[key] === 'string' ? data[key] : '');
  switch (code) {
    case null:
      return message;
    case 'started':
      return t('queue.log.started', { attempt: number('attempt'), max: number('maxAttempts') });
    case 'step':
      return t('queue.log.step', { step: tMaybe(`step.${text('step')}`, text('step')) });
    case 'attempt_failed':
      return t('queue.log.attempt_failed', {
        attempt: number('attempt'),
        max: number('maxAttempts'),
        error: errorOf(data, name),
        time: formatTime(text('until')),
      });
    case 'interrupted':
      return data['again'] === true ? t('queue.log.interrupted_again') : t('queue.log.interrupted');
    case 'ended': {
      const known = jobStatuses.find((status) => status === data['status']);
      const status = known === undefined ? t('common.unknown') : t(`jobStatus.${known}`);
      return data['kind'] === undefined
        ? t('queue.log.ended', { status })
        : t('queue.log.ended_error', { status, error: errorOf(data, name) });
    }
    default:
      return t(`queue.log.${code}`);
  }
}

const errorOf = (data: ErrorData, name: string): string =>
  errorTitle(isErrorKind(data['kind']) ? data['kind'] : 'unknown', data, name);
