import { bridgeName, gatewayAddress, linkName, netnsName, repositoryPeer } from './bed-folder.ts';
import type { BedRecord } from './bed-folder.ts';
import { execute, must } from './exec.ts';

/** Runs many `ip` commands in one process. */
export function ipBatch(lines: readonly string[]): Promise<string> {
  return must('ip', ['-batch', '-'], { input: `${lines.join('\n')}\n` });
}

/** Makes the bridge, and a namespace with one end of a cable for every host and for the repository server. */
export async function makeNetwork(bed: BedRecord): Promise<void> {
  const bridge = bridgeName(bed.subnet);
  const peers = [
    { name: repositoryPeer, index: 0 },
    ...bed.hosts.map(({ name, index }) => ({ name, index: index + 1 })),
  ];
  await ipBatch([
    `link add ${bridge} type bridge forward_delay 0 stp_state 0`,
    `link set ${bridge} addrgenmode none`,
    `address add ${gatewayAddress(bed.subnet)}/24 dev ${bridge}`,
    `link set ${bridge} up`,
  ]);
  await ipBatch(peers.map(({ name }) => `netns add ${netnsName(bed.name, name)}`));
  await ipBatch(
    peers.flatMap(({ name, index }) => {
      const link = linkName(bed.subnet, index);
      return [
        `link add ${link} type veth peer name eth0 netns ${netnsName(bed.name, name)}`,
        `link set ${link} addrgenmode none`,
        `link set ${link} master ${bridge}`,
        `link set ${link} up`,
      ];
    }),
  );
}

/** Removes a subnet's bridge and cables; what is already gone is no error. */
export async function removeLinks(subnet: number): Promise<void> {
  const { stdout } = await execute('ip', ['-brief', 'link', 'show', 'master', bridgeName(subnet)]);
  const links = [...stdout.matchAll(/^([^@\s]+)/gm)].map((match) => match[1] ?? '');
  for (const link of [...links, bridgeName(subnet)]) await execute('ip', ['link', 'delete', link]);
}
