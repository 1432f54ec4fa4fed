import type { ScheduleLeftReason } from '../../shared/domain/unions.ts';
import type { DueArmed } from '../armed/index.ts';
import type { Requests } from '../requests/index.ts';
import type { Member } from './run-machines.ts';

type Withdrawing = Pick<Requests, 'withdraw'>;

/** What became of the request that a machine waits for. `stop`: nothing may begin any more, so that nobody has to decide. */
export function settleRequest(requests: Withdrawing, member: Member, stop: ScheduleLeftReason | null): void {
  switch (member.request?.status) {
    case 'pending':
      if (stop !== null) giveUp(requests, member, stop);
      return;
    case 'approved':
    case 'executed':
      member.state = 'active';
      return;
    case 'rejected':
      leave(member, 'rejected');
      return;
    case 'withdrawn':
      leave(member, stop ?? 'cancelled');
      return;
    default:
      leave(member, 'undecided');
  }
}

/** Takes the request of a machine back: its run goes no further there. */
export function giveUp(requests: Withdrawing, member: Member, reason: ScheduleLeftReason): void {
  if (member.request?.status === 'pending') requests.withdraw(member.request.id);
  leave(member, reason);
}

/** What became of the present step. */
export function settleStep(member: Member, stop: ScheduleLeftReason | null): void {
  const { ended } = member;
  if (ended === null) return;
  member.ended = null;
  if (ended === 'ok' || ended === 'warning') member.step++;
  else if (ended === 'cancelled') leave(member, stop ?? 'cancelled');
  else member.state = 'error';
}

/** What became of the work that its host was handed. */
export function settleArmed(member: Member, armed: DueArmed | undefined): void {
  switch (armed?.row.status) {
    case 'arming':
    case 'armed':
    case 'revoking':
      return;
    case 'taken_up':
      if (armed.outcome === null) return;
      if (armed.outcome === 'ok' || armed.outcome === 'warning') member.state = armed.outcome;
      else if (armed.outcome === 'cancelled') leave(member, 'cancelled');
      else member.state = 'error';
      return;
    case 'expired':
      leave(member, 'expired');
      return;
    case 'revoked':
      leave(member, 'cancelled');
      return;
    default:
      leave(member, 'not_run');
  }
}

export function leave(member: Member, reason: ScheduleLeftReason): void {
  member.state = 'left';
  member.leftReason = reason;
}
