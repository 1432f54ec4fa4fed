import type { FleetRow } from '../../../shared/contract/models.ts';
import type { StartableAction } from '../../../shared/domain/unions.ts';
import { perform } from '../../lib/perform.ts';
import { go } from '../../lib/router.svelte.ts';
import { startJobs, type StartOptions } from '../../lib/state/jobs.svelte.ts';
import { whenRunStarts } from './run-of-job.ts';

const patienceMs = 60_000;

/**
 * Starts an action on one machine and shows its run as soon as there is one, unless the reader has gone elsewhere meanwhile.
 * False when the core refused (and the reader was told why).
 */
export async function startAndFollow(
  action: StartableAction,
  machine: Pick<FleetRow, 'id' | 'name'>,
  options: StartOptions = {},
): Promise<boolean> {
  // The address itself: what is shown follows it a moment later.
  const from = location.hash;
  const started = await startJobs(action, [machine.id], options);
  const jobId = started?.[0]?.jobId;
  if (jobId === undefined) return false;
  void perform(() => whenRunStarts(jobId, machine.id, AbortSignal.timeout(patienceMs)), machine.name).then(
    (run) => {
      if (run && location.hash === from) go({ page: 'run', id: run });
    },
  );
  return true;
}
