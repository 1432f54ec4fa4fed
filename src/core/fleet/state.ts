import { eq } from 'drizzle-orm';
import { AppError } from '../../shared/domain/errors.ts';
import type { MachineStatus } from '../../shared/domain/unions.ts';
import { isoNow, type CoreContext } from '../context.ts';
import { machines, machineState } from '../db/schema/index.ts';

type Ctx = Pick<CoreContext, 'database' | 'now'>;
type StateRow = typeof machineState.$inferInsert;
export type StatePatch = Partial<Omit<StateRow, 'machineId' | 'updatedAt'>>;

/** Changes what a machine's tile shows; call it inside the transaction of the fact it shows, publish afterwards. */
export function patchState(context: Ctx, machineId: string, patch: StatePatch): void {
  context.database.db
    .insert(machineState)
    .values({ machineId, status: 'unknown', ...patch, updatedAt: isoNow(context) })
    .onConflictDoUpdate({ target: machineState.machineId, set: { ...patch, updatedAt: isoNow(context) } })
    .run();
}

/** The host answered: it is online and was seen now. */
export function markSeen(context: Ctx, machineId: string): void {
  const now = isoNow(context);
  context.database.db
    .update(machines)
    .set({ status: 'online', lastSeenAt: now })
    .where(eq(machines.id, machineId))
    .run();
  patchState(context, machineId, { status: 'online', checkedAt: now });
}

/** Contact failed: the machine's status follows from the kind, and the tile shows the error with its remedy. */
export function markFailed(context: Ctx, machineId: string, error: AppError): void {
  const status = statusAfter(error);
  if (status !== null) {
    context.database.db.update(machines).set({ status }).where(eq(machines.id, machineId)).run();
  }
  patchState(context, machineId, { ...(status !== null && { status }), ...errorColumns(error) });
}

export function errorColumns(error: AppError): StatePatch {
  return {
    lastErrorKind: error.code,
    lastErrorMessage: error.message,
    lastErrorDataJson: JSON.stringify(error.data),
  };
}

export const noError: StatePatch = { lastErrorKind: null, lastErrorMessage: null, lastErrorDataJson: null };

/** The host answered: what its tile says of failed contact, or of an answer that could not be read, is over. */
export function clearContactError(context: Pick<CoreContext, 'database' | 'now'>, machineId: string): void {
  const row = context.database.db
    .select({ kind: machineState.lastErrorKind })
    .from(machineState)
    .where(eq(machineState.machineId, machineId))
    .get();
  const kind = row?.kind ?? null;
  if (kind === null) return;
  if (statusAfter(new AppError(kind, '')) !== null || kind.startsWith('output_')) {
    patchState(context, machineId, noError);
  }
}

/** What a failure says about the machine itself; null = nothing (the fault is ours or the action's). */
export function statusAfter(error: AppError): MachineStatus | null {
  switch (error.code) {
    case 'ssh_unreachable':
    case 'ssh_name_unresolved':
    case 'ssh_connection_refused':
    case 'ssh_timeout':
    case 'ssh_connection_lost':
    case 'ssh_jump_failed':
      return 'unreachable';
    case 'ssh_host_key_unknown':
    case 'ssh_host_key_changed':
    case 'ssh_host_key_rejected':
      return 'blocked';
    case 'ssh_auth_failed':
    case 'ssh_key_unreadable':
    case 'ssh_key_passphrase_wrong':
    case 'ssh_agent_unavailable':
    case 'ssh_algorithm_mismatch':
    case 'ssh_channel_refused':
    case 'sudo_password_wrong':
    case 'sudo_password_missing':
    case 'sudo_not_allowed':
    case 'sudo_missing':
      return 'error';
    default:
      return null;
  }
}
