import type { BulkDetail, BulkMachine, BulkSummary } from '../../../shared/contract/models.ts';
import {
  bulkMachineStatuses,
  type BulkMachineStatus,
  type BulkStatus,
} from '../../../shared/domain/unions.ts';
import type { StatusLook } from '../../lib/ui/status-look.ts';

export const bulkLooks: Record<BulkStatus, StatusLook> = {
  running: 'running',
  ok: 'ok',
  warning: 'warning',
  error: 'error',
  stopped: 'blocked',
  cancelled: 'cancelled',
};
export const memberLooks: Record<BulkMachineStatus, StatusLook> = {
  waiting: 'queued',
  queued: 'queued',
  refused: 'blocked',
  skipped: 'cancelled',
  running: 'running',
  ok: 'ok',
  warning: 'warning',
  error: 'error',
  cancelled: 'cancelled',
};

const open: ReadonlySet<BulkMachineStatus> = new Set(['waiting', 'queued', 'running']);
export const isOpen = ({ status }: Pick<BulkMachine, 'status'>): boolean => open.has(status);
export const isProblem = ({ status }: Pick<BulkMachine, 'status'>): boolean =>
  status === 'error' || status === 'refused' || status === 'warning';

/** How many machines have ended, in one way or another. */
export const endedCount = ({ counts, machines }: Pick<BulkSummary, 'counts' | 'machines'>): number =>
  machines - [...open].reduce((sum, status) => sum + (counts[status] ?? 0), 0);

/** The statuses that occur, with their numbers, in a fixed order. */
export const tally = ({ counts }: Pick<BulkSummary, 'counts'>): [BulkMachineStatus, number][] =>
  bulkMachineStatuses.flatMap((status): [BulkMachineStatus, number][] => {
    const count = counts[status] ?? 0;
    return count > 0 ? [[status, count]] : [];
  });

/**
 * Progress of the whole in percent: machines that have ended count as one, running ones as far as they are.
 * `percentOf`: 0 to 100 of a machine's job, or null where nobody knows.
 */
export function bulkPercent(
  { members }: Pick<BulkDetail, 'members'>,
  percentOf: (member: BulkMachine) => number | null,
): number {
  if (members.length === 0) return 0;
  const done = members.reduce((sum, member) => {
    if (!isOpen(member)) return sum + 1;
    return sum + (member.status === 'running' ? Math.min(100, percentOf(member) ?? 0) / 100 : 0);
  }, 0);
  return (done / members.length) * 100;
}

/** Why a machine was left out, where the bulk run itself decided it; null where the error speaks for itself. */
export function whyLeftOut({
  error,
}: Pick<BulkMachine, 'error'>): 'stopped' | 'cancelled' | 'nothing' | null {
  if (error?.data['stoppedByFailure'] === true) return 'stopped';
  if (error?.data['cancelledByUser'] === true) return 'cancelled';
  return error?.data['nothingToDo'] === true ? 'nothing' : null;
}

export type ShownMembers = 'all' | 'active' | 'problems';
export type BulkLine =
  | { kind: 'wave'; key: string; wave: number; members: readonly BulkMachine[] }
  | { kind: 'member'; key: string; member: BulkMachine }
  | { kind: 'error'; key: string; member: BulkMachine };

/** The lines of the page: each wave with its machines; an error stands under its machine. A wave without a machine to show is left out. */
export function bulkLines(members: readonly BulkMachine[], shown: ShownMembers): BulkLine[] {
  const waves = new Map<number, BulkMachine[]>();
  for (const member of members) {
    const list = waves.get(member.wave);
    if (list) list.push(member);
    else waves.set(member.wave, [member]);
  }
  return [...waves]
    .sort(([a], [b]) => a - b)
    .flatMap(([wave, all]): BulkLine[] => {
      const passing = all.filter(
        (member) =>
          shown === 'all' ||
          (shown === 'problems'
            ? isProblem(member)
            : member.status === 'running' || member.status === 'queued'),
      );
      if (passing.length === 0) return [];
      return [
        { kind: 'wave', key: `wave ${wave}`, wave, members: all },
        ...passing.flatMap((member): BulkLine[] => {
          const line: BulkLine = { kind: 'member', key: member.machineId, member };
          return member.error === null
            ? [line]
            : [line, { kind: 'error', key: `${member.machineId} error`, member }];
        }),
      ];
    });
}
