import type { ScheduleStep } from '../../shared/contract/schedules.ts';
import type { BulkFailureRule, RequesterType, StartableAction } from '../../shared/domain/unions.ts';
import type { WaveRule } from '../../shared/domain/waves.ts';
import type { ActionOptions } from '../actions/types.ts';
import type { Counted } from './plans.ts';
import type { RequestRow } from './store.ts';

/** How a request is carried out beyond its action and machines. */
export interface Manner {
  readonly options: ActionOptions;
  readonly wave: WaveRule;
  readonly concurrency: number;
  readonly onFailure: BulkFailureRule;
}

/** The run of a schedule that asks about one machine. */
export interface AskingSchedule {
  readonly id: string;
  readonly runId: string;
  /** Its rule, which holds for a plan that the request is bound to later as well. */
  readonly allowRemovals: boolean;
  /** Steps without a plan of their own that come after it and are approved with it. */
  readonly further: readonly ScheduleStep[];
}

export interface NewRequest extends Manner {
  readonly action: StartableAction;
  readonly machineIds: readonly string[];
  readonly requestedBy: RequesterType;
  /** A surface, or what names the schedule or the agent. */
  readonly requestedFrom: string;
  readonly note?: string | undefined;
  readonly expiresInHours: number;
  /** ISO 8601 UTC; it expires then at the latest. */
  readonly notAfter?: string | null;
  readonly schedule?: AskingSchedule;
}

/** What the row holds as JSON. */
export interface Payload extends Counted {
  readonly manner: Manner;
  readonly boundAt: string;
  readonly schedule?: AskingSchedule;
}

export const payloadOf = (row: Pick<RequestRow, 'payloadJson'>): Payload =>
  JSON.parse(row.payloadJson ?? '{}') as Payload;
export const actionOf = (row: RequestRow): StartableAction => row.action as StartableAction;
