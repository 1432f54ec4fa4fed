import type { HomeportClient } from '../shared/contract/index.ts';
import type { Job } from '../shared/contract/models.ts';
import { AppError } from '../shared/domain/errors.ts';
import { isFinalStatus } from '../shared/domain/job-moves.ts';
import { codeOf, Exit, exitCodes, type ExitCode } from './exit.ts';
import { table, type Output } from './output.ts';
import type { Session } from './session.ts';
import { failureText, stepText, t } from './words/index.ts';

const FORCED_AFTER_MS = 2_000;

const nameOf = (job: Job): string => job.machineName ?? 'Homeport';

/** What a job does now, on one line; percentages only in steps of ten, a line each. */
function progressLine(job: Job): string {
  const why = job.error && isFinalStatus(job.status) ? `: ${failureOf(job)}` : '';
  return `${nameOf(job)}: ${job.action}: ${doingText(job)}${why}`;
}

function doingText({ status, step, percent }: Job): string {
  if (status !== 'running' || step === null) return t(`jobStatus.${status}`);
  if (percent === null) return stepText(step);
  return t('cli.jobs.percent', { step: stepText(step), percent: String(Math.floor(percent / 10) * 10) });
}

const failureOf = ({ error, machineName }: Job): string =>
  error ? failureText(error, machineName ?? undefined) : '';

/**
 * Starts jobs and tells of them until all have ended. The jobs are watched before they are started, so that none of their
 * news is missed. Ctrl-C leaves them to themselves.
 * @throws Exit detached, AppError of `start`
 */
export async function startAndFollow(
  session: Session,
  output: Output,
  start: (client: HomeportClient) => Promise<readonly string[]>,
): Promise<Job[]> {
  const { client } = session;
  const stop = new AbortController();
  const ended = new Map<string, Job>();
  let wanted: readonly string[] | null = null;
  let isDetached = false;
  let interruptedMs = Infinity;
  const onInterrupt = (): void => {
    // One Ctrl-C may come twice, from the terminal and from who started us; one after a while means it.
    if (performance.now() - interruptedMs > FORCED_AFTER_MS) process.exit(exitCodes.detached);
    interruptedMs = Math.min(interruptedMs, performance.now());
    isDetached = true;
    stop.abort();
  };
  process.on('SIGINT', onInterrupt);
  const said = new Map<string, string>();
  const tell = (job: Job): void => {
    if (wanted !== null && !wanted.includes(job.id)) return;
    const line = progressLine(job);
    if (wanted !== null && said.get(job.id) !== line) {
      said.set(job.id, line);
      output.say(line);
    }
    if (isFinalStatus(job.status)) ended.set(job.id, job);
  };
  try {
    for await (const event of client['jobs.watch']({}, { signal: stop.signal })) {
      if (event.type === 'snapshot') {
        wanted = await start(client);
        for (const job of await known(client, wanted)) tell(job);
      } else tell(event.job);
      if (wanted?.every((id) => ended.has(id))) break;
    }
  } catch (error) {
    if (!isDetached || !(error instanceof AppError) || error.code !== 'cancelled') throw error;
  } finally {
    if (!isDetached) process.off('SIGINT', onInterrupt);
  }
  const ids = wanted ?? [];
  if (isDetached) throw new Exit(exitCodes.detached, leftText(session, ids));
  return ids.flatMap((id) => ended.get(id) ?? []);
}

const leftText = ({ isAlone }: Session, ids: readonly string[]): string =>
  isAlone ? t('cli.jobs.leftAlone') : t('cli.jobs.left', { ids: ids.join(' ') });

/** Jobs by their ids, among the newest. */
export async function known(client: HomeportClient, ids: readonly string[]): Promise<Job[]> {
  const { jobs } = await client['jobs.list']({ limit: 500 });
  return jobs.filter(({ id }) => ids.includes(id));
}

const jobData = (job: Job) => ({
  machine: job.machineName,
  machineId: job.machineId,
  jobId: job.id,
  action: job.action,
  status: job.status,
  runId: job.executionId,
  createdAt: job.createdAt,
  startedAt: job.startedAt,
  finishedAt: job.finishedAt,
  error: job.error && { kind: job.error.kind, message: job.error.message },
});

export function showJobs(output: Output, jobs: readonly Job[]): void {
  output.data({ jobs: jobs.map(jobData) }, () =>
    jobs.length === 0
      ? t('cli.jobs.none')
      : table(
          [
            t('cli.head.machine'),
            t('cli.head.action'),
            t('cli.head.status'),
            t('cli.head.when'),
            t('cli.head.job'),
            t('cli.head.error'),
          ],
          jobs.map((job) => [
            nameOf(job),
            job.action,
            t(`jobStatus.${job.status}`),
            job.finishedAt ?? job.startedAt ?? job.createdAt,
            job.id,
            failureOf(job),
          ]),
        ),
  );
}

/** What the command ends with after these jobs. */
export function codeOfJobs(jobs: readonly Job[]): ExitCode {
  const failed = jobs.filter(({ status }) => status === 'error' || status === 'cancelled');
  if (failed.length === 0) return exitCodes.ok;
  return codeOf(failed.flatMap(({ error }) => error?.kind ?? []));
}
