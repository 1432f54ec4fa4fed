import type { NotificationKind, Severity } from '../../shared/domain/unions.ts';
import type { NewEvent } from '../events/new-event.ts';

/** What a person should hear of, before it is compared with what is known. */
export interface Notice {
  readonly kind: NotificationKind;
  readonly severity: Severity;
  /** The same for the same matter. */
  readonly dedupKey: string;
  readonly bulkRunId?: string;
  /** It is about more than the machine of the event. */
  readonly isOfMany?: boolean;
  readonly data: Record<string, unknown>;
}

/** Failures that wait for a decision of a person rather than for a repair. */
const decisions: Readonly<Record<string, NotificationKind>> = {
  ssh_host_key_changed: 'host_key',
  ssh_host_key_unknown: 'host_key',
  apt_plan_changed: 'plan_changed',
  apt_conffile_prompt: 'conffile',
  vault_locked: 'vault_locked',
  vault_not_set_up: 'vault_locked',
};

const vaultKey = 'vault';
const onMachine = (kind: NotificationKind, event: NewEvent): string => `${kind}:${event.machineId ?? ''}`;

/** The notification that an event makes, if any. */
export function noticeOf(event: NewEvent): Notice | null {
  const data = event.data ?? {};
  switch (event.eventType) {
    case 'run.finished':
    case 'reboot.finished':
      return ofRun(event, data);
    case 'job.failed':
      return ofFailure(event, data);
    case 'host_key.changed':
      return {
        kind: 'host_key',
        severity: 'error',
        dedupKey: onMachine('host_key', event),
        data: { ...data, kind: 'ssh_host_key_changed' },
      };
    case 'bulk.finished': {
      const bulkRunId = String(data['bulkId']);
      return { kind: 'bulk_ended', severity: event.severity, dedupKey: `bulk:${bulkRunId}`, bulkRunId, data };
    }
    case 'schedule.finished':
    case 'schedule.skipped':
      // Which outcomes are told is the schedule's own rule.
      return data['notify'] === true
        ? {
            kind: 'schedule_ended',
            severity: event.severity,
            dedupKey: `schedule:${String(data['scheduleId'])}:${event.eventType}`,
            data,
          }
        : null;
    case 'schedule.asks':
      return {
        kind: 'schedule_asks',
        severity: 'warning',
        dedupKey: `schedule_asks:${String(data['scheduleId'])}`,
        data,
      };
    case 'apt.changed_by_others':
      return {
        kind: 'changed_by_others',
        severity: event.severity,
        dedupKey: onMachine('changed_by_others', event),
        data: { who: data['who'], user: data['user'] },
      };
    case 'request.created':
      return {
        kind: 'request',
        severity: 'info',
        dedupKey: requestKey(data),
        isOfMany: typeof data['scheduleRunId'] === 'string',
        data,
      };
    case 'outward.given_up':
      return {
        kind: 'outward_failed',
        severity: 'warning',
        dedupKey: `outward:${String(data['channelId'])}`,
        data,
      };
    default:
      return null;
  }
}

const requestKey = ({ requestId, scheduleRunId }: Record<string, unknown>): string =>
  typeof scheduleRunId === 'string' ? `requests:${scheduleRunId}` : `request:${String(requestId)}`;

function ofRun(event: NewEvent, data: Record<string, unknown>): Notice | null {
  const { status } = data;
  // Whoever cancelled it knows.
  if (status === 'cancelled') return null;
  const isFailed = status === 'error' || status === 'interrupted';
  return {
    kind: isFailed ? 'run_failed' : 'run_ended',
    severity: isFailed ? 'error' : status === 'ok' ? 'info' : 'warning',
    dedupKey: `run:${event.executionId ?? event.jobId ?? ''}`,
    data: { action: data['action'], status },
  };
}

function ofFailure(event: NewEvent, data: Record<string, unknown>): Notice | null {
  const failure = String(data['kind']);
  if (failure === 'cancelled') return null;
  const kind = decisions[failure] ?? 'run_failed';
  const decided = kind !== 'run_failed';
  return {
    kind,
    severity: kind === 'host_key' || !decided ? 'error' : 'warning',
    dedupKey:
      kind === 'vault_locked'
        ? vaultKey
        : decided
          ? onMachine(kind, event)
          : `failed:${event.machineId ?? ''}:${String(data['action'])}:${failure}`,
    data,
  };
}

/** The notice that jobs stand still until the vault is unlocked. */
export const vaultNotice: Notice = {
  kind: 'vault_locked',
  severity: 'warning',
  dedupKey: vaultKey,
  data: { kind: 'vault_locked' },
};

/** What an event leaves nothing to do about: these kinds, of its machine or of the whole application. */
export function settledBy(event: NewEvent): {
  kinds: readonly NotificationKind[];
  machineId: string | null;
  /** Only of this matter. */
  dedupKey?: string;
} {
  const of = (...kinds: NotificationKind[]) => ({ kinds, machineId: event.machineId });
  switch (event.eventType) {
    case 'host_key.approved':
    case 'host_key.rejected':
      return of('host_key');
    case 'run.started':
      return of('plan_changed', 'conffile');
    case 'machine.removed':
      return of('host_key', 'plan_changed', 'conffile');
    case 'schedule.answered':
    case 'schedule.removed':
      return event.data?.['stillAsking'] === 0 ? { kinds: ['schedule_asks'], machineId: null } : of();
    case 'vault.unlocked':
    case 'vault.set_up':
      return { kinds: ['vault_locked'], machineId: null };
    case 'request.approved':
    case 'request.rejected':
    case 'request.expired':
    case 'request.withdrawn':
      if (event.data?.['othersWait'] === true) return of();
      return { kinds: ['request'], machineId: null, dedupKey: requestKey(event.data ?? {}) };
    default:
      return of();
  }
}
