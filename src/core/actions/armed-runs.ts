import type { RunStep } from '../../shared/contract/models.ts';
import { AppError, toAppError } from '../../shared/domain/errors.ts';
import type { StartableAction } from '../../shared/domain/unions.ts';
import {
  armedById,
  askAfterDue,
  beginOf,
  dropArmed,
  insertArmed,
  liveArmedOf,
  markUnknown,
  moveArmed,
  type ArmedRow,
} from '../armed/index.ts';
import { writeDataFile, type WrittenFile } from '../artifacts/index.ts';
import { fromJson, isoNow } from '../context.ts';
import { newId } from '../db/ids.ts';
import { recordEvent } from '../events/index.ts';
import { insertExecution, noPlan, type ImportantJson } from '../executions/index.ts';
import { renderTemplate } from '../templates/render.ts';
import type { ChangeSpec } from './change-run.ts';
import type { ActionDeps } from './deps.ts';
import { nonceOf } from './run-nonce.ts';
import { storeScript } from './run-records.ts';
import { startSteps } from './run-steps.ts';

/** What an armed run becomes an execution of; kept until it is known whether it ran. */
interface Begin {
  readonly important: ImportantJson;
  readonly steps: readonly RunStep[];
  readonly script: WrittenFile;
}

export interface ArmOrder {
  readonly scheduleId: string;
  readonly machineId: string;
  readonly action: StartableAction;
  readonly spec: ChangeSpec;
  readonly dueAt: Date;
  readonly expiresAt: Date;
}

/**
 * Hands a change of packages to its host as a timer, bound to the plan of `spec`. The row stands before anything is sent;
 * when the link is lost midway it stays `arming`, and the host is asked soon.
 * @throws AppError systemd_missing, ssh_*, sudo_*, disk_full, conflict (armed for this moment already)
 */
export async function armRun(deps: ActionDeps, order: ArmOrder): Promise<void> {
  const { context } = deps;
  const { machineId, scheduleId, spec } = order;
  const executionId = newId();
  const { script } = renderTemplate(deps.templatesDir, spec.template, {
    ...spec.variables,
    nonce: nonceOf(executionId),
  });
  const file = await writeDataFile(context, `artifacts/${executionId}.sh`, script);
  const begin: Begin = {
    important: spec.plan
      ? { planned: spec.plan.planned, planMode: spec.plan.mode, words: spec.plan.words }
      : noPlan,
    steps: startSteps(spec.steps),
    script: file,
  };
  const dueAt = order.dueAt.toISOString();
  context.database.tx(() => {
    if (liveArmedOf(context, machineId).some((row) => row.scheduleId === scheduleId && row.dueAt === dueAt)) {
      throw new AppError('conflict', 'The machine is armed for this moment already', { machineId });
    }
    insertArmed(context, {
      id: executionId,
      scheduleId,
      machineId,
      action: order.action,
      dueAt,
      expiresAt: order.expiresAt.toISOString(),
      planHash: spec.plan?.planHash ?? null,
      beginJson: JSON.stringify(begin),
      packages: spec.plan?.planned.length ?? 0,
    });
  });
  const request = { machineId, executionId, script, dueAt: order.dueAt, expiresAt: order.expiresAt };
  try {
    await deps.armed.arm(request);
  } catch (thrown) {
    const error = toAppError(thrown);
    // Only what the host itself said is certain; after a lost link it may be armed.
    if (certain.has(error.code)) dropArmed(context, executionId);
    else markUnknown(context, executionId);
    context.bus.publish('schedule.changed', { scheduleId });
    throw error;
  }
  const row = armedById(context, executionId);
  settle(
    deps,
    row,
    'armed',
    'schedule.armed',
    'info',
    { packages: row.packages },
    { askAt: askAfterDue(dueAt) },
  );
}

const certain: ReadonlySet<string> = new Set([
  'systemd_missing',
  'disk_full',
  'read_only_filesystem',
  'not_allowed',
  'unknown',
  'invalid_input',
  'vault_locked',
  'vault_not_set_up',
  'ssh_unreachable',
  'ssh_name_unresolved',
  'ssh_connection_refused',
  'ssh_auth_failed',
  'ssh_host_key_unknown',
  'ssh_host_key_changed',
  'ssh_host_key_rejected',
  'sudo_password_wrong',
  'sudo_password_missing',
  'sudo_not_allowed',
  'sudo_missing',
]);

type Settled = Parameters<typeof moveArmed>[2];

/** Moves an armed row and tells of it, in one transaction; nothing when it was settled meanwhile. */
function settle(
  deps: ActionDeps,
  row: ArmedRow,
  status: Settled,
  eventType: string,
  severity: 'info' | 'warning',
  data: Record<string, unknown> = {},
  patch: Parameters<typeof moveArmed>[3] = {},
  also: () => void = () => undefined,
): void {
  const { context } = deps;
  context.database.tx(() => {
    if (!moveArmed(context, row.id, status, patch)) return;
    also();
    recordEvent(context, {
      machineId: row.machineId,
      eventType,
      severity,
      actorType: 'schedule',
      message: `${row.action}, armed for ${row.dueAt}: ${status}.`,
      data: { action: row.action, dueAt: row.dueAt, scheduleId: row.scheduleId, ...data },
    });
  });
  context.bus.publish('schedule.changed', { scheduleId: row.scheduleId });
}

