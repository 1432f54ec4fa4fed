import type { MachineProbe, ProbeDisk, ProbeFilesystem } from '../../shared/domain/probe.ts';
import { attributeFiles, firstOf, madeName, scaled, wholeNumber } from './probe-lines.ts';
import { keyedLines } from './sections.ts';
import { parseFilesystems } from './metrics.ts';

const SECTOR_BYTES = 512;

/** Mounts of programs rather than of people: layers of containers, snaps, what systemd shows to one service. */
const foreignMount =
  /^\/(?:etc\/pve|run\/(?:host|credentials|user|docker|containerd)|snap|var\/lib\/(?:docker|containers|containerd|kubelet|lxcfs)|sys|proc|dev)(?:\/|$)/;
const pseudoTypes = new Set([
  'squashfs',
  'tmpfs',
  'devtmpfs',
  'efivarfs',
  'nsfs',
  'fuse.lxcfs',
  'fuse.snapfuse',
]);

/** Whether a mount is a program's rather than a person's: nobody frees space in it, and its host counts it already. */
export function isForeignMount(mount: string, device: string, type: string | null): boolean {
  const isLayer = mount !== '/' && (type === 'overlay' || device === 'overlay');
  return foreignMount.test(mount) || isLayer || (type !== null && pseudoTypes.has(type));
}

/** A field of /proc/mounts, where blanks are written as octal. */
const unescaped = (text: string): string =>
  text.replaceAll(/\\([0-7]{3})/g, (_whole, digits: string) =>
    String.fromCharCode(Number.parseInt(digits, 8)),
  );

/**
 * File systems from the sections `metrics` (sizes), `inodes` and `mounts`, those of programs left out. Null when none could
 * be read: every machine has at least one.
 */
export function parseProbeFilesystems(
  metrics: string,
  inodes: string,
  mounts: string,
): ProbeFilesystem[] | null {
  const inodesOf = new Map<string, { total: number; used: number }>();
  for (const line of inodes.split('\n')) {
    const match = /^(\S.*?) +(\d+) +(\d+) +-?\d+ +(?:\d+%|-) (\/.*)$/.exec(line.slice(0, 4096));
    const total = wholeNumber(match?.[2]);
    const used = wholeNumber(match?.[3]);
    if (total !== null && used !== null && total > 0) inodesOf.set(match?.[4] ?? '', { total, used });
  }
  const mountOf = new Map<string, { type: string; option: string }>();
  for (const line of mounts.split('\n')) {
    const [, mount, type, option] = line.split(' ');
    // A later line lies over an earlier one.
    if (mount !== undefined && type !== undefined)
      mountOf.set(unescaped(mount), { type, option: option ?? '' });
  }
  const found = parseFilesystems(metrics).flatMap((filesystem): ProbeFilesystem[] => {
    const { mount } = filesystem;
    const mounted = mountOf.get(mount);
    const type = mounted?.type ?? null;
    if (isForeignMount(mount, filesystem.device, type)) return [];
    const inode = inodesOf.get(mount);
    return [
      {
        ...filesystem,
        type,
        readOnly: mounted ? mounted.option === 'ro' : null,
        inodesTotal: inode?.total ?? null,
        inodesUsed: inode?.used ?? null,
      },
    ];
  });
  return found.length > 0 ? found : null;
}

const transports: readonly [RegExp, NonNullable<ProbeDisk['transport']>][] = [
  [/\/usb\d/, 'usb'],
  [/\/nvme/, 'nvme'],
  [/\/virtio\d/, 'virtio'],
  [/\/mmc/, 'mmc'],
  [/\/ata\d/, 'sata'],
  [/\/(?:end_device|sas_)/, 'sas'],
  [/\/(?:xen|vbd-)/, 'xen'],
];

function kindOf(name: string, raid: boolean): ProbeDisk['kind'] {
  if (raid || /^md\d/.test(name)) return 'raid';
  if (name.startsWith('dm-')) return 'volume';
  if (/^sr\d/.test(name)) return 'optical';
  if (name.startsWith('mmcblk')) return 'card';
  return name.startsWith('zram') ? 'memory' : 'disk';
}

