import { SvelteMap } from 'svelte/reactivity';
import type { Job } from '../../../shared/contract/models.ts';
import type { ConffilePolicy, StartableAction } from '../../../shared/domain/unions.ts';
import { api, watch } from '../api.ts';
import { t } from '../i18n/index.ts';
import { perform } from '../perform.ts';
import { toasts } from '../ui/toasts.svelte.ts';

const byId = new SvelteMap<string, Job>();
// eslint-disable-next-line svelte/prefer-svelte-reactivity -- nothing renders it
const endListeners = new Set<(job: Job) => void>();
const isActive = (job: Job): boolean => job.status === 'queued' || job.status === 'running';

const active = $derived([...byId.values()].sort((a, b) => a.createdAt.localeCompare(b.createdAt)));
const overall = $derived.by(() => {
  // Jobs that had ended since the bar was last empty count as done, so that the bar only ever moves forward.
  const total = active.length + endedInRound;
  if (active.length === 0 || total === 0) return null;
  const done = active.reduce((sum, job) => sum + (job.percent ?? 0) / 100, endedInRound);
  return (done / total) * 100;
});
let endedInRound = $state(0);

/** Jobs that wait or run, over all machines. */
export const jobs = {
  get active(): Job[] {
    return active;
  },
  /** Progress of all active jobs together, 0 to 100; null when nothing runs. */
  get overallPercent(): number | null {
    return overall;
  },
  /** Calls back for each job that ends while the page is open. Returns the way to stop. */
  onEnded(listener: (job: Job) => void): () => void {
    endListeners.add(listener);
    return () => endListeners.delete(listener);
  },
};

export function followJobs(): void {
  watch('jobs.watch', {}, (event) => {
    if (event.type === 'snapshot') {
      byId.clear();
      endedInRound = 0;
      for (const job of event.jobs) if (isActive(job)) byId.set(job.id, job);
      return;
    }
    const { job } = event;
    if (isActive(job)) {
      byId.set(job.id, job);
      return;
    }
    if (byId.delete(job.id)) endedInRound = byId.size === 0 ? 0 : endedInRound + 1;
    for (const listener of endListeners) listener(job);
  });
}

export interface StartOptions {
  planHash?: string;
  conffiles?: ConffilePolicy;
  /** Of a change of packages: it lives in its SSH session. */
  attached?: boolean;
  /** Of `reboot_verified`. */
  waitSeconds?: number;
}

/** Queues an action on machines and says so; undefined when the core refused (and the reader was told why). */
export async function startJobs(
  action: StartableAction,
  machineIds: string[],
  options: StartOptions = {},
): Promise<{ jobId: string; machineId: string }[] | undefined> {
  const started = await perform(() => api['jobs.start']({ action, machineIds, options }));
  if (!started) return undefined;
  toasts.show({
    tone: 'info',
    text: () => t('jobs.started', { action: t(`action.${action}`), count: started.jobs.length }),
  });
  return started.jobs;
}

/** Asks a job to stop and says what came of it. */
export async function cancelJob(job: Job): Promise<void> {
  const name = job.machineName ?? t('jobs.fleetWide');
  const reply = await perform(() => api['jobs.cancel']({ id: job.id }), name);
  if (!reply) return;
  toasts.show({
    tone: reply.outcome === 'refused_dpkg_running' ? 'warning' : 'info',
    text: () => t(`jobs.cancel.${reply.outcome}`, { name }),
  });
}
