import { readdir, rm, rmdir } from 'node:fs/promises';
import { join } from 'node:path';
import { bedFolder, netnsOf, releaseSubnet, subnetsOf } from './bed-folder.ts';
import { execute, must } from './exec.ts';
import { removeLinks } from './network.ts';
import { killAllIn } from './processes.ts';
import { checkName } from './spec.ts';

/**
 * Removes a testbed by what exists of it, state file or not: processes, namespaces, cables, mounts, cgroups, folders.
 * Does nothing when there is none of that name.
 */
export async function removeTestbed(name: string): Promise<void> {
  checkName(name);
  const names = await netnsOf(name);
  await killAllIn(names.map((netns) => `/run/netns/${netns}`));
  const subnets = await subnetsOf(name);
  for (const subnet of subnets) await removeLinks(subnet);
  for (const netns of names) await must('ip', ['netns', 'delete', netns]);
  const folder = bedFolder(name);
  if ((await execute('mountpoint', ['-q', folder])).code === 0) await must('umount', ['-l', folder]);
  await rm(folder, { recursive: true, force: true });
  for (const tree of ['/sys/fs/cgroup/systemd', '/sys/fs/cgroup/unified', '/sys/fs/cgroup']) {
    await removeCgroup(join(tree, 'homeport-testbed', name));
    // Kept while another testbed has hosts in it.
    await rmdir(join(tree, 'homeport-testbed')).catch(() => undefined);
  }
  for (const subnet of subnets) await releaseSubnet(subnet);
}

/** A cgroup is removed from its leaves up, one rmdir each; its files go with it. */
async function removeCgroup(folder: string): Promise<void> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  for (const entry of entries) if (entry.isDirectory()) await removeCgroup(join(folder, entry.name));
  await rmdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw error;
  });
}
