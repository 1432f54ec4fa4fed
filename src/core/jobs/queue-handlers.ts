import { inArray } from 'drizzle-orm';
import type { HomeportHandlers } from '../../shared/contract/index.ts';
import type { QueueState } from '../../shared/contract/queue.ts';
import type { CoreContext } from '../context.ts';
import { machines } from '../db/schema/index.ts';
import { changedIds } from '../watch.ts';
import type { Runner } from './runner.ts';
import { runningJobs } from './waiting.ts';

function stateOf(context: CoreContext, runner: Runner): QueueState {
  const holds = runner.holds();
  const running = runningJobs(context);
  const paused = [...holds.pausedMachines.keys()];
  const named = context.database.db
    .select({ id: machines.id, name: machines.name })
    .from(machines)
    .where(inArray(machines.id, paused))
    .all();
  return {
    concurrency: holds.concurrency,
    pausedAt: holds.pausedAt,
    pausedMachines: named.map(({ id, name }) => ({
      machineId: id,
      machineName: name,
      pausedAt: holds.pausedMachines.get(id) ?? '',
    })),
    // The lock of a job that runs says no more than the job itself.
    locks: [...holds.locks]
      .filter(([machineId, { jobId }]) => running.get(machineId) !== jobId)
      .map(([machineId, lock]) => ({ machineId, ...lock })),
    vaultMachineIds: [...holds.vaultMachines],
  };
}

export function queueHandlers(
  context: CoreContext,
  runner: Runner,
): Pick<
  HomeportHandlers,
  'queue.get' | 'queue.watch' | 'queue.pause' | 'queue.resume' | 'queue.setConcurrency'
> {
  return {
    'queue.get': () => ({
      queue: stateOf(context, runner),
      waiting: [...runner.reasons()].map(([jobId, reason]) => ({ jobId, reason })),
    }),
    'queue.watch': async function* (_input, { signal }) {
      for await (const _ of changedIds(context.bus, 'queue.changed', () => ['queue'], signal, 100)) {
        yield stateOf(context, runner);
      }
    },
    'queue.pause': ({ machineId }) => {
      runner.pause(machineId);
      return {};
    },
    'queue.resume': ({ machineId }) => {
      runner.resume(machineId);
      return {};
    },
    'queue.setConcurrency': ({ concurrency }) => {
      runner.setConcurrency(concurrency);
      return {};
    },
  };
}
