import type { SmartHealth } from '../../shared/domain/probe.ts';
import { smartctlAnswerSchema } from '../../shared/domain/smartctl.ts';
import { attributeFiles, madeName } from './probe-lines.ts';
import { parsed, unparseable, type Parsed } from './parsed.ts';
import { parseSections } from './sections.ts';

/** What root adds: the health of disks by name below /dev, and the serial number of the machine. */
export interface RootFindings {
  /** Null: smartctl is not there. */
  readonly disks: ReadonlyMap<string, DiskHealth> | null;
  readonly serial: string | null;
}

export interface DiskHealth {
  readonly smart: SmartHealth;
  readonly model: string | null;
  readonly serial: string | null;
}

/** Bit 3 of smartctl's exit status, smartctl(8): the disk says that it fails. */
const FAILING = 8;

/** Reads the output of `machine_probe_root`. */
export function parseRootFindings(output: string, nonce: string): Parsed<RootFindings> {
  const framed = parseSections(output, nonce);
  if (!framed.ok) return framed;
  const text = framed.value.get('smart');
  if (text === undefined) return unparseable('Section smart is missing', { section: 'smart' });
  const id = attributeFiles(framed.value.get('serials') ?? '', '/sys/class/dmi/').get('id');
  const serial = madeName(id?.get('product_serial')) ?? madeName(id?.get('board_serial'));
  if (!/^looked yes$/m.test(text)) return parsed({ disks: null, serial });
  const disks = new Map<string, DiskHealth>();
  for (const line of text.split('\n')) {
    const match = /^disk ([A-Za-z0-9_./-]{1,64}) (\d{1,3}) (.*)$/.exec(line);
    if (match) disks.set(match[1] ?? '', parseSmart(match[3] ?? '', Number(match[2])));
  }
  return parsed({ disks, serial });
}

const whole = (value: number | undefined): number | null =>
  value !== undefined && Number.isSafeInteger(value) && value >= 0 ? value : null;
const between = (value: number | undefined, low: number, high: number): number | null =>
  value !== undefined && value >= low && value <= high ? value : null;

/** One answer of `smartctl --json` with its exit status. What does not say that the disk is well is never taken for it. */
export function parseSmart(json: string, exitStatus: number): DiskHealth {
  const read = smartctlAnswerSchema.safeParse(jsonOf(json));
  // The status of a program that was killed is no answer of smartctl: only its own text makes it one.
  if (!read.success) return { smart: blank('unreadable'), model: null, serial: null };
  const told = read.data;
  const nvme = told.nvme_smart_health_information_log;
  const table = told.ata_smart_attributes?.table ?? [];
  const attribute = (id: number): number | null => whole(table.find((one) => one.id === id)?.raw.value);
  const messages = (told.smartctl.messages ?? []).map((message) => message.string).join('\n');
  const passed = told.smart_status?.passed;
  const state =
    passed === false || (exitStatus & FAILING) !== 0
      ? 'failing'
      : passed === true
        ? 'passed'
        : /STANDBY|SLEEP/i.test(messages)
          ? 'standby'
          : 'unsupported';
  return {
    model: madeName(told.model_name),
    serial: madeName(told.serial_number),
    smart: {
      state,
      temperatureC: between(told.temperature?.current, 1, 150),
      powerOnHours: whole(told.power_on_time?.hours),
      reallocatedSectors: attribute(5) ?? whole(told.scsi_grown_defect_list),
      pendingSectors: attribute(197),
      uncorrectableSectors: attribute(198) ?? whole(nvme?.media_errors),
      wearPercent: between(nvme?.percentage_used, 0, 255),
      sparePercent: between(nvme?.available_spare, 0, 100),
      spareLimitPercent: between(nvme?.available_spare_threshold, 0, 100),
    },
  };
}

function blank(state: SmartHealth['state']): SmartHealth {
  return {
    state,
    temperatureC: null,
    powerOnHours: null,
    reallocatedSectors: null,
    pendingSectors: null,
    uncorrectableSectors: null,
    wearPercent: null,
    sparePercent: null,
    spareLimitPercent: null,
  };
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Not JSON is no object, which the schema refuses.
    return null;
  }
}
