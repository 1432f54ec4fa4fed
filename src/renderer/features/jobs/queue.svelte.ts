import type { Job } from '../../../shared/contract/models.ts';
import type { QueueState } from '../../../shared/contract/queue.ts';
import type { QueueMove } from '../../../shared/domain/job-queue.ts';
import { api, watch } from '../../lib/api.ts';
import { perform } from '../../lib/perform.ts';

let current = $state.raw<QueueState | null>(null);

/** What holds the queue back; null until it is known. */
export const queue = {
  get state(): QueueState | null {
    return current;
  },
};

/** Follows the queue while a page shows it. Returns the way to stop. */
export function followQueue(): () => void {
  return watch('queue.watch', {}, (now) => {
    current = now;
  });
}

export const holdQueue = () => perform(() => api['queue.pause']({ machineId: null }));
export const letQueueGo = () => perform(() => api['queue.resume']({ machineId: null }));
export const holdMachine = (machineId: string) => perform(() => api['queue.pause']({ machineId }));
export const letMachineGo = (machineId: string) => perform(() => api['queue.resume']({ machineId }));
export const setConcurrency = (concurrency: number) =>
  perform(() => api['queue.setConcurrency']({ concurrency }));
export const moveJob = (job: Job, to: QueueMove) =>
  perform(() => api['jobs.move']({ id: job.id, to }), job.machineName ?? undefined);
