import type { StartableAction } from '../../src/shared/domain/unions.ts';
import { openCoreSession, openVault } from './core-session.ts';

/**
 * A process of its own that is made to be killed: opens the core on a data directory, starts one attached action on one
 * machine, prints the job's id and stays. Arguments: data directory, action, machine id.
 */
const [dataDir = '', action = '', machineId = ''] = process.argv.slice(2);
const session = await openCoreSession({ dataDir });
await openVault(session);
const { jobs } = await session.client['jobs.start']({
  action: action as StartableAction,
  machineIds: [machineId],
  options: { attached: true },
});
process.stdout.write(`${jobs[0]?.jobId ?? ''}\n`);
setInterval(() => undefined, 60_000);