/** Reads the section `disks`. Null when the machine did not get to its end; what holds nothing is left out. */
export function parseDisks(text: string, filesystems: readonly ProbeFilesystem[] | null): ProbeDisk[] | null {
  if (!/^read:yes$/m.test(text)) return null;
  const lines = keyedLines(text);
  const paths = firstOf(text);
  const disks: ProbeDisk[] = [];
  for (const [name, files] of attributeFiles(text, '/sys/block/')) {
    const sizeBytes = scaled(files.get('size'), SECTOR_BYTES);
    if (sizeBytes === null || sizeBytes === 0 || /^(loop|ram|fd|nbd|zd)\d/.test(name)) continue;
    const path = paths(`path:${name}`) ?? '';
    const raidLevel = madeName(files.get('md/level'));
    const rotational = files.get('queue/rotational');
    const partitions = [...files].flatMap(([file, value]) => {
      const part = /^([^/]+)\/partition$/.exec(file)?.[1];
      if (part === undefined || wholeNumber(value) === null) return [];
      return [{ name: part, sizeBytes: scaled(files.get(`${part}/size`), SECTOR_BYTES) ?? 0 }];
    });
    const mappedName = madeName(files.get('dm/name'));
    const vendor = madeName(files.get('device/vendor'));
    const model = madeName(files.get('device/model'));
    disks.push({
      name,
      kind: kindOf(name, raidLevel !== null),
      sizeBytes,
      // The bus writes ATA where the maker's name would stand, and virtual disks have a number.
      model:
        [vendor === 'ATA' || vendor?.startsWith('0x') ? null : vendor, model]
          .filter((part) => part !== null)
          .join(' ') || null,
      serial: madeName(files.get('device/serial')),
      transport: path.includes('/virtual/')
        ? null
        : (transports.find(([pattern]) => pattern.test(path))?.[1] ?? 'other'),
      rotational: rotational === undefined ? null : rotational === '1',
      removable: files.get('removable') === '1',
      readOnly: files.get('ro') === '1',
      parents: [...(lines.get(`parent:${name}`) ?? [])],
      mappedName,
      raidLevel,
      raidMissing: raidLevel === null ? null : wholeNumber(files.get('md/degraded')),
      partitions,
      mounts: [],
      smart: null,
    });
  }
  const named = (disk: ProbeDisk): string[] => [
    disk.name,
    ...disk.partitions.map((part) => part.name),
    ...(disk.mappedName === null ? [] : [`mapper/${disk.mappedName}`]),
  ];
  return disks
    .map((disk) => ({
      ...disk,
      mounts: (filesystems ?? [])
        .filter(({ device }) => named(disk).some((name) => device === `/dev/${name.replaceAll('!', '/')}`))
        .map(({ mount }) => mount),
    }))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** Names, as below /dev, of the disks that may tell their health: whole disks with a bus of their own. */
export function disksWithHealth(disks: readonly ProbeDisk[] | null): string[] {
  return (disks ?? [])
    .filter(({ kind, transport, name }) => {
      const isReal = transport !== null && !['virtio', 'xen', 'mmc'].includes(transport);
      return kind === 'disk' && isReal && /^[A-Za-z0-9][A-Za-z0-9_!.-]*$/.test(name) && !name.includes('..');
    })
    .map(({ name }) => name.replaceAll('!', '/'))
    .slice(0, 64);
}

/** Lines `NAME SIZE ALLOCATED HEALTH` of `zpool list -H -p`; null when there is a line that is none. */
export function parsePools(text: string): MachineProbe['pools'] {
  const lines = text.split('\n').filter((line) => line !== '');
  const pools = lines.flatMap((line) => {
    const match = /^([A-Za-z][A-Za-z0-9_.: -]{0,255})\t(\d+|-)\t(\d+|-)\t([A-Z]{3,20})$/.exec(line);
    if (!match) return [];
    return [
      {
        name: match[1] ?? '',
        sizeBytes: wholeNumber(match[2]) ?? 0,
        usedBytes: wholeNumber(match[3]) ?? 0,
        health: match[4] ?? '',
      },
    ];
  });
  return pools.length === lines.length ? pools : null;
}
