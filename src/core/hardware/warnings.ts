import type {
  HardwareWarning,
  HardwareWarningCode,
  MachineProbe,
  ProbeDisk,
  ProbeFilesystem,
} from '../../shared/domain/probe.ts';
import { hardwareWarningCodes } from '../../shared/domain/probe.ts';

const GIB = 1024 ** 3;

/**
 * Where a warning begins. A file system counts as full by its share only while little is left in it: five percent of twenty
 * terabytes is no alarm. The clock matters to Kerberos from five minutes on, to APT's release files and TLS from less.
 */
export const limits = {
  space: { warningPercent: 90, warningBelowBytes: 100 * GIB, errorPercent: 97, errorBelowBytes: 10 * GIB },
  inodes: { warningPercent: 90, errorPercent: 98 },
  memoryAvailable: { warningPercent: 10, errorPercent: 4 },
  /** Load over five minutes for each processor. */
  load: { warning: 2, error: 4 },
  /** Where the chip gives no limit of its own. */
  celsius: { warning: 90, error: 100 },
  clockMs: { warning: 5_000, error: 300_000 },
  wearPercent: 90,
} as const;

/** What a look told; null where it did not. A refresh tells less than a probe. */
export interface Observed {
  readonly load: MachineProbe['load'];
  readonly threads: number | null;
  readonly memory: { readonly totalBytes: number; readonly availableBytes: number | null } | null;
  readonly filesystems: readonly ProbeFilesystem[] | null;
  /** Its load is that of the machine it runs on. */
  readonly isContainer: boolean;
  readonly probe: MachineProbe | null;
}

export type Finding = Omit<HardwareWarning, 'since'>;

/** Everything that wants attention, worst first. */
export function findingsOf(observed: Observed): Finding[] {
  const { probe } = observed;
  return [
    ...(observed.filesystems ?? []).flatMap(filesystemFindings),
    ...memoryFinding(observed.memory),
    ...loadFinding(observed),
    ...(probe?.disks ?? []).flatMap(diskFindings),
    ...(probe?.pools ?? []).flatMap(({ name, health }) =>
      health === 'ONLINE'
        ? []
        : [
            finding('pool_unhealthy', health === 'DEGRADED' ? 'warning' : 'error', name, null, null, [
              health,
            ]),
          ],
    ),
    ...(probe?.temperatures ?? []).flatMap(temperatureFinding),
    ...clockFinding(probe?.clock ?? null),
    ...unitsFinding(probe),
  ].sort(bySeverity);
}

const bySeverity = (a: Finding, b: Finding): number =>
  Number(b.severity === 'error') - Number(a.severity === 'error') ||
  hardwareWarningCodes.indexOf(a.code) - hardwareWarningCodes.indexOf(b.code) ||
  (a.subject ?? '').localeCompare(b.subject ?? '');

const finding = (
  code: HardwareWarningCode,
  severity: Finding['severity'],
  subject: string | null,
  value: number | null,
  limit: number | null,
  names: readonly string[] = [],
): Finding => ({ code, severity, subject, value, limit, names: [...names] });

/** Images and discs are full by nature; what is read-only cannot fill. */
const fullByNature = new Set(['iso9660', 'udf', 'squashfs', 'erofs', 'cramfs']);

function filesystemFindings(one: ProbeFilesystem): Finding[] {
  const { mount, type, usedBytes, availableBytes, readOnly } = one;
  if ((type !== null && fullByNature.has(type)) || /^\/dev\/(sr|loop)\d/.test(one.device)) return [];
  const found: Finding[] = [];
  const total = usedBytes + availableBytes;
  const percent = total > 0 ? (100 * usedBytes) / total : 0;
  const { space, inodes } = limits;
  if (readOnly !== true && percent >= space.warningPercent && availableBytes < space.warningBelowBytes) {
    const isError = percent >= space.errorPercent && availableBytes < space.errorBelowBytes;
    found.push(
      finding('filesystem_space', isError ? 'error' : 'warning', mount, percent, space.warningPercent),
    );
  }
  if (one.inodesTotal !== null && one.inodesUsed !== null && readOnly !== true) {
    const used = (100 * one.inodesUsed) / one.inodesTotal;
    if (used >= inodes.warningPercent) {
      const severity = used >= inodes.errorPercent ? 'error' : 'warning';
      found.push(finding('filesystem_inodes', severity, mount, used, inodes.warningPercent));
    }
  }
  // What Linux does with a file system whose disk fails (errors=remount-ro).
  if (readOnly === true && mount === '/' && type !== null && /^(ext[234]|xfs|btrfs)$/.test(type)) {
    found.push(finding('filesystem_read_only', 'error', mount, null, null));
  }
  return found;
}

function memoryFinding(memory: Observed['memory']): Finding[] {
  if (memory?.availableBytes === null || memory === null) return [];
  const percent = (100 * memory.availableBytes) / memory.totalBytes;
  const { warningPercent, errorPercent } = limits.memoryAvailable;
  if (percent >= warningPercent) return [];
  return [finding('memory_low', percent < errorPercent ? 'error' : 'warning', null, percent, warningPercent)];
}

function loadFinding({ load, threads, isContainer }: Observed): Finding[] {
  if (load === null || threads === null || isContainer) return [];
  const each = load[1] / threads;
  if (each < limits.load.warning) return [];
  return [finding('load_high', each >= limits.load.error ? 'error' : 'warning', null, load[1], threads)];
}

