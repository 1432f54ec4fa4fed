import { bridgeName, gatewayAddress, linkName, netnsName, repositoryPeer } from './bed-folder.ts';
import type { BedRecord, HostRecord } from './bed-folder.ts';
import { execute, must } from './exec.ts';

/** Runs many `ip` commands in one process. */
function ipBatch(lines: readonly string[]): Promise<string> {
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

async function macOf(selection: readonly string[]): Promise<string> {
  const links = JSON.parse(await must('ip', ['-json', ...selection])) as { address?: string }[];
  const mac = links[0]?.address;
  if (mac === undefined) throw new Error(`no hardware address: ip ${selection.join(' ')}`);
  return mac;
}

/**
 * Takes the host's cable out so that neither side is told: both keep the other's hardware address for good, where
 * otherwise the machine would say "No route to host" after three seconds.
 */
export async function pauseLink(bed: BedRecord, host: HostRecord): Promise<void> {
  const bridge = bridgeName(bed.subnet);
  const netns = netnsName(bed.name, host.name);
  const [hostMac, ownMac] = await Promise.all([
    macOf(['-netns', netns, 'link', 'show', 'eth0']),
    macOf(['link', 'show', bridge]),
  ]);
  await must('ip', [
    ...['-netns', netns, 'neighbour', 'replace', gatewayAddress(bed.subnet)],
    ...['lladdr', ownMac, 'nud', 'permanent', 'dev', 'eth0'],
  ]);
  await ipBatch([
    `neighbour replace ${host.address} lladdr ${hostMac} nud permanent dev ${bridge}`,
    `link set ${linkName(bed.subnet, host.index + 1)} down`,
  ]);
}

/** Undoes {@link pauseLink}; does no harm when the link was not paused. */
export async function resumeLink(bed: BedRecord, host: HostRecord): Promise<void> {
  const netns = netnsName(bed.name, host.name);
  await ipBatch([`link set ${linkName(bed.subnet, host.index + 1)} up`]);
  await execute('ip', ['neighbour', 'delete', host.address, 'dev', bridgeName(bed.subnet)]);
  const gateway = gatewayAddress(bed.subnet);
  await execute('ip', ['-netns', netns, 'neighbour', 'delete', gateway, 'dev', 'eth0']);
}