/** Takes armed work back. `started`: it has begun, and is collected at the next contact. @throws AppError as exec does */
export async function revokeArmed(
  deps: ActionDeps,
  id: string,
): Promise<'revoked' | 'started' | 'not_there'> {
  const { context } = deps;
  const row = armedById(context, id);
  // Stored first: a wish that the host could not be told yet is carried out at the next contact.
  if (!context.database.tx(() => moveArmed(context, id, 'revoking', { askAt: null }))) {
    throw new AppError('conflict', 'It is not armed any more', { id });
  }
  context.bus.publish('schedule.changed', { scheduleId: row.scheduleId });
  try {
    return await revokeNow(deps, row);
  } catch (error) {
    markUnknown(context, id);
    context.bus.publish('schedule.changed', { scheduleId: row.scheduleId });
    throw error;
  }
}

async function revokeNow(deps: ActionDeps, row: ArmedRow): Promise<'revoked' | 'started' | 'not_there'> {
  const answer = await deps.armed.revoke(row.machineId, row.id);
  if (answer === 'started') {
    takeUp(deps, row, null);
    return 'started';
  }
  settle(deps, row, 'revoked', 'schedule.revoked', 'info');
  return answer === 'absent' ? 'not_there' : 'revoked';
}

/**
 * Asks a machine what became of the work that was handed to it, before anything new is done there. What has begun becomes a run
 * that is left to be collected (left-runs.ts does that, to its end); what will never begin is told as not run.
 */
export async function collectArmed(deps: ActionDeps, machineId: string): Promise<void> {
  for (const row of liveArmedOf(deps.context, machineId)) {
    // It is on its way there, or back, this very moment: who does that finds out.
    if (row.status !== 'armed' && row.askAt === null) continue;
    const state = await deps.armed.inspect(machineId, row.id);
    switch (state.kind) {
      case 'waiting':
        if (row.status === 'revoking') await revokeNow(deps, row);
        else if (row.status === 'arming') {
          const patch = { askAt: askAfterDue(row.dueAt), asks: 0 };
          settle(deps, row, 'armed', 'schedule.armed', 'info', { packages: row.packages }, patch);
        }
        break;
      case 'claimed':
        takeUp(deps, row, state.startedAt);
        break;
      case 'expired':
        settle(deps, row, 'expired', 'schedule.expired', 'warning');
        await deps.remote.remove(machineId, row.id);
        break;
      case 'rebooted':
      case 'timer_gone':
      case 'absent': {
        if (row.status === 'arming' && state.kind === 'absent') {
          tellNotArmed(deps, row);
          break;
        }
        const reason = state.kind === 'absent' ? 'removed' : state.kind;
        if (row.status === 'revoking') settle(deps, row, 'revoked', 'schedule.revoked', 'info');
        else {
          const patch = { notRunReason: reason } as const;
          settle(deps, row, 'not_run', 'schedule.not_run', 'warning', { reason }, patch);
        }
        if (state.kind !== 'absent') await deps.remote.remove(machineId, row.id);
        break;
      }
    }
  }
}

/** What was lost on its way there: the machine is an ordinary one of its run again. */
function tellNotArmed({ context }: ActionDeps, row: ArmedRow): void {
  context.database.tx(() => {
    dropArmed(context, row.id);
    recordEvent(context, {
      machineId: row.machineId,
      eventType: 'schedule.not_armed',
      severity: 'warning',
      actorType: 'schedule',
      message: `${row.action} for ${row.dueAt} never reached the host: it is not armed.`,
      data: { action: row.action, dueAt: row.dueAt, scheduleId: row.scheduleId },
    });
  });
  context.bus.publish('schedule.changed', { scheduleId: row.scheduleId });
}

/** Row, script and execution in one transaction: exactly once, whatever happens in between. */
function takeUp(deps: ActionDeps, row: ArmedRow, startedAt: string | null): void {
  const { context } = deps;
  const begin = fromJson<Begin | null>(beginOf(context, row.id), null);
  if (begin === null) throw new AppError('internal', 'An armed run has lost what it begins with');
  const at = startedAt === null ? isoNow(context) : new Date(startedAt).toISOString();
  settle(deps, row, 'taken_up', 'schedule.taken_up', 'info', {}, {}, () => {
    storeScript(context, row.machineId, row.id, begin.script);
    insertExecution(context, {
      id: row.id,
      machineId: row.machineId,
      action: row.action,
      mode: 'scheduled',
      startedAt: at,
      // As a run that we had to stop following: it is collected like one, also after a crash in between.
      status: 'interrupted',
      importantJson: JSON.stringify(begin.important),
      rawLogPath: `runs/${row.id}.log`,
      stepsJson: JSON.stringify(begin.steps),
      remoteState: 'launched',
      planHash: row.planHash,
    });
  });
  context.bus.publish('execution.changed', { executionId: row.id });
}
