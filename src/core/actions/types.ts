import type { AppError } from '../../shared/domain/errors.ts';
import type {
  ConffilePolicy,
  ExecutionMode,
  PlanSelection,
  StartableAction,
} from '../../shared/domain/unions.ts';
import type { StoredPlan } from '../plans/index.ts';

export interface ActionOptions {
  /** `reboot_verified`: the limit of the wait; without it the learned one. */
  readonly waitSeconds?: number | undefined;
  readonly planHash?: string | undefined;
  readonly conffiles?: ConffilePolicy | undefined;
  /** A change of packages that lives in its SSH session, not as a unit of its own. */
  readonly attached?: boolean | undefined;
  /** An upgrade: of its plan the security updates alone, with what they need. */
  readonly security?: boolean | undefined;
  /** What later work wants to be simulated as well whenever the machine is looked at. */
  readonly foresee?: readonly PlanSelection[] | undefined;
}

/** A job as its action sees it. */
export interface ActionJob {
  readonly jobId: string;
  readonly machineId: string;
  readonly options: ActionOptions;
  /** How it came about; a person's doing where nothing is said. */
  readonly mode?: ExecutionMode;
  /** Aborts when the application closes (reason `closing`) or when the job is cancelled (reason `cancel`). */
  readonly signal: AbortSignal;
  /** Tells the tile what happens; `percent` only where the host gives a true one. */
  progress(step: string, percent: number | null): void;
  /** Stores which run or snapshot this job makes, so that it can be found after a crash. */
  remember(made: { executionId?: string; snapshotId?: string }): void;
}

export interface ActionOutcome {
  readonly status: 'ok' | 'warning' | 'error' | 'cancelled';
  readonly error?: AppError;
}

export type CancelOutcome = 'cancelled' | 'requested' | 'refused_dpkg_running';

export interface Action {
  /** Running it again does no harm: it may be queued again when it is found running after a crash. */
  readonly idempotent: boolean;
  readonly lockKind: 'apt' | 'docker' | 'post_install' | 'reboot' | 'exclusive';
  /** Checked before the job is stored, so that a person is told at once. @throws AppError */
  validate(machineId: string, options: ActionOptions): ActionOptions;
  /**
   * The plan that these options are bound to; without a hash the newest. Null: the action has no plan.
   * @throws AppError conflict (never analysed), apt_plan_changed (there is no such plan any more)
   */
  plan?(machineId: string, options: ActionOptions): StoredPlan | null;
  /**
   * Asks the machine now for the plan that these options would be bound to, where no look has brought it.
   * @throws AppError as `simulatePlan`
   */
  foresee?(machineId: string, options: ActionOptions): Promise<void>;
  run(job: ActionJob): Promise<ActionOutcome>;
  /** Takes up a job found running at start. Only for actions that are not idempotent. */
  resume?(job: ActionJob): Promise<ActionOutcome>;
  /** Asks a running job to stop where that is safe. Without it, the signal is aborted. */
  cancel?(jobId: string, machineId: string): Promise<CancelOutcome>;
}

export type Actions = Record<StartableAction, Action>;
