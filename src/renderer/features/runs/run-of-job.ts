import { api } from '../../lib/api.ts';
import { jobs } from '../../lib/state/jobs.svelte.ts';

/** How many of a machine's newest runs are looked through for the run of a job. */
const newest = 10;

/** The run that a job made, or null while it has made none. */
export async function runOfJob(jobId: string, machineId: string): Promise<string | null> {
  const known = jobs.active.find((job) => job.id === jobId)?.executionId;
  if (known) return known;
  const { executions } = await api['executions.list']({ machineId, limit: newest });
  return executions.find((run) => run.jobId === jobId)?.id ?? null;
}

/**
 * Waits until a job has made its run: asks at each news of the job and when it has ended. Null when it ended without one
 * (it failed before anything was started) or `signal` aborted.
 */
export function whenRunStarts(jobId: string, machineId: string, signal: AbortSignal): Promise<string | null> {
  return new Promise((resolve, reject) => {
    let asking = false;
    let ended = false;
    const stopListening = jobs.onEnded((job) => {
      if (job.id !== jobId) return;
      ended = true;
      void ask();
    });
    // The run appears some moments after the job: its own news does not always say so.
    const timer = setInterval(() => void ask(), 700);

    function finish(run: string | null): void {
      clearInterval(timer);
      stopListening();
      resolve(run);
    }
    async function ask(): Promise<void> {
      if (asking) return;
      asking = true;
      const last = ended;
      try {
        const run = await runOfJob(jobId, machineId);
        if (run !== null || last) finish(run);
      } catch (error) {
        finish(null);
        reject(error instanceof Error ? error : new Error(String(error)));
      } finally {
        asking = false;
      }
    }
    signal.addEventListener('abort', () => finish(null), { once: true });
    void ask();
  });
}
