import { currentSchemaVersion } from '../../shared/domain/json-contract.ts';
import type { MachineProbe, ProbeGap } from '../../shared/domain/probe.ts';
import {
  updateSnapshotSchema,
  type SnapshotError,
  type UpdateSnapshot,
} from '../../shared/domain/snapshot.ts';
import { readHost } from './host-facts.ts';
import { failed, parsed, unparseable, type Parsed } from './parsed.ts';
import { firstOf, wholeNumber } from './probe-lines.ts';
import { parseInterfaces, parseRoutes } from './probe-network.ts';
import type { RootFindings } from './probe-smart.ts';
import { disksWithHealth, parseDisks, parsePools, parseProbeFilesystems } from './probe-storage.ts';
import {
  parseFirmware,
  parseGraphics,
  parseMemory,
  parseProcessor,
  parseTemperatures,
} from './probe-system.ts';
import { commandResult, keyedLines, parseSections, type Sections } from './sections.ts';

const TIMED_OUT = 124;

export interface ProbeContext {
  readonly machineId: string;
  /** ISO time of the look, by our clock. */
  readonly checkedAt: string;
  readonly nonce: string;
}

/** What the first look found, and what is worth asking root for. */
export interface ProbeReading {
  readonly snapshot: UpdateSnapshot & { readonly probe: MachineProbe };
  readonly isContainer: boolean;
  readonly hasSmartctl: boolean;
  /** Disks, by their names below /dev, that may tell their health. */
  readonly healthDisks: readonly string[];
}

/**
 * Reads the output of `machine_probe`. What a machine does not tell is null and stands among the gaps with its reason; output
 * that is cut off, or that tells neither load nor memory nor file systems, is an error. Never throws.
 */
export function readProbe(output: string, context: ProbeContext): Parsed<ProbeReading> {
  const framed = parseSections(output, context.nonce);
  if (!framed.ok) return framed;
  const sections = framed.value;
  const errors: SnapshotError[] = [];
  const { hostname, os, machine, facts } = readHost(sections, errors);
  const text = (name: string): string => sections.get(name) ?? '';
  const gaps: ProbeGap[] = [];
  const gap = (part: ProbeGap['part'], reason: ProbeGap['reason']): null => {
    gaps.push({ part, reason });
    return null;
  };

  const tools = new Set(keyedLines(text('tools')).get('tool') ?? []);
  const memory = parseMemory(text('memory')) ?? gap('memory', 'unreadable');
  const load = facts.load ?? gap('load', 'unreadable');
  const dfTimedOut = firstOf(text('metrics'))('df-status') === String(TIMED_OUT);
  const filesystems = dfTimedOut
    ? gap('filesystems', 'timed_out')
    : (parseProbeFilesystems(text('metrics'), text('inodes'), text('mounts')) ??
      gap('filesystems', 'unreadable'));
  if (memory === null && load === null && filesystems === null) {
    return unparseable('The machine told neither load nor memory nor file systems');
  }
  const processor = parseProcessor(text('cpu'));
  if (processor.threads === null) gap('processor', 'unreadable');
  if (exitOf(sections, 'inodes') !== 0) gap('inodes', reasonOf(exitOf(sections, 'inodes')));

  // What stands below /sys in a container is its host's.
  const { isContainer } = machine;
  const disks = isContainer
    ? gap('disks', 'container')
    : (parseDisks(text('disks'), filesystems) ?? gap('disks', 'unreadable'));
  const sensors = exitOf(sections, 'sensors');
  const temperatures = isContainer
    ? gap('temperatures', 'container')
    : sensors === TIMED_OUT || sensors === null
      ? gap('temperatures', reasonOf(sensors))
      : parseTemperatures(text('sensors'));
  if (isContainer) gap('firmware', 'container');
  const interfaces = parseInterfaces(text('network'), text('addresses')) ?? gap('network', 'unreadable');
  if (!tools.has('ip')) gap('addresses', 'tool_missing');
  else if (exitOf(sections, 'addresses') !== 0) gap('addresses', reasonOf(exitOf(sections, 'addresses')));
  const probe: MachineProbe = {
    asRoot: facts.asRoot === true,
    processor,
    load,
    memory,
    uptimeSeconds: facts.uptimeSeconds ?? null,
    bootedAt:
      facts.uptimeSeconds === undefined
        ? null
        : new Date(Date.parse(context.checkedAt) - Math.round(facts.uptimeSeconds) * 1000).toISOString(),
    filesystems,
    disks,
    pools: readPools(sections, gap),
    interfaces,
    ...parseRoutes(text('routes')),
    temperatures,
    graphics: isContainer ? [] : parseGraphics(text('graphics')),
    ...readUnits(sections, gap),
    firmware: parseFirmware(
      isContainer ? '' : text('firmware'),
      firstOf(text('tools'))('firmware') === 'uefi' && !isContainer ? 'uefi' : null,
      machine.model,
    ),
    clock: null,
    gaps,
  };
  const snapshot = {
    machineId: context.machineId,
    hostname,
    checkedAt: context.checkedAt,
    os: {
      family: os.family,
      version: os.version,
      ...(os.codename === null ? {} : { codename: os.codename }),
      ...(os.prettyName === null ? {} : { prettyName: os.prettyName }),
      ...(os.pointRelease === null ? {} : { pointRelease: os.pointRelease }),
    },
    status: 'ok' as const,
    schemaVersion: currentSchemaVersion,
    kind: 'machine_probe' as const,
    machineKind: machine.kind,
    apt: { enabled: false, count: 0, rebootRequired: false, packages: [] },
    ...(errors.length > 0 ? { errors } : {}),
    host: facts,
    probe,
  };
  const checked = updateSnapshotSchema.safeParse(snapshot);
  if (!checked.success) return failed('output_unparseable', 'The machine told what cannot be');
  return parsed({
    snapshot: { ...checked.data, probe },
    isContainer,
    hasSmartctl: tools.has('smartctl'),
    healthDisks: disksWithHealth(disks),
  });
}