function diskFindings({ name, model, smart, raidMissing }: ProbeDisk): Finding[] {
  const names = model === null ? [] : [model];
  const found: Finding[] = [];
  if (raidMissing !== null && raidMissing > 0) {
    found.push(finding('raid_degraded', 'error', name, raidMissing, null));
  }
  if (smart === null) return found;
  if (smart.state === 'failing') found.push(finding('smart_failing', 'error', name, null, null, names));
  const sectors = (smart.pendingSectors ?? 0) + (smart.uncorrectableSectors ?? 0);
  if (sectors > 0) found.push(finding('smart_sectors', 'warning', name, sectors, null, names));
  const spent =
    smart.sparePercent !== null &&
    smart.spareLimitPercent !== null &&
    smart.sparePercent < smart.spareLimitPercent;
  if ((smart.wearPercent ?? 0) >= limits.wearPercent || spent) {
    found.push(finding('smart_wear', 'warning', name, smart.wearPercent, limits.wearPercent, names));
  }
  return found;
}

/** Inputs of boards to which nothing is connected report any temperature: only what measures a known thing is judged. */
const trusted = /cpu|soc|core|k8temp|k10temp|zenpower|pkg|gpu|radeon|nouveau|nvme|drivetemp/i;

function temperatureFinding(one: NonNullable<MachineProbe['temperatures']>[number]): Finding[] {
  if (!trusted.test(one.sensor)) return [];
  const high = one.highC ?? (one.criticalC === null ? limits.celsius.warning : null);
  const critical = one.criticalC ?? limits.celsius.error;
  const isCritical = one.celsius >= critical;
  if (!isCritical && (high === null || one.celsius < high)) return [];
  const subject = one.label === null ? one.sensor : `${one.sensor} ${one.label}`;
  return [
    finding(
      'temperature_high',
      isCritical ? 'error' : 'warning',
      subject,
      one.celsius,
      isCritical ? critical : high,
    ),
  ];
}

function clockFinding(clock: MachineProbe['clock']): Finding[] {
  if (clock === null) return [];
  const least = Math.abs(clock.skewMs) - clock.uncertaintyMs;
  if (least < limits.clockMs.warning) return [];
  const severity = least >= limits.clockMs.error ? 'error' : 'warning';
  return [finding('clock_skew', severity, null, Math.round(clock.skewMs), limits.clockMs.warning)];
}

function unitsFinding(probe: MachineProbe | null): Finding[] {
  const units = probe?.failedUnits ?? [];
  const count = probe?.failedUnitsCount ?? units.length;
  return count > 0 ? [finding('units_failed', 'warning', null, count, null, units.slice(0, 20))] : [];
}

const keyOf = ({ code, subject }: Pick<HardwareWarning, 'code' | 'subject'>): string =>
  `${code} ${subject ?? ''}`;

/** Whether a look was able to tell that a former warning is over. What it did not tell keeps its warning. */
function couldJudge({ code, subject }: HardwareWarning, observed: Observed): boolean {
  const { probe } = observed;
  const isGap = (part: MachineProbe['gaps'][number]['part'], ...reasons: string[]): boolean =>
    probe?.gaps.some((gap) => gap.part === part && reasons.includes(gap.reason)) === true;
  switch (code) {
    case 'filesystem_space':
      return observed.filesystems !== null;
    case 'filesystem_inodes':
      return probe !== null && observed.filesystems !== null && !isGap('inodes', 'timed_out', 'unreadable');
    case 'filesystem_read_only':
      return probe !== null && observed.filesystems !== null;
    case 'memory_low':
      return observed.memory !== null && observed.memory.availableBytes !== null;
    case 'load_high':
      return observed.isContainer || (observed.load !== null && observed.threads !== null);
    case 'raid_degraded':
      return probe !== null && (probe.disks !== null || isGap('disks', 'container'));
    case 'smart_failing':
    case 'smart_sectors':
    case 'smart_wear': {
      if (isGap('disks', 'container')) return true;
      if (!probe?.disks) return false;
      const disk = probe.disks.find(({ name }) => name === subject);
      return !disk || (disk.smart !== null && !['standby', 'unreadable'].includes(disk.smart.state));
    }
    case 'pool_unhealthy':
      return probe !== null && !isGap('pools', 'timed_out', 'unreadable');
    case 'temperature_high':
      return probe !== null && (probe.temperatures !== null || isGap('temperatures', 'container'));
    case 'clock_skew':
      return probe?.clock !== undefined && probe.clock !== null;
    case 'units_failed':
      return probe !== null && (probe.failedUnits !== null || isGap('units', 'no_systemd'));
  }
}

export interface Settled {
  readonly warnings: readonly HardwareWarning[];
  readonly appeared: readonly HardwareWarning[];
  readonly gone: readonly HardwareWarning[];
}

/** The warnings after a look: new ones, those that go on (with the day they began), and those nobody could look at. */
export function settleWarnings(former: readonly HardwareWarning[], observed: Observed, at: string): Settled {
  const known = new Map(former.map((warning) => [keyOf(warning), warning]));
  const found = findingsOf(observed).map((one) => ({ ...one, since: known.get(keyOf(one))?.since ?? at }));
  const foundKeys = new Set(found.map(keyOf));
  const kept = former.filter((one) => !foundKeys.has(keyOf(one)) && !couldJudge(one, observed));
  const gone = former.filter((one) => !foundKeys.has(keyOf(one)) && couldJudge(one, observed));
  return {
    warnings: [...found, ...kept].sort(bySeverity),
    appeared: found.filter((one) => !known.has(keyOf(one))),
    gone,
  };
}
