import type { Testbed } from '../testbed/index.ts';
import { addHost, jobEnded, openCoreSession, openVault } from './core-session.ts';

/**
 * Makes a data directory whose fleet knows the hosts of a testbed as a user would have added them, through the contract:
 * keys approved after comparison, logins stored, refreshed once.
 */
export async function makeKnownFleet(bed: Testbed, dataDir: string): Promise<void> {
  const session = await openCoreSession({ dataDir });
  try {
    await openVault(session);
    const machineIds = await Promise.all(bed.hosts.map((host) => addHost(session, host)));
    const { jobs } = await session.client['jobs.start']({ action: 'apt_update_analyze', machineIds });
    await Promise.all(jobs.map(({ jobId }) => jobEnded(session, jobId)));
  } finally {
    await session.close();
  }
}
