import type { FleetRow, MachineState, RebootDetail } from '../../../shared/contract/models.ts';
import type { ExecutionStatus } from '../../../shared/domain/unions.ts';
import { isContactable } from '../fleet/status.ts';

/** Whether a reboot can be asked for: the host key is approved and nothing runs there. */
export const isRebootable = (row: FleetRow): boolean => isContactable(row) && row.state.runningJobId === null;

/** Why a machine wants a reboot, in pieces that the catalogue words. */
export interface RebootWhy {
  /** `unasked`: nothing asks for it; `unknown`: nobody knows; `asked`: it is asked for. */
  need: 'asked' | 'unasked' | 'unknown';
  reasons: readonly string[];
  kernels: { running: string; newest: string } | null;
  packages: readonly string[];
  files: readonly string[];
}

export function whyReboot(state: Pick<MachineState, 'rebootRequired' | 'rebootEvidence'>): RebootWhy {
  const { rebootRequired: required, rebootEvidence: evidence } = state;
  const need = required === null ? 'unknown' : required ? 'asked' : 'unasked';
  if (need !== 'asked' || !evidence) return { need, reasons: [], kernels: null, packages: [], files: [] };
  const { runningKernel: running, newestKernel: newest } = evidence;
  return {
    need,
    reasons: evidence.reasons,
    kernels: running !== null && newest !== null && running !== newest ? { running, newest } : null,
    packages: evidence.packages,
    files: evidence.files,
  };
}

export type RebootPhase = 'prepare' | 'going_down' | 'waiting' | 'back' | 'ended';

/** Where a reboot stands, from what has been seen of it. */
export function rebootPhase(reboot: RebootDetail, status: ExecutionStatus): RebootPhase {
  if (status !== 'running') return 'ended';
  if (reboot.cameBackAt !== null) return 'back';
  if (reboot.wentDownAt !== null) return 'waiting';
  return reboot.requestedAt === null ? 'prepare' : 'going_down';
}

/** Milliseconds from the command to the return, or until now; null before the command. */
export function rebootElapsedMs(reboot: RebootDetail, status: ExecutionStatus, nowMs: number): number | null {
  if (reboot.requestedAt === null) return null;
  const begunMs = Date.parse(reboot.requestedAt);
  if (status === 'running') {
    const end = reboot.cameBackAt === null ? nowMs : Date.parse(reboot.cameBackAt);
    return Math.max(0, end - begunMs);
  }
  if (reboot.cameBackAt !== null) return Math.max(0, Date.parse(reboot.cameBackAt) - begunMs);
  return reboot.waitedSeconds === null ? null : reboot.waitedSeconds * 1000;
}
