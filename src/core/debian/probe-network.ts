import type { MachineProbe, ProbeInterface } from '../../shared/domain/probe.ts';
import { attributeFiles, madeName, wholeNumber } from './probe-lines.ts';
import { keyedLines } from './sections.ts';

/** Hardware types of Linux, include/uapi/linux/if_arp.h: Ethernet, loopback, tunnels. */
const ETHERNET = '1';
const LOOPBACK = '772';

function kindOf(
  name: string,
  type: string | undefined,
  deviceType: string | undefined,
  has: readonly string[],
) {
  if (type === LOOPBACK || name === 'lo') return 'loopback';
  if (has.includes('wireless') || deviceType === 'wlan') return 'wifi';
  if (has.includes('bridge') || deviceType === 'bridge') return 'bridge';
  if (has.includes('bonding') || deviceType === 'bond') return 'bond';
  if (deviceType === 'vlan') return 'vlan';
  if (/^tap\d/.test(name)) return 'virtual';
  if (has.includes('tun_flags') || deviceType === 'wireguard' || deviceType === 'vxlan') return 'tunnel';
  if (type !== undefined && type !== ETHERNET) return 'tunnel';
  // Containers have one end of a pair as their card: it has no device, and is Ethernet to them all the same.
  if (has.includes('device') || /^(eth|en[opsx])/.test(name)) return 'ethernet';
  return 'virtual';
}

/**
 * Interfaces from the sections `network` (sysfs) and `addresses` (`ip -o addr`, without its exit status); cards and what has
 * an address come first. Null when no interface could be read: every Linux has its loopback.
 */
export function parseInterfaces(network: string, addresses: string): ProbeInterface[] | null {
  const lines = keyedLines(network);
  const found = new Map<string, ProbeInterface>();
  const blank = (name: string): ProbeInterface => ({
    name,
    kind: kindOf(name, undefined, undefined, []),
    physical: false,
    mac: null,
    up: null,
    mtu: null,
    speedMbit: null,
    driver: null,
    addresses: [],
  });
  for (const [name, files] of attributeFiles(network, '/sys/class/net/')) {
    const has = lines.get(`has:${name}`) ?? [];
    const deviceType = /^DEVTYPE=(\w+)$/.exec(files.get('uevent') ?? '')?.[1];
    const mac = files.get('address');
    const state = files.get('operstate');
    const speed = wholeNumber(files.get('speed'));
    found.set(name, {
      ...blank(name),
      kind: kindOf(name, files.get('type'), deviceType, has),
      physical: has.includes('device'),
      mac: mac !== undefined && /^[0-9a-f:]{11,60}$/i.test(mac) && !/^[0:]+$/.test(mac) ? mac : null,
      up: state === 'up' ? true : state === 'down' || state === 'lowerlayerdown' ? false : null,
      mtu: wholeNumber(files.get('mtu')),
      speedMbit: speed === 0 ? null : speed,
      driver: madeName(lines.get(`driver:${name}`)?.[0]),
    });
  }
  for (const line of addresses.split('\n')) {
    const match =
      /^\d+: (\S{1,64})\s+(inet6?) ([0-9a-fA-F.:]{2,45})(?:\/(\d{1,3}))?( peer [^ ]+)?(?: .*?)? scope (\w+)/.exec(
        line.slice(0, 1000),
      );
    if (!match) continue;
    const name = (match[1] ?? '').replace(/@.*$/, '');
    const known = found.get(name) ?? blank(name);
    const isIpv6 = match[2] === 'inet6';
    const prefix = wholeNumber(match[4]) ?? (isIpv6 ? 128 : 32);
    found.set(name, {
      ...known,
      addresses: [
        ...known.addresses,
        {
          family: isIpv6 ? 'ipv6' : 'ipv4',
          address: match[3] ?? '',
          prefix: Math.min(prefix, isIpv6 ? 128 : 32),
          scope: match[6] ?? '',
        },
      ],
    });
  }
  if (found.size === 0) return null;
  const weight = (one: ProbeInterface): number =>
    one.kind === 'loopback'
      ? 3
      : one.addresses.some(({ scope }) => scope === 'global')
        ? 0
        : one.physical
          ? 1
          : 2;
  return [...found.values()]
    .sort((a, b) => weight(a) - weight(b) || (a.name < b.name ? -1 : 1))
    .slice(0, 200);
}

/** Reads the section `routes`: where packets for everywhere else go, and who is asked for names. */
export function parseRoutes(text: string): Pick<MachineProbe, 'gateways' | 'nameServers'> {
  const gateways = [...text.matchAll(/^default via ([0-9a-fA-F.:]{2,45}) dev (\S{1,64})/gm)].map(
    ([, address = '', name = '']) => ({ address, interface: name }),
  );
  const nameServers = [...text.matchAll(/^nameserver ([0-9a-fA-F.:%a-z]{2,64})$/gm)].map(
    ([, one = '']) => one,
  );
  return { gateways: gateways.slice(0, 8), nameServers: [...new Set(nameServers)].slice(0, 5) };
}