/** The exit status of a section's command; null when it is not told. */
function exitOf(sections: Sections, name: string): number | null {
  const result = commandResult(sections, name);
  return result.ok ? result.value.exitCode : null;
}

const reasonOf = (exitCode: number | null): ProbeGap['reason'] =>
  exitCode === TIMED_OUT ? 'timed_out' : 'unreadable';

type Gap = (part: ProbeGap['part'], reason: ProbeGap['reason']) => null;

function readPools(sections: Sections, gap: Gap): MachineProbe['pools'] {
  if (!sections.has('pools')) return null;
  const result = commandResult(sections, 'pools');
  // A status of its own says that ZFS is installed and not loaded.
  if (!result.ok || result.value.exitCode !== 0) {
    return result.ok && result.value.exitCode !== TIMED_OUT
      ? null
      : gap('pools', reasonOf(result.ok ? TIMED_OUT : null));
  }
  const { output } = result.value;
  return parsePools(/no pools available/.test(output) ? '' : output) ?? gap('pools', 'unreadable');
}

/** Failed units by name: a text that is no unit's line makes the whole unknown. */
function readUnits(sections: Sections, gap: Gap): Pick<MachineProbe, 'failedUnits' | 'failedUnitsCount'> {
  const none = (reason: ProbeGap['reason']) => ({
    failedUnits: gap('units', reason),
    failedUnitsCount: null,
  });
  if (firstOf(sections.get('tools') ?? '')('init') !== 'systemd') return none('no_systemd');
  const result = commandResult(sections, 'units');
  if (!result.ok || result.value.exitCode !== 0)
    return none(reasonOf(result.ok ? result.value.exitCode : null));
  const [head = '', ...lines] = result.value.output.split('\n');
  const count = wholeNumber(/^count=(\d+)$/.exec(head)?.[1]);
  const units = lines.flatMap((line) => /^(\S{1,256}\.[a-z]+) +\S+ +failed /.exec(line)?.[1] ?? []);
  if (count === null || count < units.length || (count <= 50 && units.length !== count))
    return none('unreadable');
  return { failedUnits: units, failedUnitsCount: count };
}

/** What root found, or why it was not asked; and the clock. */
export interface ProbeAdditions {
  readonly root: RootFindings | ProbeGap['reason'] | null;
  readonly clock: MachineProbe['clock'];
  readonly errors: readonly SnapshotError[];
}

/** The whole of a probe: the first look with what root and the clock add. */
export function completeProbe(
  reading: ProbeReading,
  { root, clock, errors }: ProbeAdditions,
): UpdateSnapshot & { readonly probe: MachineProbe } {
  const { snapshot, healthDisks, isContainer, hasSmartctl } = reading;
  const { probe } = snapshot;
  const gaps = [...probe.gaps];
  if (clock === null) gaps.push({ part: 'clock', reason: 'unreadable' });
  const findings = root !== null && typeof root === 'object' ? root : null;
  const refused = typeof root === 'string' ? root : 'unreadable';
  if (!isContainer && probe.firmware.vendor !== null && findings === null) {
    gaps.push({ part: 'serials', reason: refused });
  }
  const health = findings?.disks ?? null;
  if (healthDisks.length > 0) {
    if (!hasSmartctl) gaps.push({ part: 'smart', reason: 'tool_missing' });
    else if (health === null)
      gaps.push({ part: 'smart', reason: findings === null ? refused : 'unreadable' });
    else if (healthDisks.some((name) => !health.has(name))) gaps.push({ part: 'smart', reason: 'timed_out' });
  }
  const disks =
    probe.disks?.map((disk) => {
      const found = health?.get(disk.name.replaceAll('!', '/'));
      if (!found) return disk;
      return {
        ...disk,
        model: found.model ?? disk.model,
        serial: found.serial ?? disk.serial,
        smart: found.smart,
      };
    }) ?? null;
  const all = [...(snapshot.errors ?? []), ...errors];
  return {
    ...snapshot,
    ...(all.length > 0 && { errors: all }),
    probe: {
      ...probe,
      disks,
      clock,
      firmware: { ...probe.firmware, serial: findings?.serial ?? probe.firmware.serial },
      gaps,
    },
  };
}

/** Milliseconds since 1970 that the section `clock` tells, at whatever precision the machine has. */
export function readClock(output: string, nonce: string): Parsed<number> {
  const framed = parseSections(output, nonce);
  if (!framed.ok) return framed;
  const match = /^(\d{1,11})(?:\.(\d{1,9}))?/.exec((framed.value.get('clock') ?? '').trim());
  if (!match) return unparseable('The machine does not tell the time');
  return parsed(Number(match[1]) * 1000 + (match[2] === undefined ? 0 : Number(`0.${match[2]}`) * 1000));
}
