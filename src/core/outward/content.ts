import type { NotificationKind, Severity } from '../../shared/domain/unions.ts';

/** A notification as it is kept until it leaves: in no language, and with none of the host's own output. */
export interface Content {
  readonly kind: NotificationKind;
  readonly severity: Severity;
  readonly at: string;
  readonly machineId: string | null;
  readonly machineName: string | null;
  readonly executionId: string | null;
  readonly bulkRunId: string | null;
  readonly data: Readonly<Record<string, string | number | boolean>>;
}

/** What may leave this computer of an event's values; everything else may hold what a host has printed. */
const passed = ['action', 'status', 'kind', 'machines', 'who', 'name', 'requestId', 'risk', 'from'] as const;
const LONGEST = 200;

export function passedData(data: Readonly<Record<string, unknown>>): Content['data'] {
  const kept: Record<string, string | number | boolean> = {};
  for (const key of passed) {
    const value = data[key];
    if (typeof value === 'string') kept[key] = value.slice(0, LONGEST);
    else if (typeof value === 'number' || typeof value === 'boolean') kept[key] = value;
  }
  return kept;
}
