import { and, eq, sql } from 'drizzle-orm';
import type { ScheduleRunMachine } from '../../shared/contract/schedules.ts';
import type { AppError, ErrorData } from '../../shared/domain/errors.ts';
import { isFinalStatus } from '../../shared/domain/job-moves.ts';
import type {
  JobStatus,
  RequestStatus,
  ScheduleMachineState,
  ScheduleStepState,
} from '../../shared/domain/unions.ts';
import { fromJson, type CoreContext } from '../context.ts';
import { actionRequests, jobs, machines, scheduleRunMachines, scheduleRunSteps } from '../db/schema/index.ts';

type Ctx = Pick<CoreContext, 'database'>;
type MemberRow = typeof scheduleRunMachines.$inferSelect;

/** A step has its own job, or that of the request which a person has approved. */
const jobOfStep = eq(jobs.id, sql`coalesce(${scheduleRunSteps.jobId}, ${actionRequests.jobId})`);

export function insertMembers(
  context: Ctx,
  runId: string,
  members: readonly Pick<MemberRow, 'machineId' | 'wave' | 'state' | 'leftReason'>[],
): void {
  for (const [position, member] of members.entries()) {
    context.database.db
      .insert(scheduleRunMachines)
      .values({ runId, position, ...member })
      .run();
  }
}

/** A machine of a run as it is being worked on; `step` and `state` are changed and stored by who holds it. */
export interface Member {
  readonly machineId: string;
  readonly wave: number;
  state: ScheduleMachineState;
  leftReason: MemberRow['leftReason'];
  step: number;
  /** Of the step's job that has not ended. */
  openJob: { readonly id: string; readonly status: JobStatus } | null;
  /** Of the present step's job, when that has ended. */
  ended: JobStatus | null;
  /** What a person is asked about the present step. */
  request: { readonly id: string; readonly status: RequestStatus } | null;
  /** A person has approved a step of it in this run. */
  isApproved: boolean;
  hasWarning: boolean;
}

/** The machines of a run in their order. */
export function membersOf(context: Ctx, runId: string): Member[] {
  const { db } = context.database;
  const members = db
    .select()
    .from(scheduleRunMachines)
    .where(eq(scheduleRunMachines.runId, runId))
    .all()
    .sort((a, b) => a.position - b.position)
    .map(({ machineId, wave, state, leftReason, step }): Member => ({
      machineId,
      wave,
      state,
      leftReason,
      step,
      openJob: null,
      ended: null,
      request: null,
      isApproved: false,
      hasWarning: false,
    }));
  const of = new Map(members.map((member) => [member.machineId, member]));
  const steps = db
    .select({
      machineId: scheduleRunSteps.machineId,
      step: scheduleRunSteps.step,
      jobId: jobs.id,
      status: jobs.status,
      requestId: actionRequests.id,
      requestStatus: actionRequests.status,
    })
    .from(scheduleRunSteps)
    .leftJoin(actionRequests, eq(actionRequests.id, scheduleRunSteps.requestId))
    .leftJoin(jobs, jobOfStep)
    .where(eq(scheduleRunSteps.runId, runId))
    .all();
  for (const { machineId, step, jobId, status, requestId, requestStatus } of steps) {
    const member = of.get(machineId);
    if (!member) continue;
    if (status === 'warning') member.hasWarning = true;
    if (requestStatus === 'approved' || requestStatus === 'executed') member.isApproved = true;
    if (step !== member.step) continue;
    if (requestId !== null && requestStatus !== null) {
      member.request = { id: requestId, status: requestStatus };
    }
    if (jobId === null || status === null) continue;
    if (isFinalStatus(status)) member.ended = status;
    else member.openJob = { id: jobId, status };
  }
  return members;
}

export function storeMember(context: Ctx, runId: string, member: Member): void {
  const { state, leftReason, step, machineId } = member;
  context.database.db
    .update(scheduleRunMachines)
    .set({ state, leftReason, step })
    .where(and(eq(scheduleRunMachines.runId, runId), eq(scheduleRunMachines.machineId, machineId)))
    .run();
}

export function insertStep(
  context: Ctx,
  runId: string,
  { machineId, step }: Member,
  state: ScheduleStepState,
  made: { readonly jobId?: string; readonly requestId?: string; readonly error?: AppError } = {},
): void {
  const { jobId, requestId, error } = made;
  context.database.db
    .insert(scheduleRunSteps)
    .values({
      runId,
      machineId,
      step,
      state,
      jobId: jobId ?? null,
      requestId: requestId ?? null,
      errorKind: error?.code ?? null,
      errorMessage: error?.message ?? null,
      errorDataJson: error ? JSON.stringify(error.data) : null,
    })
    .run();
}

/** The machines of a run with each step that was decided, for the interface. */
export function runMachines(context: Ctx, runId: string): ScheduleRunMachine[] {
  const { db } = context.database;
  const steps = db
    .select({
      row: scheduleRunSteps,
      job: jobs,
      request: { id: actionRequests.id, status: actionRequests.status },
    })
    .from(scheduleRunSteps)
    .leftJoin(actionRequests, eq(actionRequests.id, scheduleRunSteps.requestId))
    .leftJoin(jobs, jobOfStep)
    .where(eq(scheduleRunSteps.runId, runId))
    .all()
    .sort((a, b) => a.row.step - b.row.step);
  const byMachine = Map.groupBy(steps, ({ row }) => row.machineId);
  return db
    .select({ row: scheduleRunMachines, name: machines.name })
    .from(scheduleRunMachines)
    .innerJoin(machines, eq(machines.id, scheduleRunMachines.machineId))
    .where(eq(scheduleRunMachines.runId, runId))
    .all()
    .sort((a, b) => a.row.position - b.row.position)
    .map(({ row, name }) => ({
      machineId: row.machineId,
      machineName: name,
      wave: row.wave,
      state: row.state,
      leftReason: row.leftReason,
      steps: (byMachine.get(row.machineId) ?? []).map(({ row: step, job, request }) => {
        const told = job ?? step;
        return {
          step: step.step,
          state: step.state,
          request,
          jobStatus: job?.status ?? null,
          executionId: fromJson<{ executionId?: string }>(job?.resultJson ?? null, {}).executionId ?? null,
          error: told.errorKind
            ? {
                kind: told.errorKind,
                message: told.errorMessage ?? '',
                data: fromJson<ErrorData>(told.errorDataJson, {}),
              }
            : null,
        };
      }),
    }));
}
