import type { MachineProbe, ProbeTemperature } from '../../shared/domain/probe.ts';
import { attributeFiles, madeName, scaled, wholeNumber } from './probe-lines.ts';

/** Reads the section `cpu`: `Key: value` lines of lscpu, with `threads:` of nproc and `cpuinfo:` where lscpu says no name. */
export function parseProcessor(text: string): MachineProbe['processor'] {
  const values = (key: string): string[] =>
    text.split('\n').flatMap((line) => {
      const colon = line.indexOf(':');
      return colon > 0 && line.slice(0, colon).trim() === key ? [line.slice(colon + 1).trim()] : [];
    });
  const first = (key: string): number | null => wholeNumber(values(key)[0]);
  // Processors of several kinds (big and little cores) have a block each.
  const told = values('Model name').filter((name) => name !== '-');
  const names = [...new Set((told.length > 0 ? told : values('cpuinfo')).map((name) => madeName(name)))];
  const sockets = first('Socket(s)') ?? null;
  const clusters = first('Cluster(s)');
  const perSocket = first('Core(s) per socket');
  const perCluster = first('Core(s) per cluster');
  const cores =
    sockets !== null && perSocket !== null
      ? sockets * perSocket
      : clusters !== null && perCluster !== null
        ? clusters * perCluster
        : null;
  const maxMhz = /^\d+(\.\d+)?$/.exec(values('CPU max MHz')[0]?.replace(',', '.') ?? '')?.[0];
  return {
    model: names.filter((name) => name !== null).join(' + ') || null,
    sockets: sockets === 0 ? null : sockets,
    cores: cores === 0 ? null : cores,
    threads: first('threads') || null,
    maxMhz: maxMhz === undefined ? null : Number(maxMhz),
  };
}

/** Reads the section `memory`, lines of /proc/meminfo; null without a total. */
export function parseMemory(text: string): MachineProbe['memory'] {
  const of = (key: string): number | null =>
    scaled(new RegExp(`^${key}: +(\\d+) kB$`, 'm').exec(text)?.[1], 1024);
  const totalBytes = of('MemTotal');
  if (totalBytes === null || totalBytes === 0) return null;
  const cache = [of('Cached'), of('Buffers'), of('SReclaimable')];
  // Shared memory stands in `Cached` but is not given back.
  const cacheBytes = cache.every((part) => part !== null)
    ? Math.max(0, cache.reduce((sum, part) => sum + part, 0) - (of('Shmem') ?? 0))
    : null;
  return {
    totalBytes,
    availableBytes: of('MemAvailable'),
    cacheBytes,
    swapTotalBytes: of('SwapTotal'),
    swapFreeBytes: of('SwapFree'),
  };
}

/** `27.8` of `27800`; null where no chip measures that. Chips without a sensor on a line report such values. */
function celsius(text: string | undefined): number | null {
  if (text === undefined || !/^-?\d{1,7}$/.test(text)) return null;
  const value = Number(text) / 1000;
  return value > -60 && value < 200 ? value : null;
}

/** A limit that a chip really has: boards leave 0, or 65261 °C, where nothing was set. */
function limit(text: string | undefined): number | null {
  const value = celsius(text);
  return value === null || value < 20 || value > 150 ? null : value;
}

/** Reads the section `sensors`. Zones of the kernel are only taken where no chip is known: they repeat the chips. */
export function parseTemperatures(text: string): ProbeTemperature[] {
  const found: ProbeTemperature[] = [];
  for (const chip of attributeFiles(text, '/sys/class/hwmon/').values()) {
    for (const [file, value] of chip) {
      const channel = /^temp(\d+)_input$/.exec(file)?.[1];
      const measured = celsius(value);
      // Exactly 0 is what a chip says of a line to which nothing is connected.
      if (channel === undefined || measured === null || measured === 0) continue;
      found.push({
        sensor: madeName(chip.get('name')) ?? 'hwmon',
        label: madeName(chip.get(`temp${channel}_label`)),
        celsius: measured,
        highC: limit(chip.get(`temp${channel}_max`)),
        criticalC: limit(chip.get(`temp${channel}_crit`)),
      });
    }
  }
  if (found.length > 0) return found;
  for (const zone of attributeFiles(text, '/sys/class/thermal/').values()) {
    const measured = celsius(zone.get('temp'));
    if (measured === null || measured === 0) continue;
    found.push({
      sensor: madeName(zone.get('type')) ?? 'thermal',
      label: null,
      celsius: measured,
      highC: null,
      criticalC: null,
    });
  }
  return found;
}

/** Reads the section `firmware`; `serials` is the same of what only root may read. */
export function parseFirmware(
  text: string,
  mode: 'uefi' | null,
  model: string | null,
): MachineProbe['firmware'] {
  const id = attributeFiles(text, '/sys/class/dmi/').get('id');
  const of = (key: string): string | null => madeName(id?.get(`${key}`) ?? undefined);
  const board = [of('board_vendor'), of('board_name')].filter((part) => part !== null).join(' ');
  return {
    // Without any firmware table nothing says that it is a BIOS: boards with a device tree have neither.
    mode: mode ?? (id === undefined ? null : 'bios'),
    vendor: of('sys_vendor'),
    product: of('product_name') ?? model,
    board: board === '' ? null : board,
    serial: null,
    biosVendor: of('bios_vendor'),
    biosVersion: of('bios_version'),
    biosDate: of('bios_date'),
  };
}

/** PCI vendors of graphics, https://pci-ids.ucw.cz. */
const graphicsVendors: Readonly<Record<string, string>> = {
  '0x1002': 'AMD',
  '0x1013': 'Cirrus Logic',
  '0x102b': 'Matrox',
  '0x10de': 'NVIDIA',
  '0x1234': 'QEMU',
  '0x1414': 'Microsoft',
  '0x15ad': 'VMware',
  '0x1a03': 'ASPEED',
  '0x1af4': 'Red Hat',
  '0x1b36': 'Red Hat',
  '0x80ee': 'VirtualBox',
  '0x8086': 'Intel',
};

/** Reads the section `graphics`: `gpu SLOT VENDOR DRIVER`, and lspci's names by slot where it is installed. */
export function parseGraphics(text: string): MachineProbe['graphics'] {
  const names = new Map<string, string>();
  for (const [, slot = '', name = ''] of text.matchAll(
    /^pci ([0-9a-f:.]{7,16}) [^:\n]{1,60}: (.{1,200})$/gm,
  )) {
    names.set(slot, name.replace(/ \(rev [0-9a-f]+\)$/, ''));
  }
  return [...text.matchAll(/^gpu ([0-9a-f:.]{7,16}) (0x[0-9a-f]{4})? ?([A-Za-z0-9_-]{0,40})$/gm)]
    .slice(0, 16)
    .map(([, slot = '', vendor = '', driver = '']) => ({
      vendor: graphicsVendors[vendor] ?? (vendor === '' ? null : vendor),
      model: madeName(names.get(slot)),
      driver: driver === '' ? null : driver,
    }));
}
