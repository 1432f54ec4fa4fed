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

/** Makes a data directory with so many machines that nobody has contacted yet. */
export async function makeLargeFleet(count: number, dataDir: string): Promise<void> {
  const session = await openCoreSession({ dataDir });
  try {
    await openVault(session);
    const roles = ['web', 'db', 'mail', 'build', 'cache', 'git', 'dns', 'pve', 'nas', 'kiosk'];
    for (let index = 0; index < count; index += 1) {
      const role = roles[index % roles.length] ?? 'web';
      const number = Math.floor(index / roles.length) + 1;
      await session.client['machines.add']({
        name: `${role}-${number}`,
        // TEST-NET-2 of RFC 5737: addresses that nobody has.
        hostname: `198.51.100.${index % 254}`,
        port: 2200 + Math.floor(index / 254),
        username: 'ops',
        credentials: { authMethod: 'agent', sudoMode: 'nopasswd' },
      });
    }
  } finally {
    await session.close();
  }
}
