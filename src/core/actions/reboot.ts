import { AppError } from '../../shared/domain/errors.ts';
import type { ActionDeps } from './deps.ts';
import type { RebootAction } from './reboot-live.ts';
import { carryOutReboot, resumeReboot } from './reboot-run.ts';
import type { Action } from './types.ts';

/**
 * `reboot`: sends the command and reports that SSH went away, which proves no return. `reboot_verified`: waits until a new
 * boot id proves it. Neither is repeated: after a crash of the application the boot id tells what became of it. Cancelling
 * stops the waiting, never the machine.
 */
export function rebootAction(deps: ActionDeps, action: RebootAction): Action {
  return {
    idempotent: false,
    lockKind: 'reboot',
    validate(machineId, { waitSeconds, foresee }) {
      const { username, sudoMode, name } = deps.directory.target(machineId);
      if (username !== 'root' && sudoMode === 'none') {
        throw new AppError('sudo_not_allowed', 'A reboot needs root, and this machine has no sudo set', {
          machineId,
          name,
        });
      }
      return { ...(waitSeconds !== undefined && { waitSeconds }), ...(foresee !== undefined && { foresee }) };
    },
    run: (job) => carryOutReboot(deps, job, action),
    resume: (job) => resumeReboot(deps, job, action),
  };
}
