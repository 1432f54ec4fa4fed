import type { HomeportClient } from '../../src/shared/contract/index.ts';
import type { Testbed } from '../testbed/index.ts';
import { addHost, jobEnded, openCoreSession, openVault } from './core-session.ts';

/**
 * Makes a data directory whose fleet knows the hosts of a testbed as a user would have added them, through the contract:
 * keys approved after comparison, logins stored, tagged, refreshed once.
 */
export async function makeKnownFleet(bed: Testbed, dataDir: string): Promise<void> {
  const session = await openCoreSession({ dataDir });
  try {
    await openVault(session);
    const machineIds = await Promise.all(bed.hosts.map((host) => addHost(session, host)));
    await putInOrder(session.client, bed, machineIds);
    const { jobs } = await session.client['jobs.start']({ action: 'apt_update_analyze', machineIds });
    await Promise.all(jobs.map(({ jobId }) => jobEnded(session, jobId)));
  } finally {
    await session.close();
  }
}

/** Tags and a group, as people who have more than a handful of machines give them. */
async function putInOrder(
  client: HomeportClient,
  bed: Testbed,
  machineIds: readonly string[],
): Promise<void> {
  const [production, paris] = await Promise.all(
    [
      { name: 'production', color: '#4477aa' },
      { name: 'Paris', color: '#228833' },
    ].map((tag) => client['tags.create'](tag)),
  );
  if (!production || !paris) return;
  const tagsOf: Record<string, string[]> = {
    nas: [paris.id],
    'web-1': [production.id],
    'web-2': [production.id],
    'db-primary': [production.id, paris.id],
    bureau: [paris.id],
  };
  await Promise.all(
    bed.hosts.map(async ({ name }, at) => {
      const tagIds = tagsOf[name];
      const id = machineIds[at];
      if (tagIds !== undefined && id !== undefined) await client['machines.update']({ id, tagIds });
    }),
  );
}
